"""A decoded page and the upload that it was."""

from __future__ import annotations

import numpy as np
import pytest

from app.vision import Box, Picture


@pytest.mark.parametrize(
    "sides, box",
    [
        ((1, 1, 3, 4), Box(3, 2, 12, 10)),
        ((0, 0, 10, 20), Box(0, 0, 39, 50)),
        ((-0.4, -3, 10.3, 21), Box(0, 0, 39, 50)),
        ((10 / 3.9 + 1e-9, 2 - 1e-9, 20 / 3.9 + 1e-9, 4 - 1e-9), Box(10, 5, 20, 10)),  # no more than was meant
    ],
)
def test_a_box_covers_every_pixel_of_the_upload_that_it_touches_and_no_other(sides, box):
    picture = Picture(np.zeros((10, 20), np.uint8), width=50, height=39)  # 3.9 pixels down and 2.5 across
    assert picture.on_upload(np.array(sides)) == box
