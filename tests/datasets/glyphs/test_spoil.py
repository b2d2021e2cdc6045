from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from numpy.typing import NDArray
from scipy.ndimage import label

from app.datasets import PLAIN
from app.datasets.glyphs.spoil import add_residue, cut_edge, scratch, spoil, touch

RING = np.hypot(*(np.indices((60, 60)) - 29.5))
RING = np.where((RING > 18) & (RING < 24), 255, 0).astype(np.uint8)  # 48 pixels high and wide
BAR = np.zeros((60, 20), np.uint8)
BAR[6:54, 8:12] = 255


def _seeded(seed: int = 0) -> np.random.Generator:
    return np.random.default_rng(seed)


def _extent(ink: NDArray[np.uint8]) -> tuple[int, int]:
    rows, columns = (np.flatnonzero((ink > 127).any(axis=axis)) for axis in (1, 0))
    return int(np.ptp(rows)) + 1, int(np.ptp(columns)) + 1


@pytest.mark.parametrize("other", [RING, BAR], ids=["ring", "bar"])
@pytest.mark.parametrize("seed", range(8))
def test_a_neighbour_touches_the_glyph_and_stays_a_small_part_of_it(other: NDArray[np.uint8], seed: int) -> None:
    joined = touch(RING, other, _seeded(seed))

    assert label(joined > 127, np.ones((3, 3)))[1] == 1
    height, width = _extent(joined)
    assert height == 48
    assert 48 <= width <= 48 * 1.25


def test_neighbours_come_from_both_sides() -> None:
    on_the_right = []
    for seed in range(20):
        columns = (touch(BAR, RING, _seeded(seed)) > 127).sum(axis=0)
        (beside,) = np.nonzero((columns > 0) & (columns < 48))
        on_the_right.extend(beside > np.flatnonzero(columns == 48).mean())

    assert 0.2 < np.mean(on_the_right) < 0.8


@pytest.mark.parametrize("seed", range(8))
def test_a_scratch_takes_some_of_the_ink_and_adds_none(seed: int) -> None:
    scratched = scratch(RING, _seeded(seed))

    assert (scratched <= RING).all()
    assert 0.6 * RING.sum() < scratched.sum() < RING.sum()


def test_a_scratch_leaves_something_of_the_smallest_dot() -> None:
    dot = np.zeros((7, 7), np.uint8)
    dot[3, 3] = 255

    np.testing.assert_array_equal(scratch(dot, _seeded()), dot)


def test_a_scratch_may_break_a_stroke() -> None:
    assert any(label(scratch(BAR, _seeded(seed)) > 127)[1] > 1 for seed in range(30))


@pytest.mark.parametrize("seed", range(8))
def test_residue_adds_a_little_and_takes_nothing(seed: int) -> None:
    soiled = add_residue(RING, _seeded(seed))

    assert (soiled >= RING).all()
    assert RING.sum() < soiled.sum() < 1.5 * RING.sum()


@pytest.mark.parametrize("seed", range(8))
def test_a_cut_takes_a_sliver_at_one_edge_only(seed: int) -> None:
    lost = [before - after for before, after in zip(_extent(RING), _extent(cut_edge(RING, _seeded(seed))), strict=True)]

    assert min(lost) == 0
    assert max(lost) <= 3


def test_light_makes_one_side_of_the_ink_darker_than_the_other() -> None:
    ink = np.full((40, 40), 128, np.uint8)
    ink[20, 20] = 255  # greys are relative to the darkest

    slopes = []
    for seed in range(20):
        lit = spoil(ink, 40.0, replace(PLAIN, light=0.4), _seeded(seed)).astype(float)
        slopes.append([lit[:, -1].mean() - lit[:, 0].mean(), lit[-1].mean() - lit[0].mean()])

    steepest = np.hypot(*np.transpose(slopes)) / 255
    assert steepest.max() == pytest.approx(0.4, abs=0.1)
    assert (steepest <= 0.4).all()
    assert np.min(slopes) < -20 < 20 < np.max(slopes)  # from any side


def test_nothing_on_changes_nothing() -> None:
    np.testing.assert_array_equal(spoil(RING, 48.0, PLAIN, _seeded()), RING)


@pytest.mark.parametrize("change", [scratch, add_residue, cut_edge, lambda ink, rng: touch(ink, BAR, rng)])
def test_the_input_is_left_as_it_is(change) -> None:
    ink = RING.copy()

    change(ink, _seeded(3))

    np.testing.assert_array_equal(ink, RING)
