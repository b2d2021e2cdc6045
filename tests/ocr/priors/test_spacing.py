"""Where words end: the opinion of a row network beside the gaps of a page."""

from __future__ import annotations

import numpy as np
import pytest

from app.ocr.line import Line
from app.ocr.priors.spacing import join_spaces, space_probabilities
from app.vision import Box

HEIGHT = 20


def _line(gaps, p_space=None):
    """A row of boxes half as wide as high, with such gaps between them in heights."""
    lefts = np.cumsum([0.0, *(0.5 + gap for gap in gaps)]) * HEIGHT
    boxes = [Box(0, round(left), HEIGHT, round(left) + HEIGHT // 2) for left in lefts]
    return Line(boxes, np.zeros((len(boxes), 2)), float(HEIGHT), None if p_space is None else np.array(p_space))


def _spaces(*lines):
    return [(p > 0.5).tolist() for p in space_probabilities(lines)]


def test_the_gaps_decide_on_spaces_where_the_network_is_unsure():
    unsure, sure = join_spaces(np.array([0.35, 0.0001]), np.array([0.9999, 0.9999]))
    assert unsure > 0.5
    assert sure < 0.5


@pytest.mark.parametrize("p", [0.0, 0.3, 1.0])
def test_where_both_agree_on_a_space_they_are_both_right(p):
    assert join_spaces(np.array([p]), np.array([p])) == pytest.approx([p], abs=1e-3)


def test_spaces_that_the_network_is_sure_of_find_narrow_ones_that_it_is_not_sure_of():
    """Type: words 0.35 heights apart, letters 0.1; by itself, white of 0.35 is usual between letters."""
    gaps = [0.1, 0.1, 0.35, 0.1, 0.1, 0.35, 0.1, 0.1]
    is_space = [gap > 0.2 for gap in gaps]
    sure = [0.95 if space else 0.02 for space in is_space]
    unsure = [0.1 if space else 0.02 for space in is_space]
    assert _spaces(_line(gaps, unsure)) == [[False] * 8]  # nobody knows of any space
    assert _spaces(_line(gaps, sure), _line(gaps, sure), _line(gaps, unsure)) == [is_space] * 3


def test_where_letters_are_spaced_out_gaps_overrule_a_network_that_is_not_sure():
    gaps = [0.8, 0.8, 0.8, 2.2, 0.8, 0.8, 2.2, 0.8]
    assert _spaces(_line(gaps, [0.8] * 8)) == [[gap > 1 for gap in gaps]]


def test_a_network_that_is_sure_of_all_spaces_of_a_grid_is_believed():
    """Single characters near each other: all white is of one kind, and that of words as well as of letters."""
    p_space = [0.99, 0.99, 0.7, 0.99, 0.98, 0.6, 0.99, 0.99]
    assert _spaces(*[_line([0.4, 0.42, 0.4, 0.38, 0.42, 0.4, 0.38, 0.4], p_space)] * 4) == [[True] * 8] * 4


def test_spaces_that_are_narrower_than_what_parts_letters_are_left_to_the_network():
    gaps = np.random.default_rng(5).normal(0.3, 0.02, 35)
    p_space = np.full(35, 0.003)
    gaps[::4], p_space[::4] = 0.05, 0.999
    assert _spaces(_line(gaps, p_space)) == [(p_space > 0.5).tolist()]


def test_rows_without_a_network_are_judged_by_their_gaps():
    assert _spaces(_line([0.1, 0.9, 0.1, 0.1]), _line([])) == [[False, True, False, False], []]
