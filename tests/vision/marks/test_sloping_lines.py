"""Lines of a table that was photographed askew are erased; letters, joined writing and single strokes stay."""

from __future__ import annotations

import numpy as np
import pytest
from scipy import ndimage

from app.vision.marks.rules import find_rules
from tests.vision.conftest import write_page

STROKE_PX = 3


def _rules(binary):
    return find_rules(binary, STROKE_PX)[0]


def _lines(slopes, curved=0.0, width=400):
    """Ink (H, W) of lines of these slopes below each other, a stroke thick."""
    page = np.zeros((80 * len(slopes) + 120, width), bool)
    x = np.arange(20, width - 20)
    for number, slope in enumerate(slopes):
        y = np.rint(100 + 80 * number + slope * (x - x[0]) + curved * (x - x.mean()) ** 2 / width).astype(int)
        for thickness in range(STROKE_PX):
            page[y + thickness, x] = True
    return page


@pytest.mark.parametrize("turned", [False, True], ids=["level", "upright"])
@pytest.mark.parametrize("slopes", [(0.05, 0.07, 0.09), (-0.12, -0.13, -0.14), (0.16, 0.16, 0.16)])
def test_lines_that_slope_are_erased(slopes, turned):
    page = _lines(slopes)
    page = page.T if turned else page
    assert not (page & ~_rules(page)).any()


def test_lines_that_bend_are_erased():
    page = _lines((0.06, 0.06, 0.06), curved=0.1)
    assert not (page & ~_rules(page)).any()


def test_a_line_torn_to_dashes_is_followed_to_its_ends():
    page = _lines((0.08, 0.08, 0.08), width=600)
    page[:, 300:] &= np.arange(300) % 12 >= 3
    left = page & ~_rules(page)
    assert np.count_nonzero(left) < 0.02 * np.count_nonzero(page)


def test_fewer_than_three_may_be_the_edges_of_a_sheet():
    page = _lines((0.08, 0.08))
    assert not _rules(page).any()


@pytest.mark.parametrize("shape", [(4, 500), (9, 500), (500, 6)], ids=str)
def test_a_strip_that_is_no_higher_than_a_line_is_no_trouble(shape):
    page = np.zeros(shape, bool)
    along = page if shape[0] < shape[1] else page.T
    along[1:3] = True
    assert np.array_equal(_rules(page), page)


@pytest.mark.parametrize("turned", [False, True], ids=["level", "upright"])
def test_one_that_is_a_rule_in_part_is_erased_wholly(turned):
    page = np.zeros((140, 400), bool)
    x = np.arange(20, 380)
    y = np.rint(40 + 0.0002 * (x - x[0]) ** 2).astype(int)  # about level in the beginning
    for thickness in range(STROKE_PX):
        page[y + thickness, x] = True
    page = page.T if turned else page
    assert not (page & ~_rules(page)).any()


def test_lines_steeper_than_ten_degrees_are_none_of_a_sheet():
    assert not _rules(_lines((0.25, 0.25, 0.25))).any()


def test_lines_shorter_than_a_struck_out_word_stay():
    assert not _rules(_lines((0.08, 0.08, 0.08), width=140)).any()


def test_letters_that_cross_a_sloping_line_stay_whole():
    letters = write_page(["Maria Lopez"], height_px=36).grey < 128
    lines = _lines((0.08, 0.08, 0.08), width=max(400, letters.shape[1]))
    page = np.zeros_like(lines)
    page[70 : 70 + len(letters), : letters.shape[1]] = letters
    left = (lines | page) & ~_rules(lines | page)
    assert np.count_nonzero(left & ~page) < 0.06 * np.count_nonzero(lines)
    assert np.count_nonzero(page & ~left) < 0.08 * np.count_nonzero(page)  # the line is drawn over them


def test_a_line_ends_where_only_feet_of_letters_go_on():
    page = _lines((0.08, 0.08, 0.08), width=600)
    line = page.copy()
    line[:, 300:] = False
    feet = np.zeros_like(page)
    for number, left in enumerate(range(306, 570, 10)):  # as thin as the line, but not as even
        off = (-3, 3)[number % 2]
        feet[:, left : left + 8] = np.roll(page[:, left : left + 8], off, axis=0)
    erased = _rules(line | feet)
    assert not (line & ~erased).any()
    assert np.count_nonzero(feet & erased) < 0.1 * np.count_nonzero(feet)


def test_thick_letters_that_stand_on_a_thin_line_stay_whole():
    page = _lines((0.08, 0.08, 0.08))
    line = page & ~np.roll(page, 1, axis=0)  # a pixel thick
    feet = np.zeros_like(page)
    for left in range(60, 340, 40):
        for up in range(1, 4):
            feet[:, left : left + 20] |= np.roll(line[:, left : left + 20], -up, axis=0)
    erased = _rules(line | feet)
    assert not (feet & erased).any()
    assert np.count_nonzero(line & ~erased & ~np.isin(np.arange(400) // 20, range(3, 17))) == 0


def test_rows_of_letters_that_slope_stay():
    letters = write_page(["minimum nine", "summer sun", "minimum ten"], height_px=36).grey < 128
    turned = ndimage.rotate(letters.astype(np.uint8), 5, order=0) > 0
    assert not _rules(turned).any()
