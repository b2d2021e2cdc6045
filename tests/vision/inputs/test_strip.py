"""A row of ink to the input of a row network."""

from __future__ import annotations

import numpy as np
import pytest

from app.errors import InvalidInput
from app.vision import COLUMN_PX, STRIP_HEIGHT, Strip, normalise_strip
from app.vision.ink.binarise import Levels
from app.vision.ink.components import Components
from app.vision.inputs.strip import cut_strip, joined_strips
from app.vision.writing import find_components

LEVELS = Levels(faint=60, sure=120)


def _block(shape, top, left, height, width):
    ink = np.zeros(shape, np.uint8)
    ink[top : top + height, left : left + width] = 255
    return ink


def _ink_height(strip):
    """Of the strip's ink, in pixels of the image that it was cut from."""
    return np.count_nonzero((strip.pixels > 127).any(axis=1)) / strip.scale


@pytest.mark.parametrize("height, scale", [(23, 2.0), (92, 0.5), (46, 1.0)])
def test_ink_is_scaled_to_the_height_of_the_strip_with_its_aspect_kept(height, scale):
    strip = normalise_strip(_block((300, 300), 60, 20, height, 2 * height))
    assert strip.pixels.shape == (STRIP_HEIGHT, 92)
    assert strip.pixels.dtype == np.uint8
    assert (strip.left, strip.scale) == (20, scale)
    assert (strip.pixels[3:-3, 1:-1] == 255).all()
    assert (strip.pixels[[0, -1]] < 128).all()


@pytest.mark.parametrize("width, columns", [(1, 1), (COLUMN_PX, 1), (COLUMN_PX + 1, 2), (92, 16)])
def test_a_column_that_is_begun_counts(width, columns):
    strip = Strip(np.zeros((STRIP_HEIGHT, width), np.uint8), 0, 1.0)
    assert (strip.width, strip.columns) == (width, columns)


def test_a_place_of_the_page_is_in_the_column_whose_middle_is_near_it():
    strip = Strip(np.zeros((STRIP_HEIGHT, 10 * COLUMN_PX), np.uint8), left=100, scale=2.0)
    middles = strip.middles(np.arange(10))
    assert [strip.column(x) for x in middles] == list(range(10))
    assert [strip.column(x) for x in (middles[0] - 30, middles[-1] + 30)] == [0, 9]


def test_places_of_strips_beside_each_other_are_each_in_its_own():
    def strip(width, value, left, scale):
        return Strip(np.full((STRIP_HEIGHT, width), value, np.uint8), left, scale)

    both = joined_strips([strip(60, 1, 100, 3.0), strip(30, 2, 150, 1.0)])
    middle = both.width - 30
    assert (both.pixels[:, :60] == 1).all()
    assert (both.pixels[:, 60:middle] == 0).all()
    assert (both.pixels[:, middle:] == 2).all()
    assert both.in_image(np.array([0.0, 30.0, 60.0])).tolist() == [100, 110, 120]
    assert both.in_image(middle + np.array([0.0, 20.0, 40.0])).tolist() == [150, 170, 190]
    columns = np.arange(both.columns)
    assert [both.column(x) for x in both.middles(columns)[[0, 3, -1]]] == columns[[0, 3, -1]].tolist()


def test_white_between_strips_ends_where_the_next_begins():
    strips = [Strip(np.ones((STRIP_HEIGHT, 60), np.uint8), left, 3.0) for left in (100, 121)]
    assert joined_strips(strips).in_image(np.array([59.0, 62.0, 66.0, 75.0])).max() == 121


@pytest.mark.parametrize("top, height", [(0, 20), (0, 14), (6, 14)])
def test_ink_at_the_edge_of_the_image_is_in_the_middle_of_the_strip_all_the_same(top, height):
    strip = normalise_strip(_block((20, 40), top, 5, height, 30))
    np.testing.assert_allclose(strip.pixels.astype(int), strip.pixels[::-1].astype(int), atol=1)
    assert _ink_height(strip) == pytest.approx(height, abs=1)


def test_a_row_of_nothing_but_dashes_does_not_fill_the_strip():
    dash = _block((40, 60), 18, 10, 4, 30)
    strip = normalise_strip(dash, least_height=23.0)
    assert strip.scale == 2.0
    assert np.count_nonzero((strip.pixels > 127).any(axis=1)) == 8
    assert normalise_strip(dash).scale == 46 / 4


def _with_slash(letters, slash, width):
    """A row of this many pixels in height between rows 60 and 60 + letters, and a stroke that reaches beyond it."""
    return np.maximum(_block((200, 400), 60, 20, letters, 300), _block((200, 400), 30, 330, slash, width))


def test_a_stroke_that_reaches_far_beyond_the_letters_does_not_make_them_small():
    row = _with_slash(letters=40, slash=100, width=4)
    assert normalise_strip(row).scale == pytest.approx(46 / 100)
    strip = normalise_strip(row, most_height=60)
    assert strip.scale == pytest.approx(46 / 60)
    letters = strip.pixels[:, : round(300 * strip.scale) - 1]
    assert np.count_nonzero((letters > 127).all(axis=1)) == pytest.approx(40 * strip.scale, abs=1)


def test_letters_that_reach_far_beyond_others_are_not_cut_off():
    row = _with_slash(letters=40, slash=100, width=60)
    row[30:130, 60:260] = 255
    kept = 46 / normalise_strip(row, most_height=60).scale
    assert kept == pytest.approx((1 - 2 * 0.05) * 100, abs=4)


