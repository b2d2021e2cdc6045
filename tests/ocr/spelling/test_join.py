from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from app.ocr.line import Line
from app.ocr.spelling.join import in_doubt, join
from app.vision import Box, Hypothesis

BOXES = [Box(0, 0, 20, 10), Box(0, 12, 20, 22)]


def _line(boxes, *p, p_space=None):
    return Line(boxes, np.log(np.array(p)), 20.0, p_space)


def _joined(by_row, boxes, *p):
    return join(by_row, boxes, np.log(np.array(p)))


def test_both_opinions_count_where_both_see_a_character():
    by_row = _line(BOXES, [0.6, 0.4], [0.9, 0.1], p_space=np.array([0.3]))
    joined = _joined(by_row, BOXES, [0.01, 0.99], [0.4, 0.6])
    assert joined.log_p.argmax(axis=1).tolist() == [1, 0]
    assert joined.boxes == BOXES
    assert joined.p_space == pytest.approx([0.3])


@pytest.mark.parametrize("other", [[], [Box(0, 0, 20, 22)], [Box(0, 40, 20, 50), Box(0, 52, 20, 62)]])
def test_the_row_decides_alone_where_the_glyphs_see_something_else(other):
    by_row = _line(BOXES, [0.6, 0.4], [0.9, 0.1])
    joined = _joined(by_row, other, *[[0.01, 0.99]] * len(other))
    np.testing.assert_array_equal(joined.log_p, by_row.log_p)


def test_a_box_a_little_off_is_still_of_the_same_character():
    near = [Box(1, 0, 20, 9), Box(0, 13, 19, 22)]
    joined = _joined(_line(BOXES, [0.6, 0.4], [0.6, 0.4]), near, [0.01, 0.99], [0.01, 0.99])
    assert joined.log_p.argmax(axis=1).tolist() == [1, 1]


def test_what_may_not_come_out_does_not_though_a_glyph_looks_like_it():
    with np.errstate(divide="ignore"):
        by_row = _line(BOXES, [0.0, 1.0], [0.0, 1.0])
    assert _joined(by_row, BOXES, [0.99, 0.01], [0.99, 0.01]).log_p.argmax(axis=1).tolist() == [1, 1]


def test_neither_opinion_is_changed():
    by_row, by_glyph = _line(BOXES, [0.6, 0.4], [0.9, 0.1]), np.log([[0.5, 0.5], [0.4, 0.6]])
    before = by_row.log_p.copy(), by_glyph.copy()
    join(by_row, BOXES, by_glyph)
    np.testing.assert_array_equal(by_row.log_p, before[0])
    np.testing.assert_array_equal(by_glyph, before[1])


def test_what_is_asked_for_the_text_without_a_pattern_leaves_a_sure_one_with_it_alone():
    otherwise = _line(BOXES, [0.6, 0.4], [0.6, 0.4])
    by_row = replace(_line(BOXES, [0.9, 0.1], [0.95, 0.05]), otherwise=otherwise)
    joined = _joined(by_row, BOXES, [0.001, 0.999], [0.001, 0.999])
    np.testing.assert_array_equal(joined.log_p, by_row.log_p)
    assert joined.otherwise.log_p.argmax(axis=1).tolist() == [1, 1]


def test_both_opinions_count_for_what_a_row_says_without_a_pattern_too():
    otherwise = _line(BOXES, [0.6, 0.4], [0.6, 0.4])
    by_row = replace(_line(BOXES[:1], [0.6, 0.4]), otherwise=otherwise)
    joined = _joined(by_row, BOXES, [0.01, 0.99], [0.01, 0.99])
    assert joined.otherwise.log_p.argmax(axis=1).tolist() == [1, 1]


@pytest.mark.parametrize("p, expected", [([0.75, 0.25], 0), ([0.65, 0.3], 1), ([0.0, 0.0], 1)])
def test_only_what_is_in_doubt_is_shown_to_the_other_network(p, expected):
    pieces = [Hypothesis(0, 1, BOXES[0]), Hypothesis(0, 2, Box(0, 0, 20, 22)), Hypothesis(1, 2, BOXES[1])]
    with np.errstate(divide="ignore"):
        assert in_doubt(_line(BOXES, [0.99, 0.01], p), pieces) == pieces[2:] * expected


def test_of_a_row_in_doubt_all_is_shown_of_which_the_network_is_not_certain():
    pieces = [Hypothesis(0, 1, BOXES[0]), Hypothesis(1, 2, BOXES[1])]
    assert in_doubt(_line(BOXES, [0.9, 0.1], [0.6, 0.4]), pieces) == pieces


def test_what_is_in_doubt_without_a_pattern_is_shown_as_well():
    pieces = [Hypothesis(0, 1, BOXES[0]), Hypothesis(1, 2, BOXES[1])]
    by_row = replace(_line(BOXES[:1], [0.6, 0.4]), otherwise=_line(BOXES, [0.99, 0.01], [0.5, 0.5]))
    assert in_doubt(by_row, pieces) == pieces
    assert in_doubt(replace(by_row, otherwise=by_row), pieces) == pieces[:1]  # nothing twice
