from __future__ import annotations

import numpy as np
import pytest

from app.ocr.join import is_doubtful, join, join_spaces
from app.ocr.line import Line
from app.vision import Box

BOXES = [Box(0, 0, 20, 10), Box(0, 12, 20, 22)]


def _line(boxes, *p, p_space=None):
    return Line(boxes, np.log(np.array(p)), 20.0, p_space)


def test_both_opinions_count_where_both_see_a_character():
    by_row = _line(BOXES, [0.6, 0.4], [0.9, 0.1], p_space=np.array([0.3]))
    by_glyph = _line(BOXES, [0.01, 0.99], [0.4, 0.6])
    joined = join(by_glyph, by_row)
    assert joined.log_p.argmax(axis=1).tolist() == [1, 0]
    assert joined.boxes == BOXES
    assert joined.p_space == pytest.approx([0.3])


@pytest.mark.parametrize("other", [[Box(0, 0, 20, 22)], [Box(0, 40, 20, 50), Box(0, 52, 20, 62)]])
def test_the_row_decides_alone_where_the_glyphs_see_something_else(other):
    by_row = _line(BOXES, [0.6, 0.4], [0.9, 0.1])
    joined = join(_line(other, *[[0.01, 0.99]] * len(other)), by_row)
    np.testing.assert_array_equal(joined.log_p, by_row.log_p)


def test_a_box_a_little_off_is_still_of_the_same_character():
    near = [Box(1, 0, 20, 9), Box(0, 13, 19, 22)]
    joined = join(_line(near, [0.01, 0.99], [0.01, 0.99]), _line(BOXES, [0.6, 0.4], [0.6, 0.4]))
    assert joined.log_p.argmax(axis=1).tolist() == [1, 1]


def test_neither_opinion_is_changed():
    by_row, by_glyph = _line(BOXES, [0.6, 0.4], [0.9, 0.1]), _line(BOXES, [0.5, 0.5], [0.4, 0.6])
    before = by_row.log_p.copy(), by_glyph.log_p.copy()
    join(by_glyph, by_row)
    np.testing.assert_array_equal(by_row.log_p, before[0])
    np.testing.assert_array_equal(by_glyph.log_p, before[1])


def test_of_one_opinion_alone_that_stays():
    line = _line(BOXES, [0.6, 0.4], [0.9, 0.1])
    assert join(None, line) is join(line, None) is line
    assert join(None, None) is None


@pytest.mark.parametrize("p, expected", [([0.75, 0.25], False), ([0.65, 0.3], True), ([0.0, 0.0], True)])
def test_a_row_is_doubtful_if_one_of_its_characters_is(p, expected):
    with np.errstate(divide="ignore"):
        assert is_doubtful(_line(BOXES, [0.99, 0.01], p)) is expected


def test_the_gaps_decide_on_spaces_where_the_network_is_unsure():
    unsure, sure = join_spaces(np.array([0.35, 0.002]), np.array([0.9999, 0.9999]))
    assert unsure > 0.5
    assert sure < 0.05


@pytest.mark.parametrize("p", [0.0, 0.3, 1.0])
def test_where_both_agree_on_a_space_they_are_both_right(p):
    assert join_spaces(np.array([p]), np.array([p])) == pytest.approx([p], abs=1e-3)


def test_where_letters_are_spaced_out_gaps_overrule_a_network_that_is_not_sure():
    by_row, by_gaps = np.array([0.8, 0.2]), np.array([0.001, 0.999])
    assert (join_spaces(by_row, by_gaps) > 0.5).tolist() == [True, False]
    assert (join_spaces(by_row, by_gaps, spaced_out=True) > 0.5).tolist() == [False, True]