def test_the_blurred_edge_of_ink_does_not_widen_the_strip():
    block = _block((60, 100), 20, 30, 23, 46)
    blurred = np.maximum(block, _block((60, 100), 16, 26, 31, 54) // 4)
    assert (normalise_strip(blurred).left, normalise_strip(blurred).pixels.shape) == (30, (STRIP_HEIGHT, 92))
    assert normalise_strip(blurred).scale == normalise_strip(block).scale


def test_a_row_with_too_many_columns_is_refused_before_it_is_scaled(monkeypatch):
    row = _block((60, 400), 10, 5, 23, 300)
    assert normalise_strip(row, most_columns=100).columns == 100
    monkeypatch.setattr("PIL.Image.Image.resize", None)
    with pytest.raises(InvalidInput, match="at most 594 pixels long at its normal height, got 600"):
        normalise_strip(row, most_columns=99)


@pytest.mark.parametrize("grey", [0, 70])
def test_without_ink_there_is_one_empty_pixel_of_width(grey):
    strip = normalise_strip(np.full((30, 50), grey, np.uint8))
    assert strip.pixels.shape == (STRIP_HEIGHT, 1)
    assert not strip.pixels.any()
    assert strip.columns == 1


def _cut(row, ink, slope=0.0, letter_px=20.0):
    pieces = find_components(ink, LEVELS)
    return cut_strip(np.array(row), pieces, ink, LEVELS, slope, letter_px)


@pytest.fixture
def nested():
    """A corner like an L around a block that is not joined to it; the block is the second piece."""
    ink = np.zeros((50, 80), np.uint8)
    ink[5:45, 10:18] = ink[37:45, 10:60] = 200
    ink[10:30, 30:50] = 200
    return ink


def test_ink_of_other_rows_is_left_out_though_it_lies_in_the_box(nested):
    alone, both = _cut([0], nested), _cut([0, 1], nested)
    assert alone.left == both.left == 10
    assert alone.pixels.shape == both.pixels.shape
    middle = slice(round(22 * both.scale), round(38 * both.scale))  # the block without its edge
    assert (both.pixels[12:20, middle] == 255).all()
    assert not alone.pixels[12:20, middle].any()


def test_the_place_of_a_strip_is_that_in_the_page(nested):
    strip = _cut([1], nested)
    assert strip.left == 30
    assert strip.width / strip.scale == pytest.approx(20, abs=0.5)


def test_how_dark_a_pen_writes_makes_no_difference(nested):
    dark = np.where(nested > 0, 250, 0).astype(np.uint8)
    np.testing.assert_array_equal(_cut([0, 1], dark).pixels, _cut([0, 1], nested).pixels)


def test_the_least_height_of_a_row_is_half_that_of_the_pages_letters():
    dash = _block((60, 80), 30, 10, 4, 20)
    assert _cut([0], dash, letter_px=46.0).scale == 2.0


@pytest.mark.parametrize("letter_px, height", [(40.0, 1.9 * 40), (20.0, 1.9 * 30)], ids=["page's", "a heading's own"])
def test_strokes_reach_beyond_the_letters_of_the_page_or_of_the_row(letter_px, height):
    letters = [_block((220, 300), 80, 10 + 40 * number, 30, 30) for number in range(5)]
    ink = np.maximum.reduce([*letters, _block((220, 300), 30, 220, 160, 3)])
    pieces = find_components(ink, LEVELS)
    strip = cut_strip(np.arange(len(pieces)), pieces, ink, LEVELS, 0.0, letter_px)
    assert 46 / strip.scale == pytest.approx(height, abs=1)


def _falling(count):
    """Blocks 10 pixels high, each 2 lower than the one before: a slope of 1 in 8."""
    pieces = [_block((60, 260), 10 + 2 * number, 8 + 16 * number, 10, 10) for number in range(count)]
    return np.maximum.reduce(pieces), find_components(np.maximum.reduce(pieces), LEVELS)


@pytest.mark.parametrize(
    "count, slope, least, most",
    [(12, 0.125, 9, 14), (12, 0.0, 9, 17), (3, 0.0, 12, 14), (2, 0.0, 12, 12), (3, 0.125, 9, 12)],
    ids=["the page's slope", "a long row's own", "a short row's is that of the page", "two letters tell none", "short"],
)
def test_a_row_that_falls_is_levelled(count, slope, least, most):
    ink, pieces = _falling(count)
    strip = cut_strip(np.arange(count), pieces, ink, LEVELS, slope, letter_px=10.0)
    assert least <= _ink_height(strip) <= most + 0.5
    assert strip.width / strip.scale == pytest.approx(16 * count - 6, abs=1)


def test_marks_do_not_turn_a_row():
    """A quotation mark in front and a full stop behind are no falling row."""
    pieces = [_block((60, 260), 20, 40 + 16 * number, 20, 10) for number in range(8)]
    marks = [_block((60, 260), 20, 8 + 8 * number, 3, 3) for number in range(3)]
    marks += [_block((60, 260), 37, 180 + 8 * number, 3, 3) for number in range(3)]
    ink = np.maximum.reduce(pieces + marks)
    components = find_components(ink, LEVELS)
    strip = cut_strip(np.arange(len(components)), components, ink, LEVELS, 0.0, letter_px=20.0)
    assert len(components) == 14
    assert _ink_height(strip) == pytest.approx(20, abs=0.5)


def test_a_page_is_left_as_it_is(nested):
    before = nested.copy()
    components: Components = find_components(nested, LEVELS)
    labels = components.label_image.copy()
    cut_strip(np.array([0, 1]), components, nested, LEVELS, 0.1, 20.0)
    np.testing.assert_array_equal(nested, before)
    np.testing.assert_array_equal(components.label_image, labels)
