"""Pieces of ink that hold letters of two rows are cut between them, and nothing else is."""

from __future__ import annotations

import numpy as np
import pytest

from app.vision import segment
from app.vision.ink.binarise import flatten_illumination, ink_levels
from app.vision.layout.rows import find_rows
from app.vision.layout.touching_rows import cut_between_rows
from app.vision.writing import find_components
from tests.vision.conftest import WrittenPage, write_page

TEXT = ["HANDS UP", "QUAKE FOX"]
PEN = 3


def _page(*rows, **how):
    return write_page(rows or TEXT, height_px=40, **how)


def _tail(page, upper, lower, row=0, foot=-1):
    """Draw a straight tail from a foot of one letter, the first (0) or the last, to the top of one of the next row."""
    from_box, to_box = page.boxes[row][upper], page.boxes[row + 1][lower]
    start, stop = from_box.bottom - 4, to_box.top + 4
    left = from_box.left + np.flatnonzero(page.grey[start, from_box.left : from_box.right] < 64)[foot]
    right = to_box.left + np.flatnonzero(page.grey[stop, to_box.left : to_box.right] < 64)[0]
    for y in range(start, stop):
        x = round(np.interp(y, (start, stop), (left, right)))
        page.grey[y, x : x + PEN] = 0


def _cut(page):
    """Components of a page before and after, and its ink."""
    ink = flatten_illumination(page.grey)
    components = find_components(ink, ink_levels(ink))
    return components, cut_between_rows(components, ink)


def _boxes_of_rows(components):
    return [components.boxes[row] for row in find_rows(components)[0]]


@pytest.mark.parametrize("upper, lower", [(1, 1), (2, 3), (3, 2), (4, 5)])
def test_a_tail_that_touches_the_next_row_is_cut_from_it(upper, lower):
    page = _page()
    _tail(page, upper, lower)
    before, after = _cut(page)
    assert len(before) == len(_cut(_page())[0]) - 1  # the tail joins two letters
    assert [len(row) for row in _boxes_of_rows(after)] == [len(row) for row in page.boxes]


def test_ink_that_is_cut_is_neither_lost_nor_counted_twice():
    page = _page()
    _tail(page, 2, 3)
    before, after = _cut(page)
    inked = np.isin(after.label_image, after.labels)
    np.testing.assert_array_equal(inked, np.isin(before.label_image, before.labels))
    assert after.areas.tolist() == [np.count_nonzero(after.label_image == label) for label in after.labels]
    assert all(after.mask(number)[0].any() and after.mask(number)[:, -1].any() for number in range(len(after)))
    assert len(np.unique(after.labels)) == len(after)


def test_the_components_handed_in_stay_as_they_are():
    page = _page()
    _tail(page, 2, 3)
    ink = flatten_illumination(page.grey)
    components = find_components(ink, ink_levels(ink))
    image = components.label_image.copy()
    assert len(cut_between_rows(components, ink)) == len(components) + 1
    np.testing.assert_array_equal(components.label_image, image)


def test_the_cut_is_where_the_tail_is_thinnest():
    page = _page()
    _tail(page, 2, 3)
    between = (page.boxes[0][2].bottom + page.boxes[1][3].top) // 2
    page.grey[between, np.flatnonzero(page.grey[between] < 128)[1:]] = 255  # of the tail, the only ink there
    _, after = _cut(page)
    upper, lower = _boxes_of_rows(after)
    assert upper[:, 2].max() in (between, between + 1)
    assert lower[:, 0].min() in (between, between + 1)


def test_what_touches_three_rows_is_cut_twice():
    page = _page("HANDS UP", "QUAKE FOX", "JUMPED IT")
    _tail(page, 2, 3, row=0)
    _tail(page, 3, 3, row=1)
    _, after = _cut(page)
    assert [len(row) for row in _boxes_of_rows(after)] == [len(row) for row in page.boxes]


def test_two_letters_that_one_letter_touches_are_two_pieces():
    page = _page()
    _tail(page, 2, 2, foot=0)
    _tail(page, 2, 3)
    _, after = _cut(page)
    assert [len(row) for row in _boxes_of_rows(after)] == [len(row) for row in page.boxes]


def test_rows_that_slope_are_cut_like_level_ones():
    page = _page(angle_deg=2.5)
    _tail(page, 4, 5)
    _, after = _cut(page)
    assert [len(row) for row in _boxes_of_rows(after)] == [len(row) for row in page.boxes]


def test_a_tail_that_hangs_beside_letters_of_the_next_row_stays_whole():
    page = _page()
    left = page.boxes[1][4].right + 4  # the space between two words
    page.grey[page.boxes[0][4].bottom - 3 : page.boxes[1][4].bottom - 12, left : left + PEN] = 0
    page.grey[page.boxes[0][4].bottom - 3 : page.boxes[0][4].bottom + 2, page.boxes[0][4].left : left] = 0
    before, after = _cut(page)
    assert after is before


@pytest.mark.parametrize("text", ["O", "J", "["])
def test_an_initial_or_a_bracket_as_high_as_two_rows_stays_whole(text):
    rows = _page()
    high = rows.boxes[1][0].bottom - rows.boxes[0][0].top
    capital = write_page([text], height_px=high).boxes[0][0].height  # more for a bracket
    large = write_page([text], height_px=high * high / capital)
    box = large.boxes[0][0]
    glyph = large.grey[box.top : box.bottom, box.left : box.right][:high]
    page = np.pad(rows.grey, ((0, 0), (glyph.shape[1], 0)), constant_values=255)
    page[rows.boxes[0][0].top : rows.boxes[0][0].top + glyph.shape[0], 10 : 10 + glyph.shape[1]] = glyph
    ink = flatten_illumination(page)
    components = find_components(ink, ink_levels(ink))
    assert (components.heights > 1.5 * 40).any()
    assert cut_between_rows(components, ink) is components


def test_a_page_without_tall_pieces_is_left_alone():
    before, after = _cut(_page())
    assert after is before


def test_touching_rows_of_a_page_are_read_apart():
    page = _page()
    _tail(page, 2, 3)
    rows = segment(page.grey).rows
    assert [len(row.pieces) for row in rows] == [len(row) for row in page.boxes]


def _square(grey, top, left, high=20):
    grey[top : top + high, left : left + 20] = 0
    grey[top + 3 : top + high - 3, left + 3 : left + 17] = 255


@pytest.mark.parametrize("pitch, count", [(100, 0), (26, 1)])
def test_rows_far_closer_than_the_others_are_marks_above_small_letters(pitch, count):
    grey = np.full((40 + 4 * pitch + 80, 460), 255, np.uint8)
    for top in (80, 80 + pitch, 80 + 2 * pitch, 80 + 3 * pitch):
        for left in range(20, 440, 30):
            _square(grey, top, left)
    for left in (170, 200, 230, 260):
        _square(grey, 54, left, high=16)
    grey[69:81, 219:222] = 0  # joins the second with the letter below
    before, after = _cut(WrittenPage(grey, []))
    assert len(after) - len(before) == count
