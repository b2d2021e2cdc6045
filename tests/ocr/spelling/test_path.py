"""Which pieces of ink are one glyph: the best of all ways to divide a row."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import pytest

from app.ocr.spelling.path import _COST_OF_WHITE, best_path
from app.vision import Box, Hypothesis

NOWHERE = Box(0, 0, 1, 1)  # boxes do not matter here


def _hypotheses(*spans):
    return [Hypothesis(start, stop, NOWHERE) for start, stop in spans]


def _alone(pieces):
    return [(number, number + 1) for number in range(pieces)]


def _all_paths(hypotheses, pieces, start=0) -> Iterator[list[int]]:
    if start == pieces:
        yield []
    for index, hypothesis in enumerate(hypotheses):
        if hypothesis.start == start:
            for rest in _all_paths(hypotheses, pieces, hypothesis.stop):
                yield [index, *rest]


def _score(path, hypotheses, fit, gaps):
    total = 0.0
    for index in path:
        start, stop = hypotheses[index].start, hypotheses[index].stop
        white = sum(max(0.0, gap) for gap in gaps[start : stop - 1])
        total += (stop - start) * fit[index] - _COST_OF_WHITE * white
    return total


@pytest.mark.parametrize("pieces", range(1, 9))
@pytest.mark.parametrize("seed", range(5))
def test_the_path_is_the_best_of_all_there_are(pieces, seed):
    rng = np.random.default_rng([pieces, seed])
    groups = [(a, b) for a in range(pieces) for b in range(a + 2, min(a + 3, pieces) + 1) if rng.random() < 0.7]
    hypotheses = _hypotheses(*_alone(pieces), *groups)
    hypotheses = [hypotheses[index] for index in rng.permutation(len(hypotheses))]
    fit = rng.normal(-1.5, 1.0, len(hypotheses))
    gaps = rng.normal(0.05, 0.2, pieces - 1)
    path = best_path(hypotheses, fit, gaps)
    best = max(_score(other, hypotheses, fit, gaps) for other in _all_paths(hypotheses, pieces))
    assert _score(path, hypotheses, fit, gaps) == pytest.approx(best)
    covered = [piece for index in path for piece in range(hypotheses[index].start, hypotheses[index].stop)]
    assert covered == list(range(pieces))


def test_a_row_of_one_piece_is_one_glyph():
    assert best_path(_hypotheses((0, 1)), np.array([-9.0]), np.array([])) == [0]


def test_two_pieces_that_look_like_one_letter_are_joined():
    hypotheses = _hypotheses((0, 1), (0, 2), (1, 2))
    assert best_path(hypotheses, np.log([0.5, 0.9, 0.5]), np.array([-0.1])) == [1]
    assert best_path(hypotheses, np.log([0.9, 0.5, 0.9]), np.array([-0.1])) == [0, 2]


def test_joining_is_not_favoured_for_making_fewer_glyphs():
    """Two letters, each sure by 0.8, are no worse than one by 0.7, though 0.8 * 0.8 is less."""
    hypotheses = _hypotheses((0, 1), (0, 2), (1, 2))
    assert best_path(hypotheses, np.log([0.8, 0.7, 0.8]), np.array([0.0])) == [0, 2]


def test_white_between_pieces_keeps_them_apart():
    hypotheses, fit = _hypotheses((0, 1), (0, 2), (1, 2)), np.log([0.6, 0.7, 0.6])
    assert best_path(hypotheses, fit, np.array([0.0])) == [1]
    assert best_path(hypotheses, fit, np.array([0.2])) == [0, 2]


@pytest.mark.parametrize("gap", [-0.3, 0.0, 0.3])
def test_where_nothing_speaks_for_joining_pieces_stay_apart(gap):
    """As with an allow-list of one character, which everything then is for sure."""
    hypotheses = _hypotheses((0, 1), (0, 2), (0, 3), (1, 2), (1, 3), (2, 3))
    assert best_path(hypotheses, np.zeros(6), np.array([gap, gap])) == [0, 3, 5]
