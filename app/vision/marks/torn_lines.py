"""Printed lines that are dashed, or that noise tore: no row of full stops, dashes or small letters.

Their pieces are of any length and at any distance. Fewer, alike and evenly spaced, are dotted lines; round dots are
left to these. See `app.vision.marks.dotted_lines`.
"""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray

from app.vision.box import transposed
from app.vision.marks.chains import find_chains, find_next

_FEWEST = 15  # pieces that are left of a line: a hand that makes as many dots or dashes misses the line of some
_NEIGHBOURS = 8  # pieces beside each other from which on a line is looked for
# In stroke widths:
_LOW = 2.0  # no piece of a line is higher,
_WIDE = 8.0  # and none wider
_LEVEL = 10.0  # from the middle of one to that of a neighbour at most
# The same in an upright line: nearer than what stands below each other in rows of text, such as the stem of an l, the
# dot of an i or a dash. Rows of bold print are six apart.
_UPRIGHT = 5.5
_OFF = 0.5  # so far from the line is the middle of one at most
_STEEPEST = 0.18  # ten degrees, as a tangent
_FITS = 4  # of a parabola, as more of a line is known; paper bends, and so do lenses
_NEAR = 1.5  # solid pieces so near the line tell how straight it is:
_STRAIGHT = 0.3  # no farther from it in the mean (root of squares); dots and dashes of a hand are farther
_SOLID = 0.6  # share of its box that a piece inks; letters as low as that, such as print beside a marker, have less
_DOTS = 0.5  # of the pieces that are dots of a pen; where more are, a hand may have made them
_ROUND = 1.4  # times as long as wide such a dot is at most,
_DOT = 0.7  # and so many stroke widths thick at least
_HIGHER = 1.6  # what is so many times as high as the other pieces, and a pixel, is a full stop that stands on the line
_MOST = 3000  # more low pieces than this are texture


def are_of_torn_lines(boxes: NDArray[np.int32], areas: NDArray[np.int64], thick_px: float) -> NDArray[np.bool_]:
    """Tell which pieces (N,) are what is left of a level or upright line: many, low, solid and alike, all on it.

    Parameters
    ----------
    boxes : (N, 4) as top, left, bottom, right
    areas : (N,) pixels of ink
    thick_px : how thick strokes of the writing are, which specks of noise make no thinner
    """
    level = _are_of_level_lines(boxes, areas, thick_px, _LEVEL * thick_px)
    return level | _are_of_level_lines(transposed(boxes), areas, thick_px, _UPRIGHT * thick_px)


def _are_of_level_lines(
    boxes: NDArray[np.int32], areas: NDArray[np.int64], thick_px: float, next_px: float
) -> NDArray[np.bool_]:
    height, width = boxes[:, 2] - boxes[:, 0], boxes[:, 3] - boxes[:, 1]
    torn = np.zeros(len(boxes), bool)
    low = np.flatnonzero((height <= _LOW * thick_px) & (width <= _WIDE * thick_px))
    if not _FEWEST <= len(low) <= _MOST:
        return torn
    low = low[np.argsort(boxes[low, 1] + boxes[low, 3], kind="stable")]
    y, x = (boxes[low, :2] + boxes[low, 2:]).T / 2
    high, wide = height[low], width[low]
    solid = areas[low] >= _SOLID * high * wide
    dot = (np.minimum(high, wide) >= _DOT * thick_px) & (np.maximum(high, wide) <= _ROUND * np.minimum(high, wide))
    for chain in _chains(x, y, np.flatnonzero(solid), next_px, thick_px):
        if np.mean(torn[low[chain]]) > 0.5:  # the line is known
            continue
        on, off = _on_line(chain, x, y, thick_px)
        alike = np.flatnonzero(solid[on[0] : on[-1] + 1] & (off[on[0] : on[-1] + 1] <= _NEAR * thick_px)) + on[0]
        alike = alike[high[alike] <= _HIGHER * np.median(high[alike]) + 1]
        line = alike[off[alike] <= _OFF * thick_px]
        if len(line) < _FEWEST:
            continue
        if np.mean(dot[line]) <= _DOTS and np.sqrt(np.mean(off[alike] ** 2)) <= _STRAIGHT * thick_px:
            torn[low[line]] = True
    return torn


def _chains(
    x: NDArray[np.float64], y: NDArray[np.float64], some: NDArray[np.intp], next_px: float, thick_px: float
) -> Iterator[NDArray[np.intp]]:
    """Yield those of some pieces of which each is the next to the right of the one before, and about level with it.

    Parameters
    ----------
    x, y : (N,), ascending in `x`
    some : (M,), ascending
    """
    x, y = x[some], y[some]

    def fits(one: int, behind: slice) -> NDArray[np.bool_]:
        apart = x[behind] - x[one]
        return (apart > 0) & (np.abs(y[behind] - y[one]) <= _OFF * thick_px + _STEEPEST * apart)

    after = find_next(x, next_px, fits)
    for chain in find_chains(after, _NEIGHBOURS):
        yield some[chain]


def _on_line(
    on: NDArray[np.intp], x: NDArray[np.float64], y: NDArray[np.float64], thick_px: float
) -> tuple[NDArray[np.intp], NDArray[np.float64]]:
    """Follow the line that some pieces are on: return which (M,) are on it, and how far each (N,) is from it.

    Parameters
    ----------
    on : some of the pieces, most of them on a line
    x, y : (N,), ascending in `x`
    """
    off = _away(on, x, y, 1)
    for _ in range(_FITS):
        near = np.flatnonzero(off <= max(_OFF * thick_px, 2 * float(np.median(off[on]))))
        if len(np.unique(x[near])) < _NEIGHBOURS:
            break
        known, on, off = on, near, _away(near, x, y, 2)
        if np.array_equal(on, known):
            break
    return on, off


def _away(on: NDArray[np.intp], x: NDArray[np.float64], y: NDArray[np.float64], degree: int) -> NDArray[np.float64]:
    """Return how far each piece (N,) is from the curve that fits some of them best."""
    return np.abs(np.polyval(np.polyfit(x[on], y[on], degree), x) - y)
