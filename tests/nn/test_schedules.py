from __future__ import annotations

import numpy as np
import pytest

from app.nn import constant, cosine, one_cycle, step_decay


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


def test_constant_stays():
    assert {constant(step, 7, 0.5) for step in range(7)} == {0.5}


def test_step_decay_divides_by_ten_at_half_and_at_three_quarters():
    rates = [step_decay(step, 100, 0.5) for step in range(100)]
    np.testing.assert_allclose(rates, [0.5] * 50 + [0.05] * 25 + [0.005] * 25)


def test_step_decay_drops_where_and_as_much_as_it_is_told():
    rates = [step_decay(step, 4, 8.0, drops=(0.25, 0.5, 0.75), factor=0.5) for step in range(4)]
    np.testing.assert_allclose(rates, [8, 4, 2, 1])


def test_cosine_starts_at_its_peak_is_half_way_in_the_middle_and_ends_near_nothing():
    rates = np.array([cosine(step, 200, 0.5) for step in range(200)])
    assert rates[0] == 0.5
    assert rates[100] == pytest.approx(0.25)
    assert 0 < rates[-1] < 1e-4
    assert (np.diff(rates) < 0).all()


def test_cosine_ends_at_its_floor():
    assert cosine(100, 100, 0.5, floor=0.1) == pytest.approx(0.05)
    assert cosine(50, 100, 0.5, floor=0.1) == pytest.approx(0.5 * 0.55)


@pytest.mark.parametrize("schedule", [constant, step_decay, cosine, one_cycle])
def test_every_schedule_is_called_alike_and_proportional_to_its_peak(schedule):
    assert schedule(37, 100, 3.0) == pytest.approx(3 * schedule(37, 100, 1.0))
    assert 0 < schedule(0, 1, 1.0) <= 1
