"""Paper with a grid of dots instead of lines: they are neither full stops nor colons."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import coo_matrix
from scipy.sparse.csgraph import connected_components
from scipy.spatial import cKDTree

_DOT = 2.0  # no dot is wider or higher, in stroke widths
_ALIKE = 1.5  # nor more than so many times as large as most, or as small
_MOST = 20_000  # more specks than this are texture
# In the distance from one dot to the next:
_NEAR = 0.25  # a neighbour is no farther from where it is looked for; a camera makes the grid uneven across the page
# A dot is so near to the middle between its neighbours, in the mean (root of squares). Drawn photographs of printed
# grids have 0.02 at most; the dots of a sheet on which somebody practises i are not nearly as even.
_EVEN = 0.04
_FEWEST = 30  # dots with all their neighbours; no text has so many


def are_dots_of_grid(boxes: NDArray[np.int32], stroke_px: float) -> NDArray[np.bool_]:
    """Tell which pieces (N,) are dots of a grid, of squares or of triangles: alike, each amid all of its neighbours.

    Parameters
    ----------
    boxes : (N, 4) as top, left, bottom, right
    """
    size = np.maximum(boxes[:, 2] - boxes[:, 0], boxes[:, 3] - boxes[:, 1])
    specks = np.flatnonzero(size <= _DOT * stroke_px)
    dots = np.zeros(len(boxes), bool)
    if not _FEWEST <= len(specks) <= _MOST:
        return dots
    usual = float(np.median(size[specks]))
    # A pixel more or less says nothing of a dot that has few.
    specks = specks[(size[specks] <= _ALIKE * usual + 1) & (size[specks] >= usual / _ALIKE - 1)]
    places = (boxes[specks, :2] + boxes[specks, 2:]) / 2
    if len(specks) < _FEWEST:
        return dots
    tree = cKDTree(places)
    distances, nearest = (each[:, 1] for each in tree.query(places, 2))  # each is its own nearest
    apart = float(np.median(distances))
    if not apart:  # rings around dots, say
        return dots
    near = np.abs(distances - apart) <= _NEAR * apart
    ways = _ways_to_next((places[nearest] - places)[near] / distances[near, None], apart)
    # (sides, specks), the number of the speck on each side, that of all if there is none
    beside = np.stack([tree.query(places + way, distance_upper_bound=_NEAR * apart)[1] for way in ways])
    inside = (beside < len(places)).all(axis=0)
    if np.count_nonzero(inside) < _FEWEST:
        return dots
    off = places[beside[:, inside]].mean(axis=0) - places[inside]
    if np.sqrt(np.mean(np.sum(off**2, axis=1))) > _EVEN * apart:
        return dots
    # From dot to dot, also past letters, beside which a dot has fewer neighbours.
    side, speck = np.nonzero(beside < len(places))
    next_to = coo_matrix((np.ones(len(side), bool), (speck, beside[side, speck])), shape=(len(places),) * 2)
    _, grid = connected_components(next_to, directed=False)
    dots[specks[np.isin(grid, grid[inside])]] = True
    return dots


def _ways_to_next(directions: NDArray[np.float64], apart: float) -> NDArray[np.float64]:
    """Return the ways (4 or 6, 2) from a dot to those around it, down and across.

    Parameters
    ----------
    directions : (M, 2), of length 1, from a dot to one beside it
    apart : how far that is
    """
    down, across = directions.T
    # The angle of any side, times the number of sides, is the same but for whole turns.
    sums = {sides: np.sum((across + 1j * down) ** sides) for sides in (4, 6)}
    sides = max(sums, key=lambda count: abs(sums[count]))
    angles = (np.angle(sums[sides]) + 2 * np.pi * np.arange(sides)) / sides
    return apart * np.stack([np.sin(angles), np.cos(angles)], axis=1)
