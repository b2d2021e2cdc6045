"""A dash has white on both sides, or on neither."""

from __future__ import annotations

import numpy as np
import pytest

from app.ocr.priors.evenness import evened

SURE = 0.99


def _evened(text, p_space):
    """Where spaces are by `p_space`, with what stands between words in `text`."""
    weighed = evened(np.array(p_space), np.array([float(char == "-") for char in text]))
    assert ((weighed >= 0) & (weighed <= 1)).all()
    return (weighed > 0.5).astype(int).tolist()


def test_white_on_one_side_of_a_dash_is_so_on_the_other():
    assert _evened("at-on", [0.1, SURE, 0.2, 0.1]) == [0, 1, 1, 0]
    assert _evened("at-on", [0.1, 0.2, SURE, 0.1]) == [0, 1, 1, 0]


def test_a_dash_close_to_one_neighbour_and_perhaps_to_the_other_has_none():
    assert _evened("at-on", [0.1, 0.55, 0.01, 0.1]) == [0, 0, 0, 0]


def test_a_minus_that_is_surely_written_at_its_number_stays_there():
    assert _evened("x-5", [SURE, 0.0001]) == [1, 0]


def test_a_dash_that_begins_a_row_stands_apart_but_one_that_ends_it_need_not():
    assert _evened("-ab", [0.2, 0.1]) == [1, 0]
    assert _evened("ab-", [0.1, 0.2]) == [0, 0]


@pytest.mark.parametrize("p_space", [[SURE, 0.6, SURE], [1 - SURE, 0.4, 1 - SURE]])
def test_two_dashes_beside_each_other_make_nothing_surer_than_sure(p_space):
    assert _evened("a--b", p_space) == [round(p) for p in p_space]


def test_what_is_no_such_mark_changes_nothing():
    p_space = np.array([0.1, 0.9, 0.3])
    np.testing.assert_array_equal(evened(p_space, np.zeros(4)), p_space)


def test_the_less_sure_a_mark_is_one_the_less_it_says():
    half, whole = (evened(np.array([0.95, 0.2]), np.array([0.0, p, 0.0]))[1] for p in (0.5, 1.0))
    assert 0.2 < half < whole


@pytest.mark.parametrize("count", [1, 2])
def test_rows_of_a_glyph_or_two(count):
    assert evened(np.full(count - 1, 0.4), np.zeros(count)).tolist() == [0.4] * (count - 1)
