"""Pictures of single characters of a row with their surroundings."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from app.vision import COLUMN_PX, STRIP_HEIGHT, Strip

WINDOW_SHAPE = (STRIP_HEIGHT, STRIP_HEIGHT)
"""(H, W) in pixels: room for a character and half of each neighbour."""


def window_at(strip: Strip, column: float) -> NDArray[np.uint8]:
    """Cut `WINDOW_SHAPE` out of a row, around the middle of a column, with paper beyond the ends of the row."""
    window = np.zeros(WINDOW_SHAPE, np.uint8)
    left = round((column + 0.5) * COLUMN_PX) - window.shape[1] // 2
    start, stop = max(left, 0), min(left + window.shape[1], strip.width)
    if start < stop:
        window[:, start - left : stop - left] = strip.pixels[:, start:stop]
    return window
