"""Strips of different lengths, packed into images of equal width.

The images of a batch must be equally wide. If every strip were padded to the longest one, half of the arithmetic would
be wasted. So strips follow one another in lanes, with paper between them.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from app.vision.inputs.strip import COLUMN_PX, STRIP_HEIGHT, Strip


class Place(NamedTuple):
    """Where a strip is: the number of its lane, and the columns ``start`` to ``stop - 1`` in it."""

    lane: int
    start: int
    stop: int


class Lanes:
    """Images that are filled with strips from left to right.

    Parameters
    ----------
    count : how many lanes there are
    columns : length of each lane, in columns of `COLUMN_PX` pixels
    gap : columns of paper between two strips, and at both ends of a lane

    Attributes
    ----------
    images : (count, STRIP_HEIGHT, columns * COLUMN_PX) uint8, 255 for full ink and 0 for paper
    """

    def __init__(self, count: int, columns: int, gap: int) -> None:
        self.images: NDArray[np.uint8] = np.zeros((count, STRIP_HEIGHT, columns * COLUMN_PX), np.uint8)
        self._columns = columns
        self._gap = gap
        self._ends = [0] * count

    def add(self, strip: Strip) -> Place | None:
        """Lay a strip into the first lane with room for it; None if there is no such lane."""
        for lane, end in enumerate(self._ends):
            start = end + self._gap
            stop = start + strip.columns
            if stop + self._gap <= self._columns:
                self.images[lane, :, start * COLUMN_PX : start * COLUMN_PX + strip.width] = strip.pixels
                self._ends[lane] = stop
                return Place(lane, start, stop)
        return None


def pack_strips(strips: Sequence[Strip], gap: int, least_columns: int) -> tuple[NDArray[np.uint8], list[Place]]:
    """Lay strips into as many lanes as they need, the longest first.

    Parameters
    ----------
    gap : columns of paper before and behind each strip
    least_columns : length of a lane, which is longer if the longest strip needs it

    Returns
    -------
    images, places : (lanes, STRIP_HEIGHT, W) uint8; where each strip is, in the order of `strips`
    """
    longest = max((strip.columns for strip in strips), default=0)
    lanes = Lanes(len(strips), max(least_columns, longest + 2 * gap), gap)
    places = {}
    for number in sorted(range(len(strips)), key=lambda number: -strips[number].columns):
        place = lanes.add(strips[number])
        assert place is not None
        places[number] = place
    used = 1 + max((place.lane for place in places.values()), default=-1)
    return lanes.images[:used], [places[number] for number in range(len(strips))]
