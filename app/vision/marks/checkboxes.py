"""Boxes that are drawn or printed: before the entries of a list, to tick them off, or around single characters."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from app.vision.ink.components import Components

# Length of the shorter side in stroke widths, at least. Shorter letters in a thick pen may have four straight sides.
_LEAST = 8.0
_ASPECT = 1.6  # longer side in shorter sides, at most
# The ink of a side may be this far from the piece's bounds, whichever is more. With more room an O would have sides.
_NEAR = 1.25  # stroke widths: room for the stroke itself
_ASKEW = 0.18  # of the shorter side: a side drawn by hand is not quite straight
_INKED = 0.8  # share of each side that is ink, at least; of a circle it is 0.77
_PROBES = (0.1, 0.5, 0.9)  # places along each side where ink is looked for first: most letters lack it at one of them


def are_checkboxes(components: Components) -> NDArray[np.bool_]:
    """Tell which pieces of ink (N,) have four straight sides, even if writing inside touches them."""
    are = np.zeros(len(components), bool)
    for number, near in _with_four_sides(components):
        own = components.mask(number)
        sides = own[:near], own[-near:], own.T[:near], own.T[-near:]
        are[number] = all(side.any(axis=0).mean() >= _INKED for side in sides)
    return are


def _with_four_sides(components: Components) -> list[tuple[int, int]]:
    """Return the pieces that may be boxes: (index, how many pixels from its bounds the ink of a side may be)."""
    labels, boxes, stroke_px = components.labels, components.boxes, components.stroke_px
    less = np.minimum(components.heights, components.widths)
    more = np.maximum(components.heights, components.widths)
    found = np.flatnonzero((less >= _LEAST * stroke_px) & (more <= _ASPECT * less))
    near = np.maximum(max(2, round(_NEAR * stroke_px)), np.rint(_ASKEW * less)).astype(np.intp)
    for share in _PROBES:
        if not len(found):
            break
        top, left, bottom, right = boxes[found].T
        y, x = (top + share * (bottom - 1 - top)).astype(np.intp), (left + share * (right - 1 - left)).astype(np.intp)
        within = np.minimum(np.arange(near[found].max())[:, None], near[found] - 1)
        sides = ((top + within, x), (bottom - 1 - within, x), (y, left + within), (y, right - 1 - within))
        inked = [(components.label_image[place] == labels[found]).any(axis=0) for place in sides]
        found = found[np.logical_and.reduce(inked)]
    return [*zip(found.tolist(), near[found].tolist(), strict=True)]
