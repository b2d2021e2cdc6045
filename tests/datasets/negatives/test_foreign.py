"""Rows in made-up scripts."""

from __future__ import annotations

from itertools import pairwise

import numpy as np
import pytest

from app.datasets.negatives.foreign import Foreign
from tests.conftest import write_samples

SAMPLES = write_samples("ABEKRgkq247", 3)


@pytest.fixture(scope="module")
def rows():
    return [Foreign(SAMPLES).write(np.random.default_rng(seed)) for seed in range(60)]


def test_the_same_seed_gives_the_same_row(rows):
    again = Foreign(SAMPLES).write(np.random.default_rng(0))
    assert all(np.array_equal(one, other) for one, other in zip(rows[0].strokes, again.strokes, strict=True))


def test_nobody_can_say_what_is_written(rows):
    assert {row.text for row in rows} == {""}


def test_strokes_are_as_high_as_letters_with_marks_above_and_below(rows):
    for row in rows:
        points = np.concatenate(row.strokes)
        assert points.dtype == np.float32
        assert np.isfinite(points).all()
        top, bottom = points[:, 1].min(), points[:, 1].max()
        assert -0.8 < top < bottom < 2.0


def test_most_rows_are_longer_than_high(rows):
    sides = [np.ptp(np.concatenate(row.strokes), axis=0) for row in rows]
    assert np.mean([width > height for width, height in sides]) > 0.8


def test_a_row_repeats_its_letters(rows):
    """The shapes of strokes come again: a text, and no heap of strokes."""

    def shapes(row):
        return [np.round(stroke - stroke[0], 1).tobytes() for stroke in row.strokes if len(stroke) > 2]

    repeated = [len(set(shapes(row))) < len(shapes(row)) for row in rows if len(row.strokes) > 30]
    assert np.mean(repeated) > 0.5


def test_rows_differ(rows):
    lengths = [len(row.strokes) for row in rows]
    assert any(one != other for one, other in pairwise(lengths))
