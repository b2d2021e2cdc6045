"""Pieces that follow one another are found, and a chain ends where its steps change."""

from __future__ import annotations

import numpy as np

from app.vision.marks.chains import find_chains, find_next


def test_the_next_piece_is_the_first_within_reach_that_fits():
    places, kind = np.array([0.0, 1.0, 2.0, 5.0, 6.0]), np.array([0, 1, 0, 1, 0])
    after = find_next(places, 3.0, lambda one, behind: kind[behind] == kind[one])
    np.testing.assert_array_equal(after, [2, -1, -1, -1, -1])
    after = find_next(places, places, lambda one, behind: kind[behind] == kind[one])
    np.testing.assert_array_equal(after, [-1, -1, -1, -1, -1])
    after = find_next(places, 2 * places, lambda one, behind: kind[behind] == kind[one])
    np.testing.assert_array_equal(after, [-1, -1, 4, -1, -1])


def test_pieces_that_follow_one_another_are_a_chain():
    assert list(find_chains(np.array([1, 2, -1, 4, -1]), 2)) == [[0, 1, 2], [3, 4]]


def test_shorter_chains_are_left_out():
    assert list(find_chains(np.array([1, 2, -1, 4, -1]), 3)) == [[0, 1, 2]]


def test_a_chain_ends_where_another_went_on():
    assert list(find_chains(np.array([2, 2, 3, -1]), 2)) == [[0, 2, 3], [1, 2]]


def test_an_evenly_spaced_chain_ends_before_a_longer_step():
    places = np.array([0.0, 10.0, 20.0, 40.0, 50.0])
    assert list(find_chains(np.array([1, 2, 3, 4, -1]), 2, places, 0.2)) == [[0, 1, 2], [3, 4]]
    assert list(find_chains(np.array([1, 2, 3, 4, -1]), 2)) == [[0, 1, 2, 3, 4]]


def test_no_chain_goes_on_from_where_an_uneven_step_ended_one():
    places = np.array([0.0, 10.0, 15.0, 20.0, 40.0, 60.0])
    assert list(find_chains(np.array([1, 3, 3, 4, 5, -1]), 2, places, 0.2)) == [[0, 1, 3], [2, 3], [4, 5]]
