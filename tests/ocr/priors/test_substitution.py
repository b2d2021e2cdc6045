from __future__ import annotations

import numpy as np
import pytest

from app.errors import CorruptModel
from app.ocr.priors.substitution import substitution_matrix

# True characters in rows: the first is often read as the second, the second hardly ever as the first.
COUNTS = [[60, 40, 0], [1, 99, 0], [0, 0, 1000]]


def test_what_is_often_taken_for_another_is_likely_to_be_it():
    matrix = substitution_matrix({"confusion": {"counts": COUNTS}}, 3)
    np.testing.assert_allclose(matrix.sum(axis=1), 1)
    assert matrix[1, 0] > 10 * matrix[0, 1] > 0
    assert 0 < matrix[0, 2] < matrix[0, 1]
    assert (matrix.diagonal() > 0.7).all()


def test_how_many_of_a_character_there_were_does_not_matter():
    few = substitution_matrix({"confusion": {"counts": COUNTS}}, 3)
    many = substitution_matrix({"confusion": {"counts": np.array(COUNTS) * [[1], [50], [1]]}}, 3)
    np.testing.assert_allclose(few, many, atol=1e-3)


def test_without_counts_nothing_is_taken_for_something_else():
    np.testing.assert_array_equal(substitution_matrix({}, 3), np.eye(3))


@pytest.mark.parametrize("counts", [[[1, 2]], "many", None])
def test_counts_of_other_classes_are_refused(counts):
    with pytest.raises(CorruptModel, match="confusion counts"):
        substitution_matrix({"confusion": {"counts": counts}}, 3)
