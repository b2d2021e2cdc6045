"""Paper with a grid of dots instead of lines: the dots are neither full stops nor colons."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import coo_matrix
from scipy.sparse.csgraph import connected_components
from scipy.spatial import cKDTree

_DOT = 2.0  # height and width of a dot at most, in stroke widths
_ALIKE = 1.5  # largest dot in the median size, and the median size in the smallest dot
# Counts:
_FEWEST = 30  # dots that have all their neighbours, at least; no text has so many
_MOST = 20_000  # specks of a page; if there are more, they are texture
# In the distance from one dot to the next:
_NEAR = 0.25  # from a neighbour to where it is looked for, at most: a photograph makes the grid uneven across the page
# Root mean square, over the dots, of the distance to the middle of all neighbours, at most. Drawn photographs of
# printed grids have 0.02; the dots of a sheet on which somebody practised the letter i are far less even.
_EVEN = 0.04


def are_dots_of_grid(boxes: NDArray[np.int32], stroke_px: float) -> NDArray[np.bool_]:
    """Tell which pieces (N,) are dots of a grid of squares or triangles.

    They are alike, and each stands in the middle of its neighbours.

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
    # A difference of one pixel means nothing in a dot of a few pixels.
    specks = specks[(size[specks] <= _ALIKE * usual + 1) & (size[specks] >= usual / _ALIKE - 1)]
    places = (boxes[specks, :2] + boxes[specks, 2:]) / 2
    if len(specks) < _FEWEST:
        return dots
    tree = cKDTree(places)
    distances, nearest = (each[:, 1] for each in tree.query(places, 2))  # each is its own nearest
    apart = float(np.median(distances))
    if not apart:  # pieces with one middle, such as rings around dots
        return dots
    near = np.abs(distances - apart) <= _NEAR * apart
    ways = _ways_to_next((places[nearest] - places)[near] / distances[near, None], apart)
    # (sides, specks): the index of the speck on each side; if there is none, the number of all specks
    beside = np.stack([tree.query(places + way, distance_upper_bound=_NEAR * apart)[1] for way in ways])
    inside = (beside < len(places)).all(axis=0)
    if np.count_nonzero(inside) < _FEWEST:
        return dots
    off = places[beside[:, inside]].mean(axis=0) - places[inside]
    if np.sqrt(np.mean(np.sum(off**2, axis=1))) > _EVEN * apart:
        return dots
    # All dots that are connected from neighbour to neighbour are one grid. Beside letters they lack some neighbours.
    side, speck = np.nonzero(beside < len(places))
    next_to = coo_matrix((np.ones(len(side), bool), (speck, beside[side, speck])), shape=(len(places),) * 2)
    _, grid = connected_components(next_to, directed=False)
    dots[specks[np.isin(grid, grid[inside])]] = True
    return dots


def _ways_to_next(directions: NDArray[np.float64], apart: float) -> NDArray[np.float64]:
    """Return the ways (4 or 6, 2) from a dot to its neighbours, down and across.

    Parameters
    ----------
    directions : (M, 2), of length 1, from each dot to its nearest neighbour
    apart : distance from a dot to the next
    """
    down, across = directions.T
    # Multiplied by the number of sides, the angles to all neighbours are equal, up to whole turns. So the sum of these
    # directions, as complex numbers, is long for the right number of sides.
    sums = {sides: np.sum((across + 1j * down) ** sides) for sides in (4, 6)}
    sides = max(sums, key=lambda count: abs(sums[count]))
    angles = (np.angle(sums[sides]) + 2 * np.pi * np.arange(sides)) / sides
    return apart * np.stack([np.sin(angles), np.cos(angles)], axis=1)
