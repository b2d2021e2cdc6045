"""Which pieces of ink a sloping line crosses, and what it takes to find out."""

from __future__ import annotations

import tracemalloc

import numpy as np
import pytest

from app.vision.ink.components import Components
from app.vision.marks.sloping import find_sloping


def _crossed(height, width, pen):
    """A line from a corner to the other, between dashes above and below it: (H, W)."""
    ink = np.zeros((height, width), bool)
    for x in range(0, width, 12 * pen):
        ink[:pen, x : x + 8 * pen] = ink[-pen:, x : x + 8 * pen] = True
    for x, y in enumerate(np.linspace(height - pen, 0, width).round().astype(int)):
        ink[y : y + pen, x] = True
    return ink


def _sloping(ink, pen):
    """Boxes of what is crossed, where all ink is one piece."""
    label, box = np.array([1], np.int32), np.array([[0, 0, *ink.shape]], np.int32)
    piece = Components(ink.astype(np.int32), label, box, np.array([ink.sum()]), float(pen))
    return find_sloping(np.array([0]), piece, len(ink) / 2)


@pytest.mark.parametrize("width", [300, 6000], ids=["a word", "a long row"])
def test_a_line_from_corner_to_corner_is_found(width):
    [box] = _sloping(_crossed(100, width, 3), 3)
    assert box.width == width


def test_uprights_with_a_level_line_below_them_are_not_crossed():
    ink = np.zeros((100, 300), bool)
    ink[:, ::36] = ink[:, 1::36] = ink[:, 2::36] = ink[-3:] = True
    assert not _sloping(ink, 3)


@pytest.mark.parametrize("height, width", [(400, 1000), (60, 6000)], ids=["high", "long"])
def test_a_piece_of_many_pixels_takes_little_memory(height, width):
    ink = np.ones((height, width), bool)
    ink[::4, ::2] = ink[2::4, 1::2] = False  # as many strokes in each column as can be, and ink along every line
    tracemalloc.start()
    _sloping(ink, 1)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert peak < 16 * ink.size
