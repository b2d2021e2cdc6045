"""Printed lines that are dashed, or that noise tore into pieces: no rows of full stops, dashes or small letters.

Their pieces may have any length and distance. Lines of round dots are left to `app.vision.marks.dotted_lines`, which
needs fewer pieces, but alike and evenly spaced ones.
"""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray

from app.vision.box import transposed
from app.vision.marks.chains import find_chains, find_next

# Counts:
_FEWEST = 15  # pieces of a line, at least: a hand that makes as many dots or dashes puts some off the line
_NEIGHBOURS = 8  # pieces beside each other with which the search for a line begins, at least
_MOST = 3000  # low pieces of a page; if there are more, they are texture
_FITS = 4  # how often a parabola is fitted, each time to more pieces of the line; paper bends, and lenses do
# In stroke widths:
_LOW = 2.0  # height of a piece at most
_WIDE = 8.0  # width of a piece at most
_LEVEL = 10.0  # from the middle of a piece to the middle of the next, in a level line, at most
# The same in an upright line. It is less than between stems, dots and dashes of one row of text and those of the next:
# rows of bold print are six apart.
_UPRIGHT = 5.5
_OFF = 0.5  # from the middle of a piece to the line, at most
_NEAR = 1.5  # distance from the line of solid pieces that tell how straight it is, at most
# Root mean square of their distances from the line, at most. Dots and dashes that a hand makes are farther off.
_STRAIGHT = 0.3
_DOT = 0.7  # shorter side of a dot made by a pen, at least
_ROUND = 1.4  # longer side of such a dot in its shorter side, at most
_DOTS = 0.5  # share of the pieces that are such dots, at most; of more a hand may have made the line
_SOLID = 0.6  # share of its box that is ink in a piece, at least; low letters, such as print beside a marker, have less
# Height in the median height, at most, beside a pixel. A higher piece is a full stop that stands on the line.
_HIGHER = 1.6
_STEEPEST = 0.18  # slope of a line at most, as a tangent: ten degrees


def are_of_torn_lines(boxes: NDArray[np.int32], areas: NDArray[np.int64], thick_px: float) -> NDArray[np.bool_]:
    """Tell which pieces (N,) are of a torn level or upright line: many, low, solid and alike, and all on the line.

    Parameters
    ----------
    boxes : (N, 4) as top, left, bottom, right
    areas : (N,), how many pixels of each are ink
    thick_px : width of the strokes of the writing, without what specks of noise take from the mean
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
        if np.mean(torn[low[chain]]) > 0.5:  # its line is known already
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
    """Yield chains, as indices of pieces: each is the next to the right of the one before, and about level with it.

    Parameters
    ----------
    x, y : (N,), middles of all pieces, ascending in `x`
    some : (M,), indices of the pieces that are looked at, ascending
    next_px : from the middle of a piece to the middle of the next, at most
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
    """Follow a line: return the indices (M,) of the pieces on it, and the distance of every piece (N,) from it.

    Parameters
    ----------
    on : indices of some pieces, most of which are on the line
    x, y : (N,), middles of all pieces, ascending in `x`
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
    """Return how far each piece (N,) is above or below the polynomial that fits the pieces `on` a line best."""
    return np.abs(np.polyval(np.polyfit(x[on], y[on], degree), x) - y)
