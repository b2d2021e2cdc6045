"""One glyph to the classifier's input."""

from __future__ import annotations

import numpy as np
import pytest

from app.vision import GLYPH_SIZE, normalise_glyph
from app.vision.inputs.normalise import MARGIN_PX
from tests.vision.conftest import write_page

INNER = GLYPH_SIZE - 2 * MARGIN_PX


def _letter(char, height_px=60.0):
    """The ink of one character with white around it."""
    return 255 - write_page([char], height_px=height_px).grey


def _bar(height, width, level=255):
    return np.full((height, width), level, np.uint8)


def _extent(glyph):
    """Top, left, bottom and right of what is inked at least half."""
    rows, columns = np.nonzero(glyph >= 0.5)
    return rows.min(), columns.min(), rows.max() + 1, columns.max() + 1


@pytest.mark.parametrize("char", "A1g.-_|Wm@")
def test_a_glyph_is_a_square_of_ink_from_0_to_1(char):
    glyph = normalise_glyph(_letter(char))
    assert glyph.shape == (GLYPH_SIZE, GLYPH_SIZE)
    assert glyph.dtype == np.float32
    assert glyph.min() == 0.0
    assert glyph.max() == 1.0


@pytest.mark.parametrize("char", "A1g.-_|Wm@")
def test_a_glyph_fills_its_square_up_to_the_margin_and_is_centred(char):
    glyph = normalise_glyph(_letter(char))
    top, left, bottom, right = _extent(glyph)
    assert max(bottom - top, right - left) == pytest.approx(INNER, abs=2)
    assert top + bottom == pytest.approx(GLYPH_SIZE, abs=2)
    assert left + right == pytest.approx(GLYPH_SIZE, abs=2)
    frame = glyph.copy()
    frame[MARGIN_PX:-MARGIN_PX, MARGIN_PX:-MARGIN_PX] = 0
    assert not frame.any()


@pytest.mark.parametrize("height, width", [(52, 13), (26, 52), (40, 40), (200, 2), (3, 90)])
def test_the_aspect_is_kept(height, width):
    top, left, bottom, right = _extent(normalise_glyph(_bar(height, width)))
    longer = max(height, width)
    assert bottom - top == max(1, round(INNER * height / longer))
    assert right - left == max(1, round(INNER * width / longer))


@pytest.mark.parametrize("char", "ABg8&")
def test_the_size_on_the_page_does_not_matter(char):
    small, large = (normalise_glyph(_letter(char, height_px)) for height_px in (60.0, 150.0))
    assert np.abs(small - large).mean() < 0.03


@pytest.mark.parametrize("char", "ABg8&")
def test_white_around_the_glyph_does_not_matter(char):
    ink = _letter(char)
    tight = ink[np.ix_(ink.any(axis=1), ink.any(axis=0))]
    np.testing.assert_array_equal(normalise_glyph(np.pad(ink, ((3, 50), (20, 0)))), normalise_glyph(ink))
    np.testing.assert_array_equal(normalise_glyph(tight), normalise_glyph(ink))


@pytest.mark.parametrize("darkness", [0.3, 0.6])
def test_how_dark_the_ink_is_does_not_matter(darkness):
    ink = _letter("R")
    np.testing.assert_allclose(normalise_glyph((ink * darkness).astype(np.uint8)), normalise_glyph(ink), atol=0.03)


def test_a_blurred_edge_does_not_widen_the_glyph():
    ink = np.pad(_bar(20, 20), 4, constant_values=60)
    top, left, bottom, right = _extent(normalise_glyph(ink))
    assert (bottom - top, right - left) == (INNER, INNER)


@pytest.mark.parametrize("shape", [(5, 5), (1, 1), (0, 7), (7, 0), (0, 0)], ids=str)
def test_no_ink_gives_an_empty_square(shape):
    glyph = normalise_glyph(np.zeros(shape, np.uint8))
    np.testing.assert_array_equal(glyph, np.zeros((GLYPH_SIZE, GLYPH_SIZE), np.float32), strict=True)


def test_ink_so_sparse_that_nothing_is_left_of_it_gives_an_empty_square():
    ink = np.zeros((2000, 2000), np.uint8)
    ink[0, 0] = ink[-1, -1] = 255
    assert not normalise_glyph(ink).any()


def test_a_single_pixel_becomes_a_square():
    assert _extent(normalise_glyph(_bar(1, 1))) == (MARGIN_PX, MARGIN_PX, MARGIN_PX + INNER, MARGIN_PX + INNER)


def test_the_input_is_left_as_it_is():
    ink = _letter("Q")
    before = ink.copy()
    normalise_glyph(ink)
    np.testing.assert_array_equal(ink, before)
