"""Boxes that are drawn or printed, as before the entries of a list to tick off, or around one character each."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from app.vision.ink.components import Components

_LEAST = 8.0  # stroke widths that a box's sides are long at least, so that no letter in a thick pen has four of them
# How far from the piece's bounds a side's ink may be; farther, and the sides of an O would do:
_NEAR = 1.25  # stroke widths, for the stroke itself
_ASKEW = 0.18  # of the shorter side, as a hand does not draw it quite straight
_ASPECT = 1.6  # one side is at most so many times as long as the other
_INKED = 0.8  # share of each side that is ink; of a circle it is 0.77
_PROBES = (0.1, 0.5, 0.9)  # shares of a side where ink is looked for first: most letters lack it somewhere


def are_checkboxes(components: Components) -> NDArray[np.bool_]:
    """Tell which pieces of ink (N,) have four straight sides, whatever stands inside and touches them."""
    are = np.zeros(len(components), bool)
    for number, near in _with_four_sides(components):
        own = components.mask(number)
        sides = own[:near], own[-near:], own.T[:near], own.T[-near:]
        are[number] = all(side.any(axis=0).mean() >= _INKED for side in sides)
    return are


def _with_four_sides(components: Components) -> list[tuple[int, int]]:
    """Return the pieces, by index, that may be boxes, and how far from their bounds sides may be."""
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
