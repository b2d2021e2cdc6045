"""Pieces that follow one another are found, and a chain ends where its steps change."""

from __future__ import annotations

import numpy as np

from app.vision.marks.chains import find_chains


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
