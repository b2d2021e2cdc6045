"""How far the strokes of some rows lean, measured on their ink."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from app.vision.inputs.strip import STRIP_HEIGHT, Strip

_SOLID = 128  # of 255; pixels with as much ink count
# Slants that are tried, as tangents, up to 45 degrees. The least come first, because of equals the first is taken.
_TRIED = [tenths / 10 for tenths in sorted(range(-10, 11), key=abs)]


def stroke_slant(strips: Sequence[Strip]) -> float:
    """Return how far strokes lean to the right, as a tangent, in steps of a tenth; 0 if there is no ink.

    If the ink is sheared so that strokes are upright, it is piled up in few columns of pixels. So the slant is taken
    for which the sum over the columns of their squared numbers of ink pixels is largest.

    References
    ----------
    Vinciarelli, Luettin (2001), A new normalization technique for cursive handwritten words, which measures columns in
    a similar way.
    """
    ink = [np.nonzero(strip.pixels >= _SOLID) for strip in strips]
    return max(_TRIED, key=lambda slant: sum(_piled_up(down, across, slant) for down, across in ink))


def _piled_up(down: NDArray[np.intp], across: NDArray[np.intp], slant: float) -> float:
    """Return that sum for pixels of ink, given by their rows and columns (P,), and one slant."""
    moved = across + np.rint(slant * (down - STRIP_HEIGHT)).astype(np.intp)
    counts = np.bincount(moved - moved.min(initial=0))
    return float((counts.astype(np.float64) ** 2).sum())
