"""Pictures without writing."""

from __future__ import annotations

import numpy as np
import pytest

from app.datasets.negatives.textless import draw_textless, fractal
from app.vision import find_strips


def test_the_same_seed_gives_the_same_picture_and_another_one_another():
    pictures = [draw_textless(np.random.default_rng(seed)) for seed in (1, 1, 2)]
    assert np.array_equal(pictures[0], pictures[1])
    assert pictures[0].tobytes() != pictures[2].tobytes()
    assert {(picture.dtype.name, picture.ndim) for picture in pictures} == {("uint8", 2)}


def test_most_pictures_hold_what_may_be_taken_for_a_row():
    found = [len(find_strips(draw_textless(np.random.default_rng(seed)))) for seed in range(8)]
    assert np.count_nonzero(found) > 4


@pytest.mark.parametrize("shape", [(40, 61), (64, 32)])
def test_rougher_noise_changes_more_from_pixel_to_pixel(rng, shape):
    rough, smooth = (fractal(*shape, roughness, rng) for roughness in (0.5, 2.0))
    assert rough.shape == smooth.shape == shape
    for noise in (rough, smooth):
        assert (noise.mean(), noise.std()) == pytest.approx((0, 1), abs=1e-4)
    assert np.abs(np.diff(rough)).mean() > 2 * np.abs(np.diff(smooth)).mean()
