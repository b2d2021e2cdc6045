"""Printed lines that are dashed, or that noise tore: no row of full stops, dashes or small letters."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray

from app.vision.marks.chains import find_chains, find_next

# So many pieces on a line, with nothing but letters between, are what is left of it: a hand that makes as many dots or
# dashes misses the line of some. From so many neighbours on it is looked for.
_FEWEST, _NEIGHBOURS = 15, 8
# In stroke widths:
_LOW, _WIDE = 2.0, 8.0  # no piece of a line is higher or wider
_NEXT, _FARTHEST = 10.0, 30.0  # from the middle of one to that of a neighbour, and to that of the next past letters
_OFF = 0.5  # so far from the line is the middle of one at most
_STEEPEST = 0.18  # ten degrees, as a tangent
_FITS = (1, 2, 2, 2, 2)  # degrees of a line at first, and once more of it is known; paper bends, and so do lenses
# So near the line, in stroke widths, few other low pieces are, and those that are alike are no farther from it in the
# mean (root of squares): dots and dashes of a hand are.
_NEAR, _MOSTLY, _STRAIGHT = 1.5, 0.7, 0.3
_SOLID = 0.6  # share of its box that a piece inks; letters as low as that, such as print beside a marker, have less
# Where more of them than such a share are dots of a pen, as round and as thick in strokes, a hand may have made them:
# see `app.vision.marks.dotted_lines`.
_DOTS, _ROUND, _DOT = 0.5, 1.4, 0.7
_HIGHER = 1.6  # what is so many times as high as the other pieces, and a pixel, is a full stop that stands on the line
_MOST = 3000  # more low pieces than this are texture


def are_of_torn_lines(boxes: NDArray[np.int32], areas: NDArray[np.int64], stroke_px: float) -> NDArray[np.bool_]:
    """Tell which pieces (N,) are what is left of a level or upright line: many, low, solid and alike, all on it.

    Parameters
    ----------
    boxes : (N, 4) as top, left, bottom, right
    areas : (N,) pixels of ink
    """
    upright = boxes[:, [1, 0, 3, 2]]
    return _are_of_level_lines(boxes, areas, stroke_px) | _are_of_level_lines(upright, areas, stroke_px)


def _are_of_level_lines(boxes: NDArray[np.int32], areas: NDArray[np.int64], stroke_px: float) -> NDArray[np.bool_]:
    height, width = boxes[:, 2] - boxes[:, 0], boxes[:, 3] - boxes[:, 1]
    torn = np.zeros(len(boxes), bool)
    low = np.flatnonzero((height <= _LOW * stroke_px) & (width <= _WIDE * stroke_px))
    if not _FEWEST <= len(low) <= _MOST:
        return torn
    low = low[np.argsort(boxes[low, 1] + boxes[low, 3], kind="stable")]
    y, x = (boxes[low, :2] + boxes[low, 2:]).T / 2
    high, wide = height[low], width[low]
    solid = areas[low] >= _SOLID * high * wide
    dot = (np.minimum(high, wide) >= _DOT * stroke_px) & (np.maximum(high, wide) <= _ROUND * np.minimum(high, wide))
    for chain in _chains(x, y, np.flatnonzero(solid), stroke_px):
        if np.mean(torn[low[chain]]) > 0.5:  # the line is known
            continue
        on, off = _on_line(chain, x, y, stroke_px)
        near = np.flatnonzero(off[on[0] : on[-1] + 1] <= _NEAR * stroke_px) + on[0]
        alike = near[solid[near]]
        alike = alike[high[alike] <= _HIGHER * np.median(high[alike]) + 1]
        line = alike[off[alike] <= _OFF * stroke_px]
        if len(line) < max(_FEWEST, _MOSTLY * len(near)):
            continue
        if np.mean(dot[line]) <= _DOTS and np.sqrt(np.mean(off[alike] ** 2)) <= _STRAIGHT * stroke_px:
            torn[low[line]] = True
    return torn


def _chains(
    x: NDArray[np.float64], y: NDArray[np.float64], some: NDArray[np.intp], stroke_px: float
) -> Iterator[NDArray[np.intp]]:
    """Yield those of some pieces of which each is the next to the right of the one before, and about level with it.

    Parameters
    ----------
    x, y : (N,), ascending in `x`
    some : (M,), ascending
    """
    x, y = x[some], y[some]

    def fits(one: int, behind: slice) -> NDArray[np.bool_]:
        return np.abs(y[behind] - y[one]) <= _OFF * stroke_px + _STEEPEST * (x[behind] - x[one])

    after = find_next(x, _NEXT * stroke_px, fits)
    for chain in find_chains(after, _NEIGHBOURS):
        yield some[chain]


def _on_line(
    on: NDArray[np.intp], x: NDArray[np.float64], y: NDArray[np.float64], stroke_px: float
) -> tuple[NDArray[np.intp], NDArray[np.float64]]:
    """Follow the line that some pieces are on: return which (M,) are on it, and how far each (N,) is from it.

    Parameters
    ----------
    on : some of the pieces, most of them on a line
    x, y : (N,), ascending in `x`
    """
    for degree in _FITS:
        curve = np.polyfit(x[on], y[on], degree)
        off = np.abs(np.polyval(curve, x) - y)
        near = np.flatnonzero(off <= max(_OFF * stroke_px, 2 * float(np.median(off[on]))))
        parts = np.split(near, np.flatnonzero(np.diff(x[near]) > _FARTHEST * stroke_px) + 1)
        part = max(parts, key=lambda part: len(np.intersect1d(part, on, assume_unique=True)))
        if len(part) < _NEIGHBOURS or (degree > 1 and np.array_equal(part, on)):
            break
        on = part
    return on, off
