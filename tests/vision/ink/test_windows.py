"""Extremes around each place."""

from __future__ import annotations

import numpy as np
import pytest
from scipy import ndimage

from app.vision.ink.windows import extreme_within


@pytest.mark.parametrize("reach", [0, 1, 3, 6])
@pytest.mark.parametrize(
    "choose, slow", [(np.maximum, ndimage.maximum_filter), (np.minimum, ndimage.minimum_filter)], ids=["max", "min"]
)
def test_extremes_are_those_that_a_filter_finds(rng, reach, choose, slow):
    values = rng.integers(0, 256, (23, 31), dtype=np.uint8)
    np.testing.assert_array_equal(extreme_within(values, reach, choose), slow(values, 2 * reach + 1))
