from __future__ import annotations

import numpy as np
import pytest
from numpy.typing import NDArray

from app.nn import Array, cross_entropy, softmax
from app.training.measuring.calibration import calibration, cross_fitted, expected_calibration_error, fit_temperature


def _draw(
    rng: np.random.Generator, count: int = 4000, classes: int = 8, spread: float = 2.0
) -> tuple[Array, NDArray[np.int64]]:
    """Logits, and labels drawn from the very probabilities that these give: a perfectly calibrated classifier."""
    logits = rng.normal(0.0, spread, (count, classes))
    labels = (softmax(logits).cumsum(axis=1) > rng.random((count, 1))).argmax(axis=1)
    return logits, labels


@pytest.mark.parametrize("temperature", [0.5, 1.0, 2.0, 3.5])
def test_a_known_temperature_is_recovered(rng: np.random.Generator, temperature: float) -> None:
    logits, labels = _draw(rng)

    assert fit_temperature(logits * temperature, labels) == pytest.approx(temperature, rel=0.08)


def test_an_overconfident_network_has_a_temperature_above_one(rng: np.random.Generator) -> None:
    """Logits of plus and minus 6 say 99.8 %, and are right three times out of four."""
    classes = rng.integers(0, 2, 400)
    named = np.where(np.arange(400) % 4 == 0, 1 - classes, classes)
    logits = np.where(np.arange(2) == named[:, None], 6.0, 0.0)

    temperature = fit_temperature(logits, classes)

    assert temperature > 1
    assert temperature == pytest.approx(min(5.0, 6 / np.log(3)), rel=1e-3)  # 5 is the end of the search


def test_no_other_temperature_is_more_likely(rng: np.random.Generator) -> None:
    logits, labels = _draw(rng, count=500)
    best = fit_temperature(logits * 2, labels)

    at_best, *elsewhere = (cross_entropy(logits * 2 / t, labels)[0] for t in (best, 0.97 * best, 1.03 * best))
    assert at_best < min(elsewhere)


def test_calibration_error_of_a_case_counted_by_hand() -> None:
    """Two bins: four glyphs of confidence 0.9 with three right, one of 0.6 that is wrong."""
    probabilities = np.array([[0.9, 0.1]] * 3 + [[0.1, 0.9]] + [[0.4, 0.6]])
    classes = np.array([0, 0, 0, 0, 0])

    error = expected_calibration_error(probabilities, classes, bins=10)

    assert error == pytest.approx((4 * abs(0.9 - 0.75) + 1 * abs(0.6 - 0.0)) / 5)


def test_calibration_errors_of_one_bin_cancel_and_of_two_do_not() -> None:
    probabilities = np.array([[0.7, 0.3], [0.9, 0.1]])
    classes = np.array([0, 1])

    assert expected_calibration_error(probabilities, classes, bins=1) == pytest.approx(0.3)
    assert expected_calibration_error(probabilities, classes, bins=10) == pytest.approx((0.3 + 0.9) / 2)


def test_certainty_belongs_to_the_last_bin() -> None:
    probabilities = np.array([[1.0, 0.0], [0.92, 0.08]])

    error = expected_calibration_error(probabilities, np.array([1, 0]), bins=10)

    assert error == pytest.approx(abs(1.92 - 1) / 2)


def test_calibration_tells_the_error_with_and_without_the_temperature(rng: np.random.Generator) -> None:
    logits, labels = _draw(rng)

    measured = calibration(logits * 3, labels, _writers(len(labels)))

    assert measured["temperature"] == pytest.approx(3.0, rel=0.08)
    assert measured["ece_before"] == expected_calibration_error(softmax(logits * 3), labels)
    assert measured["ece_after"] < 0.03 < measured["ece_before"]
    assert measured["ece_cross_fitted"] < 0.03


def test_cross_fitting_divides_by_the_temperature_of_the_other_writers(rng: np.random.Generator) -> None:
    logits, labels = _draw(rng)
    half = np.arange(len(labels)) % 2
    logits = np.where(half[:, None] == 0, logits * 4, logits)  # only every other writer's answers are overconfident

    probabilities = cross_fitted(logits, labels, np.where(half == 0, "a", "b"))

    for own, other in ((0, 1), (1, 0)):
        temperature = fit_temperature(logits[half == other], labels[half == other])
        np.testing.assert_allclose(probabilities[half == own], softmax(logits[half == own] / temperature))
    assert expected_calibration_error(probabilities, labels) > 0.1  # nothing fitted on a half is used on that half


def test_one_writer_alone_cannot_be_cross_fitted(rng: np.random.Generator) -> None:
    logits, labels = _draw(rng, count=50)

    assert "ece_cross_fitted" not in calibration(logits, labels, np.full(50, "a"))


def _writers(count: int) -> NDArray[np.str_]:
    return np.array([f"writer {number % 7}" for number in range(count)])
