"""How far the strokes of some rows lean, told by the ink alone."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from app.vision.inputs.strip import STRIP_HEIGHT, Strip

_SOLID = 128  # of 255: from here on a pixel is ink
_TRIED = [tenths / 10 for tenths in sorted(range(-10, 11), key=abs)]  # tangents, up to 45 degrees; of equals, the least


def stroke_slant(strips: Sequence[Strip]) -> float:
    """Return how far strokes lean to the right, as a tangent, in steps of a tenth; 0 where there is no ink.

    Ink that is moved so that strokes stand upright lies above each other, in few columns: that slant is taken for which
    the squares of what the columns hold have the largest sum.

    References
    ----------
    Vinciarelli, Luettin (2001), A new normalization technique for cursive handwritten words, which measures columns in
    a similar way.
    """
    ink = [np.nonzero(strip.pixels >= _SOLID) for strip in strips]
    return max(_TRIED, key=lambda slant: sum(_piled_up(down, across, slant) for down, across in ink))


def _piled_up(down: NDArray[np.intp], across: NDArray[np.intp], slant: float) -> float:
    moved = across + np.rint(slant * (down - STRIP_HEIGHT)).astype(np.intp)
    counts = np.bincount(moved - moved.min(initial=0))
    return float((counts.astype(np.float64) ** 2).sum())
