from __future__ import annotations

import numpy as np
import pytest
from numpy.typing import NDArray

from app.nn import Array, Dense, Flatten, Sequential, cross_entropy, softmax
from app.ocr import Alphabet
from app.training.evaluation import (
    calibration,
    evaluate,
    expected_calibration_error,
    fit_temperature,
    report,
)

MIXED = Alphabet("01IOa.")


def _one_hot(alphabet: Alphabet, predicted: str, second: str | None = None) -> Array:
    """Logits that are 9 for each character of `predicted`, and 5 for that of `second`."""
    logits = np.zeros((len(predicted), len(alphabet)), np.float32)
    rows = np.arange(len(predicted))
    if second is not None:
        logits[rows, alphabet.encode(second)] = 5
    logits[rows, alphabet.encode(predicted)] = 9
    return logits


def _draw(
    rng: np.random.Generator, count: int = 4000, classes: int = 8, spread: float = 2.0
) -> tuple[Array, NDArray[np.int64]]:
    """Logits, and labels drawn from the very probabilities that these give: a perfectly calibrated classifier."""
    logits = rng.normal(0.0, spread, (count, classes))
    labels = (softmax(logits).cumsum(axis=1) > rng.random((count, 1))).argmax(axis=1)
    return logits, labels


def test_rows_of_the_confusion_are_true_and_columns_predicted() -> None:
    measured = report(_one_hot(MIXED, "0OOaa."), MIXED.encode("00Oaaa"), MIXED)

    expected = np.zeros((6, 6), int)
    expected[0, 0] = expected[0, 3] = 1  # of two zeros one is taken for an O
    expected[3, 3] = 1
    expected[4, 4], expected[4, 5] = 2, 1
    np.testing.assert_array_equal(measured.confusion, expected)
    assert measured.accuracy == pytest.approx(4 / 6)
    assert measured.count == 6


def test_accuracy_36_lets_the_network_choose_among_digits_and_capitals_only() -> None:
    # "a" comes first for both ones, which does not count; the second choice does. The dot is not asked at all.
    logits = _one_hot(MIXED, "aa.", second="1O0")

    measured = report(logits, MIXED.encode("11."), MIXED)

    assert measured.accuracy == pytest.approx(1 / 3)
    assert measured.accuracy_36 == pytest.approx(1 / 2)
    assert measured.count_36 == 2


def test_one_shape_forgives_o_for_zero_and_i_for_one_and_nothing_else() -> None:
    measured = report(_one_hot(MIXED, "O0I1I0"), MIXED.encode("0O1I01"), MIXED)

    assert measured.accuracy_36 == 0.0
    assert measured.accuracy_36_one_shape == pytest.approx(4 / 6)


@pytest.mark.parametrize("chars", ["0123456789", "abc", "01."])
def test_alphabets_without_the_letters_of_a_pair_are_measured_too(chars: str) -> None:
    alphabet = Alphabet(chars)

    measured = report(_one_hot(alphabet, chars), alphabet.encode(chars), alphabet)

    assert measured.accuracy == 1.0
    assert measured.accuracy_36 == measured.accuracy_36_one_shape == float(chars != "abc")
    assert measured.count_36 == sum(char.isdigit() for char in chars)


def test_metrics_are_the_figures_without_the_confusion() -> None:
    measured = report(_one_hot(MIXED, "0Oaa"), MIXED.encode("00Oa"), MIXED)

    assert measured.metrics == {
        "accuracy": 0.5,
        "accuracy_36": pytest.approx(1 / 3),  # the third has no second choice, and 0 comes first
        "accuracy_36_one_shape": 1.0,
        "count": 4,
        "count_36": 3,
    }


def test_evaluate_gives_mean_loss_and_accuracy(rng: np.random.Generator) -> None:
    network = Sequential({"flatten": Flatten(), "output": Dense(16, 3, rng)})
    glyphs, classes = rng.random((300, 1, 4, 4), np.float32), rng.integers(0, 3, 300)
    logits = network.predict(glyphs)

    loss, accuracy = evaluate(network, glyphs, classes)

    assert loss == pytest.approx(-np.log(softmax(logits)[np.arange(300), classes]).mean(), rel=1e-5)
    assert accuracy == pytest.approx((logits.argmax(axis=1) == classes).mean())


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

    measured = calibration(logits * 3, labels)

    assert measured["temperature"] == pytest.approx(3.0, rel=0.08)
    assert measured["ece_before"] == expected_calibration_error(softmax(logits * 3), labels)
    assert measured["ece_after"] < 0.03 < measured["ece_before"]
