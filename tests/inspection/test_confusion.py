from __future__ import annotations

import numpy as np
import pytest

from app.errors import ShapeMismatch
from app.inspection import ConfusedPair, most_confused, normalise_confusion

COUNTS = np.array(
    [
        [90, 2, 8, 0],
        [1, 40, 9, 0],
        [12, 3, 85, 0],
        [0, 0, 0, 0],
    ]
)


def test_the_worst_pair_comes_first_whichever_way_it_was_misread():
    assert most_confused(COUNTS, "abcd") == [
        ConfusedPair("c", "a", 12, 8, 20 / 200),
        ConfusedPair("b", "c", 9, 3, 12 / 150),
        ConfusedPair("a", "b", 2, 1, 3 / 150),
    ]


def test_no_more_pairs_come_back_than_asked_for():
    assert len(most_confused(COUNTS, "abcd", 2)) == 2


def test_a_network_without_errors_confuses_nothing():
    assert most_confused(np.diag([5, 6, 7]), "abc") == []


@pytest.mark.parametrize("over, axis", [("true", 1), ("pred", 0)])
def test_shares_of_a_row_or_column_add_up_and_empty_ones_stay_zero(over, axis):
    shares = normalise_confusion(COUNTS, over)
    np.testing.assert_allclose(shares.sum(axis=axis), [1, 1, 1, 0])
    assert shares[1, 2] == 9 / (50 if over == "true" else 102)


def test_shares_of_all_add_up_to_one_and_counts_can_stay_counts():
    assert normalise_confusion(COUNTS, "all").sum() == pytest.approx(1)
    np.testing.assert_array_equal(normalise_confusion(COUNTS, "none"), COUNTS)


@pytest.mark.parametrize(
    "function", [lambda counts: most_confused(counts, "abcd"), lambda counts: normalise_confusion(counts, "true")]
)
def test_counts_that_are_not_square_are_refused(function):
    with pytest.raises(ShapeMismatch, match=r"\(3, 4\)"):
        function(COUNTS[:3])
