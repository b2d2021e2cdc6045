"""Pictures without writing."""

from __future__ import annotations

import numpy as np

from app.datasets.negatives.clutter import draw_clutter
from app.vision import find_strips


def test_the_same_seed_gives_the_same_picture_and_another_one_another() -> None:
    pictures = [draw_clutter(np.random.default_rng(seed)) for seed in range(6)]
    again = [draw_clutter(np.random.default_rng(seed)) for seed in range(6)]
    assert all(np.array_equal(one, other) for one, other in zip(pictures, again, strict=True))
    assert len({picture.tobytes() for picture in pictures}) == 6


def test_most_pictures_hold_what_may_be_taken_for_a_row() -> None:
    found = [len(find_strips(draw_clutter(np.random.default_rng(seed)))) for seed in range(12)]
    assert np.count_nonzero(found) > 6
