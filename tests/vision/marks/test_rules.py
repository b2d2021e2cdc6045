"""Lines that were printed or drawn are erased, and letters stay whole."""

from __future__ import annotations

import numpy as np
import pytest
from scipy import ndimage

from app.vision.marks.lines import open_horizontally, packed_horizontally
from app.vision.marks.rules import _LONG, find_rules, shorter_than
from tests.vision.conftest import write_page

STROKE_PX = 3


def _erase(binary):
    """Return what is left, and whether anything was erased."""
    rules = find_rules(binary, STROKE_PX)[0]
    return binary & ~rules, rules.any()


def _letters(text):
    """Ink (H, W) of a row in a pen of the usual width, and the pixel row on which it stands."""
    page = write_page([text], height_px=36)
    return page.grey < 128, max(box.bottom for box in page.boxes[0])


def _loop_open_horizontally(binary, length, grown):
    opened = np.zeros_like(binary)
    for row, start in np.ndindex(binary.shape):
        if start + length <= binary.shape[1] and binary[row, start : start + length].all():
            opened[row, max(0, start - grown) : start + length + grown] = True
    return opened


@pytest.mark.parametrize("length", [1, 2, 3, 5, 12, 17, 18])
@pytest.mark.parametrize("density", [0.5, 0.9, 1.0])
@pytest.mark.parametrize("grown", [0, 1, 20])
@pytest.mark.parametrize("turned", [False, True])
def test_runs_agree_with_their_loop_written_twin(length, density, grown, turned, rng):
    binary = rng.random((12, 17)) < density
    binary = binary.T if turned else binary
    expected = _loop_open_horizontally(binary, length, grown)
    np.testing.assert_array_equal(open_horizontally(binary, length, grown), expected)


@pytest.mark.parametrize("turned", [False, True])
def test_a_row_is_packed_alike_however_it_lies_in_memory(turned, rng):
    binary = rng.random((12, 17)) < 0.5
    binary = binary.T if turned else binary
    np.testing.assert_array_equal(packed_horizontally(binary), np.packbits(binary, axis=1))


def test_runs_of_a_typed_row():
    binary = np.array([[1, 1, 0, 1, 0, 0, 1, 1, 1]], bool)
    assert open_horizontally(binary, 2).astype(int).tolist() == [[1, 1, 0, 0, 0, 0, 1, 1, 1]]


@pytest.mark.parametrize("turned", [False, True], ids=["level", "upright"])
@pytest.mark.parametrize("thickness", [1, 3, 5])
def test_a_line_alone_is_erased_wholly(thickness, turned):
    page = np.zeros((40, 200), bool)
    page[20 : 20 + thickness, 10:180] = True
    left, erased = _erase(page.T if turned else page)
    assert erased
    assert not left.any()


@pytest.mark.parametrize("length, erased", [(_LONG - 1, False), (_LONG, True)])
def test_a_line_is_what_is_longer_than_any_part_of_a_letter(length, erased):
    page = np.zeros((20, 120), bool)
    page[8:11, 20 : 20 + round(length * STROKE_PX)] = True
    left, told = _erase(page)
    assert told == erased
    assert left.any() != erased


@pytest.mark.parametrize("slope", [0.01, -0.02, 0.03])
def test_a_line_that_slopes_a_little_is_erased(slope):
    page = np.zeros((60, 600), bool)
    columns = np.arange(20, 580)
    for thickness in range(3):
        page[np.rint(30 + slope * (columns - 300)).astype(int) + thickness, columns] = True
    left, _ = _erase(page)
    assert left.sum() < 0.05 * page.sum()


def test_a_torn_line_is_erased_with_its_shreds():
    page = np.zeros((30, 200), bool)
    page[15:18, 10:120] = True
    page[15:18, 124:131] = True  # torn off, shorter than a line
    assert not _erase(page)[0].any()


def test_letters_that_stand_on_an_underline_stay_whole():
    letters, foot = _letters("FORM 27B")
    page = letters.copy()
    page[foot - 1 : foot + 2, 4:-4] = True
    left, erased = _erase(page)
    assert erased
    assert (left & letters)[: foot - 1].sum() > 0.995 * letters[: foot - 1].sum()  # all ink above the line,
    assert left[foot - 1 :].sum() < 0.4 * page[foot - 1 :].sum()  # and of the line only where letters touch it
    _, count = ndimage.label(left, np.ones((3, 3)))
    assert count == ndimage.label(letters, np.ones((3, 3)))[1]


def test_letters_that_an_underline_crosses_stay_whole():
    letters, _ = _letters("gypjq")
    baseline = write_page(["x"], height_px=36).boxes[0][0].bottom
    page = letters.copy()
    page[baseline : baseline + 2, 2:-2] = True
    left, erased = _erase(page)
    assert erased
    assert (left & letters).sum() > 0.97 * letters.sum()
    assert (left & ~letters).sum() < 0.2 * (page & ~letters).sum()


def test_a_frame_around_a_letter_goes_and_the_letter_stays():
    page = np.zeros((120, 120), bool)
    page[[5, 6, 113, 114], 5:115] = True
    page[5:115, [5, 6, 113, 114]] = True
    page[40:80, 55:59] = True
    left, _ = _erase(page)
    assert left[40:80, 55:59].all()
    assert left.sum() < 40 * 4 + 20  # a few pixels of the corners, no more


