from __future__ import annotations

import numpy as np
import pytest

from app.nn import Array
from app.ocr import Alphabet
from app.training.measuring.evaluation import ONE_SHAPE, hits_by_figure, report

MIXED = Alphabet("01IOa.")


def _one_hot(alphabet: Alphabet, predicted: str, second: str | None = None) -> Array:
    """Logits that are 9 for each character of `predicted`, and 5 for that of `second`."""
    logits = np.zeros((len(predicted), len(alphabet)), np.float32)
    rows = np.arange(len(predicted))
    if second is not None:
        logits[rows, alphabet.encode(second)] = 5
    logits[rows, alphabet.encode(predicted)] = 9
    return logits


def test_rows_of_the_confusion_are_true_and_columns_predicted() -> None:
    measured = report(_one_hot(MIXED, "0OOaa."), MIXED.encode("00Oaaa"), MIXED)

    expected = np.zeros((6, 6), int)
    expected[0, 0] = expected[0, 3] = 1  # of two zeros one is taken for an O
    expected[3, 3] = 1
    expected[4, 4], expected[4, 5] = 2, 1
    np.testing.assert_array_equal(measured.confusion, expected)
    assert measured.metrics["accuracy"] == pytest.approx(4 / 6)
    assert measured.metrics["count"] == 6


def test_accuracy_36_lets_the_network_choose_among_digits_and_capitals_only() -> None:
    # "a" comes first for both ones, which does not count; the second choice does. The dot is not asked at all.
    logits = _one_hot(MIXED, "aa.", second="1O0")

    measured = report(logits, MIXED.encode("11."), MIXED)

    assert measured.metrics["accuracy"] == pytest.approx(1 / 3)
    assert measured.metrics["accuracy_36"] == pytest.approx(1 / 2)
    assert measured.metrics["count_36"] == 2


def test_letters_beyond_a_to_z_are_none_of_the_36() -> None:
    alphabet = Alphabet("A1É²")

    assert report(_one_hot(alphabet, "A1É²"), alphabet.encode("A1É²"), alphabet).metrics["count_36"] == 2


def test_one_shape_forgives_o_for_zero_and_i_for_one_and_nothing_else() -> None:
    measured = report(_one_hot(MIXED, "O0I1I0"), MIXED.encode("0O1I01"), MIXED)

    assert measured.metrics["accuracy_36"] == 0.0
    assert measured.metrics["accuracy_36_one_shape"] == pytest.approx(4 / 6)


@pytest.mark.parametrize("chars", ["0123456789", "abc", "01."])
def test_alphabets_without_the_letters_of_a_pair_are_measured_too(chars: str) -> None:
    alphabet = Alphabet(chars)

    measured = report(_one_hot(alphabet, chars), alphabet.encode(chars), alphabet)

    assert measured.metrics["accuracy"] == 1.0
    assert measured.metrics["accuracy_36"] == measured.metrics["accuracy_36_one_shape"] == float(chars != "abc")
    assert measured.metrics["count_36"] == sum(char.isdigit() for char in chars)


def test_metrics_are_the_figures_without_the_confusion() -> None:
    measured = report(_one_hot(MIXED, "0Oaa"), MIXED.encode("00Oa"), MIXED)

    assert measured.metrics == {
        "accuracy": 0.5,
        "accuracy_one_shape": 0.75,
        "accuracy_36": pytest.approx(1 / 3),  # the third has no second choice, and 0 comes first
        "accuracy_36_one_shape": 1.0,
        "count": 4,
        "count_36": 3,
    }


def test_what_only_size_tells_apart_is_one_shape_and_the_rest_is_not() -> None:
    alphabet = Alphabet("0Oo1lI|cC-_,'`5S")
    truth = "0Oo1lI|cC-_,'`5S"
    named = "O0ol1|IcC_-'`,S5"

    verdict = hits_by_figure(_one_hot(alphabet, named), alphabet.encode(truth), alphabet)["accuracy_one_shape"]

    assert verdict.right.tolist() == [True] * 14 + [False] * 2


def test_no_character_is_in_two_groups_of_one_shape() -> None:
    members = "".join(ONE_SHAPE)
    assert len(set(members)) == len(members)


def test_the_mean_of_classes_lets_a_rare_one_count_as_much_as_a_frequent_one() -> None:
    classes = MIXED.encode("000a")
    verdict = hits_by_figure(_one_hot(MIXED, "0000"), classes, MIXED)["accuracy"]

    assert verdict.share() == 0.75
    assert verdict.mean_of_classes(classes) == 0.5
    assert verdict.share(np.array([True, False, False, True])) == 0.5


def test_a_figure_about_no_glyph_is_zero() -> None:
    verdict = hits_by_figure(_one_hot(MIXED, "a"), MIXED.encode("a"), MIXED)["accuracy_36"]

    assert (verdict.share(), verdict.mean_of_classes(MIXED.encode("a"))) == (0.0, 0.0)
