from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from app.datasets import PLAIN
from app.datasets.pens.warp import Warps

GRID = np.stack(np.meshgrid(*[np.linspace(0.0, 1.0, 9)] * 2), axis=-1).reshape(-1, 2)
NOBODY = np.zeros(len(GRID), int)


def _moved(count: int = 400, **settings: float) -> np.ndarray:
    """Displacement (count, 81, 2) of a grid under `count` warps."""
    warps = Warps(count, replace(PLAIN, **settings), np.random.default_rng(0))
    owner = np.repeat(np.arange(count), len(GRID))
    return warps(np.tile(GRID, (count, 1)), owner).reshape(count, -1, 2) - GRID


def test_nothing_on_moves_nothing() -> None:
    np.testing.assert_allclose(_moved(3), 0.0, atol=1e-12)


def test_an_elastic_field_moves_points_as_far_as_asked_in_both_directions() -> None:
    moved = _moved(elastic=0.05)

    np.testing.assert_allclose(moved.std(axis=(0, 1)), 0.05, rtol=0.1)
    np.testing.assert_allclose(moved.mean(axis=(0, 1)), 0.0, atol=0.005)


def test_an_elastic_field_is_smooth() -> None:
    """Its covariance is that of white noise under a Gaussian of sigma 0.2: exp(-d ** 2 / (4 * 0.2 ** 2))."""
    field = _moved(elastic=1.0)[:, :, 0].reshape(-1, 9, 9)

    for steps in (1, 2, 4):
        expected = np.exp(-((steps / 8) ** 2) / (4 * 0.2**2))
        assert (field[:, :, :-steps] * field[:, :, steps:]).mean() == pytest.approx(expected, abs=0.1)


@pytest.mark.parametrize(
    "settings", [{"rotation_deg": 20.0}, {"slant": 0.3}, {"stretch": 0.3}], ids=lambda settings: next(iter(settings))
)
def test_turn_slant_and_stretch_keep_lines_straight_areas_alike_and_the_middle_in_place(settings) -> None:
    moved = (_moved(20, **settings) + GRID).reshape(20, 9, 9, 2)

    np.testing.assert_allclose(moved[:, 4, 4], 0.5)
    np.testing.assert_allclose(moved[:, :-2] + moved[:, 2:], 2 * moved[:, 1:-1], atol=1e-12)
    across, down = moved[:, 0, -1] - moved[:, 0, 0], moved[:, -1, 0] - moved[:, 0, 0]
    np.testing.assert_allclose(across[:, 0] * down[:, 1] - across[:, 1] * down[:, 0], 1.0)
    assert moved.std(axis=0).max() > 0.05


def test_glyphs_of_a_batch_are_bent_independently_of_each_other() -> None:
    warps = Warps(2, replace(PLAIN, elastic=0.1, slant=0.2), np.random.default_rng(0))

    both = warps(np.concatenate([GRID, GRID]), np.concatenate([NOBODY, NOBODY + 1]))

    np.testing.assert_array_equal(both[: len(GRID)], warps(GRID, NOBODY))
    np.testing.assert_array_equal(both[len(GRID) :], warps(GRID, NOBODY + 1))
    assert not np.allclose(both[: len(GRID)], both[len(GRID) :])
