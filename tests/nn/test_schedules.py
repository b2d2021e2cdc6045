from __future__ import annotations

import numpy as np
import pytest

from app.nn import one_cycle


def _rates(steps: int, **options: float) -> np.ndarray:
    return np.array([one_cycle(step, steps, 0.5, **options) for step in range(steps)])


def test_one_cycle_rises_to_its_peak_and_falls_to_nothing():
    rates = _rates(200, warmup=0.25, start=0.1)
    assert rates[0] == pytest.approx(0.05)
    assert rates.argmax() == 50
    assert rates[50] == pytest.approx(0.5)
    assert (np.diff(rates[:51]) > 0).all()
    assert (np.diff(rates[50:]) < 0).all()
    assert 0 < rates[-1] < 1e-4


def test_one_cycle_is_half_way_at_the_middle_of_each_slope():
    rates = _rates(200, warmup=0.25, start=0.0)
    assert rates[25] == pytest.approx(0.25)
    assert rates[125] == pytest.approx(0.25)


def test_one_cycle_has_no_jump_at_its_peak():
    rates = _rates(1000)
    assert np.abs(np.diff(rates)).max() < 0.5 * 0.012  # the steepest place of the rise: pi / 2 / 150


@pytest.mark.parametrize("steps", [1, 2, 3, 7])
@pytest.mark.parametrize("warmup", [0.0, 0.15, 1.0])
def test_short_runs_get_usable_rates(steps, warmup):
    rates = _rates(steps, warmup=warmup)
    assert (rates > 0).all()
    assert (rates <= 0.5).all()


def test_one_cycle_is_proportional_to_its_peak():
    assert one_cycle(37, 100, 3.0) == pytest.approx(3 * one_cycle(37, 100, 1.0))
