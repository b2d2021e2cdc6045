from __future__ import annotations

import numpy as np
import pytest

from app.inspection import reliability_curve
from app.training.measuring.calibration import calibration_gap


def test_answers_are_sorted_by_how_sure_they_are():
    curve = reliability_curve(np.array([0.1, 0.2, 0.9, 1.0]), np.array([False, True, True, True]), bins=2)
    assert [(each.low, each.high, each.count) for each in curve] == [(0.0, 0.5, 2), (0.5, 1.0, 2)]
    assert [each.confidence for each in curve] == pytest.approx([0.15, 0.95])
    assert [each.accuracy for each in curve] == pytest.approx([0.5, 1.0])


def test_an_empty_bin_is_none_of_nothing():
    curve = reliability_curve(np.zeros(0), np.zeros(0, bool), bins=3)
    assert [(each.count, each.confidence, each.accuracy) for each in curve] == [(0, 0.0, 0.0)] * 3


def test_the_curve_agrees_with_the_calibration_error(rng):
    confidence, right = rng.random(500), rng.random(500) < 0.7
    gap = sum(abs(each.confidence - each.accuracy) * each.count for each in reliability_curve(confidence, right)) / 500
    assert gap == pytest.approx(calibration_gap(confidence, right))
