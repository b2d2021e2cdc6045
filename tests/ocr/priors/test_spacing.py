"""Where words end: the opinion of a row network beside the gaps of a page."""

from __future__ import annotations

import numpy as np
import pytest

from app.ocr.line import Line
from app.ocr.priors.spacing import even_around_marks, join_spaces, space_probabilities
from app.vision import Box

HEIGHT = 20


def _line(gaps, p_space=None):
    """A row of boxes half as wide as high, with such gaps between them in heights."""
    lefts = np.cumsum([0.0, *(0.5 + gap for gap in gaps)]) * HEIGHT
    boxes = [Box(0, round(left), HEIGHT, round(left) + HEIGHT // 2) for left in lefts]
    return Line(boxes, np.zeros((len(boxes), 2)), float(HEIGHT), None if p_space is None else np.array(p_space))


def _spaces(*lines):
    return [(p > 0.5).tolist() for p in space_probabilities(lines, np.zeros(2, bool))]


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


# Marks between words

SURE = 0.99


def _even(text, p_space):
    """Where spaces are by `p_space`, with what stands between words in `text`."""
    weighed = even_around_marks(np.array(p_space), np.array([float(char == "-") for char in text]))
    assert ((weighed >= 0) & (weighed <= 1)).all()
    return (weighed > 0.5).astype(int).tolist()


def test_white_on_one_side_of_a_dash_is_so_on_the_other():
    assert _even("at-on", [0.1, SURE, 0.2, 0.1]) == [0, 1, 1, 0]
    assert _even("at-on", [0.1, 0.2, SURE, 0.1]) == [0, 1, 1, 0]


def test_a_dash_close_to_one_neighbour_and_perhaps_to_the_other_has_none():
    assert _even("at-on", [0.1, 0.55, 0.01, 0.1]) == [0, 0, 0, 0]


def test_a_minus_that_is_surely_written_at_its_number_stays_there():
    assert _even("x-5", [SURE, 0.0001]) == [1, 0]


def test_a_dash_that_begins_a_row_stands_apart_but_one_that_ends_it_need_not():
    assert _even("-ab", [0.2, 0.1]) == [1, 0]
    assert _even("ab-", [0.1, 0.2]) == [0, 0]


@pytest.mark.parametrize("p_space", [[SURE, 0.6, SURE], [1 - SURE, 0.4, 1 - SURE]])
def test_two_dashes_beside_each_other_make_nothing_surer_than_sure(p_space):
    assert _even("a--b", p_space) == [round(p) for p in p_space]


def test_what_is_no_such_mark_changes_nothing():
    p_space = np.array([0.1, 0.9, 0.3])
    np.testing.assert_array_equal(even_around_marks(p_space, np.zeros(4)), p_space)


def test_the_less_sure_a_mark_is_one_the_less_it_says():
    half, whole = (even_around_marks(np.array([0.95, 0.2]), np.array([0.0, p, 0.0]))[1] for p in (0.5, 1.0))
    assert 0.2 < half < whole


@pytest.mark.parametrize("count", [1, 2])
def test_rows_of_a_glyph_or_two(count):
    assert even_around_marks(np.full(count - 1, 0.4), np.zeros(count)).tolist() == [0.4] * (count - 1)
