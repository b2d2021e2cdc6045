from __future__ import annotations

from itertools import product

import numpy as np
import pytest

from app.training.gate.paired import p_worse


@pytest.mark.parametrize("worse, better, p", [(7, 0, 1 / 128), (5, 1, 7 / 64), (3, 1, 5 / 16), (1, 0, 1 / 2)])
def test_single_glyphs_give_mcnemars_exact_test(worse, better, p):
    assert p_worse(np.array([1] * worse + [-1] * better + [0] * 10)) == pytest.approx(p)


@pytest.mark.parametrize("differences", [[], [0, 0], [-3], [2, -2], [1, 1, -2]])
def test_what_is_not_worse_is_no_worse_by_chance(differences):
    assert p_worse(np.array(differences, int)) == 1.0


def test_every_way_the_signs_could_have_fallen_counts_once(rng):
    differences = rng.integers(-4, 6, 11)
    while differences.sum() <= 0:
        differences = rng.integers(-4, 6, 11)
    ways = [np.dot(signs, np.abs(differences)) for signs in product((-1, 1), repeat=len(differences))]
    expected = np.mean(np.array(ways) >= differences.sum())
    assert p_worse(differences) == pytest.approx(expected)


def test_many_differences_are_computed_as_exactly_as_few():
    assert p_worse(np.ones(1000, int)) == pytest.approx(2.0**-1000)
