from __future__ import annotations

import numpy as np

from app.datasets.rows.window import WINDOW_SHAPE, window_at
from app.vision import COLUMN_PX, STRIP_HEIGHT, Strip


def _strip(columns):
    """Every pixel tells the column of the network that it belongs to, counted from 1."""
    numbers = np.repeat(np.arange(1, columns + 1, dtype=np.uint8), COLUMN_PX)
    return Strip(np.tile(numbers, (STRIP_HEIGHT, 1)), 0, 1.0)


def test_a_column_is_in_the_middle_of_its_window():
    window = window_at(_strip(20), 10)
    assert window.shape == WINDOW_SHAPE
    assert window[0, WINDOW_SHAPE[1] // 2] == 11
    assert (window > 0).all()


def test_beyond_the_ends_of_a_row_is_paper():
    window = window_at(_strip(1), 0)
    assert np.count_nonzero(window[0]) == COLUMN_PX
    assert not window_at(_strip(1), 100).any()