def _box(letters, room, thickness=2):
    """Ink of a letter or a word with a box close around it, and which of it is the box's alone."""
    y, x = np.nonzero(letters)
    top, left, bottom, right = y.min() - room, x.min() - room, y.max() + room, x.max() + room
    box = np.zeros_like(letters)
    box[top : top + thickness, left : right + 1] = box[bottom - thickness + 1 : bottom + 1, left : right + 1] = True
    box[top : bottom + 1, left : left + thickness] = box[top : bottom + 1, right - thickness + 1 : right + 1] = True
    return letters | box, box & ~letters


@pytest.mark.parametrize("room", [7, 4], ids=["free", "close"])
def test_the_sides_of_a_box_go_though_they_are_no_longer_than_letters(room):
    letters, _ = _letters("CALL IF BACK")
    page, box = _box(letters, room)
    left, _ = _erase(page)
    assert (left & letters).sum() > 0.98 * letters.sum()
    assert (left & box).sum() < 0.06 * box.sum()


@pytest.mark.parametrize("lean", [-7, -3, 4, 8])
def test_the_sides_of_a_box_go_though_they_lean(lean):
    page = np.zeros((120, 300), bool)
    rows = np.arange(20, 72)
    page[[20, 21, 70, 71], 30:200] = True
    for x in (30, 198):
        at = x + np.rint(lean * (rows - 20) / 51).astype(int)
        page[rows, at] = page[rows, at + 1] = True
    left, _ = _erase(page)
    assert left.sum() < 0.01 * page.sum()


def test_the_edge_of_a_black_square_is_no_side():
    page = np.zeros((120, 300), bool)
    page[[20, 21, 70, 71], 30:200] = page[20:72, 30:70] = True
    left, _ = _erase(page)
    assert left[24:68, 31:69].all()


@pytest.mark.parametrize("height", [71, 72, 73])
def test_the_sides_of_a_box_go_though_the_image_ends_with_it(height):
    page = np.zeros((height, 300), bool)
    page[[20, 21, 69, 70], 30:200] = page[20:71, [30, 31, 198, 199]] = True
    assert not _erase(page)[0].any()


def test_the_sides_of_a_box_go_if_its_top_and_bottom_were_cleared_as_ruling():
    page = np.zeros((120, 300), bool)
    page[[20, 21, 70, 71], 20:200] = True
    cleared = page.copy()
    cleared[100, 20:200] = cleared[110, :] = True
    page[20:72, [20, 21, 198, 199]] = True
    left = page & ~cleared & ~find_rules(page & ~cleared, STROKE_PX, cleared)[0]
    assert not left.any()


def test_the_sides_of_a_box_that_was_drawn_on_squares_go_once_these_are_cleared():
    page, cleared = np.zeros((2, 120, 300), bool)
    cleared[::15] = cleared[:, ::15] = True
    page[[20, 21, 70, 71], 20:200] = page[20:72, [20, 21, 198, 199]] = True
    cleared &= ~page  # darker than they are, it stays
    left = page & ~find_rules(page, STROKE_PX, cleared)[0]
    assert left.sum() < 0.05 * page.sum()


def test_a_stem_between_upright_lines_that_were_cleared_is_no_side():
    page, cleared = np.zeros((2, 120, 100), bool)
    cleared[:40, 30:40] = cleared[80:, 30:40] = True
    page[40:80, 30:33] = True
    assert not find_rules(page, STROKE_PX, cleared)[0].any()


def test_a_stem_between_two_rules_is_no_side():
    page = np.zeros((100, 400), bool)
    page[[20, 21, 70, 71], 4:-4] = True
    page[22:70, 200:203] = True
    left, _ = _erase(page)
    assert left[22:70, 200:203].all()


def test_lines_are_as_long_as_what_they_touch():
    lines = np.zeros((60, 300), bool)
    lines[10, 5:80] = True
    lines[30, 5:120] = lines[30, 124:290] = True  # a letter crosses it
    short = shorter_than(lines, 100, STROKE_PX)
    assert short[10].sum() == 75
    assert not short[30].any()


def test_graph_paper_that_is_turned_a_little_is_erased(rng):
    """Thin lines at this slope are staircases of runs too short to be a line each; they join when they are grown."""
    rows, columns = np.mgrid[:400, :400]
    page = ((rows + 0.03 * columns) % 50 < 2) | ((columns - 0.03 * rows) % 50 < 2)
    left, erased = _erase(page)
    assert erased
    assert left.sum() < 0.05 * page.sum()


@pytest.mark.parametrize("text", ["TEETH", "HELL", "ZZZ", "-=+_", "EFTLH"])
def test_no_bar_of_a_letter_is_erased(text):
    letters, _ = _letters(text)
    left, erased = _erase(letters)
    assert not erased
    np.testing.assert_array_equal(left, letters)


def test_a_page_without_ink_has_nothing_to_erase():
    left, erased = _erase(np.zeros((9, 9), bool))
    assert not erased
    assert not left.any()
