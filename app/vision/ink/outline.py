"""The straight outline of a sheet of paper, whatever it lies on: wood, cloth, other papers, a light desk."""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import cached_property

import numpy as np
from numpy.typing import NDArray
from scipy import ndimage

from app.vision.ink.grid import cell_px, inside, reduced
from app.vision.ink.runs import label_runs

Grey = NDArray[np.uint8]
Array = NDArray[np.float32]
Lines = NDArray[np.float64]

# Edges are looked for on a grid of about this many cells along the longer side. It is finer than the strip of shadow
# beside a sheet, but so coarse that most strokes of a pen are one cell wide, and are closed.
_CELLS = 240
_DARKEST = 10  # grey, of 255; darker cells count as this dark, because the ratio of two very dark greys says nothing
# How sharp an edge is: a step of the logarithm of grey, which a shadow across the edge does not change.
_FAINT = 0.05  # a smaller step (5 percent) is no edge
_FULL = 0.15  # an edge from this step on (14 percent) counts as fully seen
_STRONG = 0.3  # larger steps weigh no more than this one, or a few strong strokes would outvote a long pale edge
# The edge of a shadow is blurred: the step within three cells is larger than that within one. This many times the
# difference is subtracted from the step.
_BLURRED = 1.5
# Grain is as sharp as an edge. But at the edge of a sheet, this many cells within it are lighter than as many beyond
# it, by at least this step of the logarithm in the mean.
_GRAIN_CELLS = 5
_LIGHTER = 0.02
# A drawn line has a second edge, beyond which it is as light again: within this many cells, and with a step of at least
# this share of the first.
_LINE_CELLS = 6
_AS_SHARP = 0.6
# Lines that may be a side of a sheet. Angles are from upright for left and right, from level for top and bottom:
_STEEPEST_DEG = 24  # largest angle: of a sheet that lies askew or is seen from one side
_TURN_DEG = 2  # between two angles that are tried; the ends of a line with an angle in between are two cells off
_AGREES_DEG = 12  # a cell votes for angles that differ less from that of its own edge, which a few cells tell
_NEAR_CELLS = 2  # distance from a line of cells that count as on it
_APART_CELLS = 6  # two lines whose ends are nearer to each other are one
_TRIES = 6  # lines that are looked for on a side
_LINES = 4  # different ones that are kept of them; all outlines made of those of the four sides are compared
# Shares of the image's height or width:
_SHORTEST = 0.2  # length of a side, at least
_LONG = 0.15  # longest part of it without a gap, at least
# Counts:
_SIDES = 3  # sides within the image, at least; two edges may be those of anything
_ROW = 5  # times as long as it is high, an image is a row cut out of a page: its letters are as high as a sheet
# Shares of the outline's length within the image. Of 130 drawn photos, right outlines are seen to 0.85 and more, and
# are like drawn lines to 0.45 at most. The frames of fields in forms are like drawn lines to 0.9 and more.
_SIDE_SEEN = 0.6  # of each side that is seen, at least: a hand or a book may hide some of it
_SEEN = 0.8  # of all sides together that is seen, at least
_DRAWN = 0.6  # of all sides together that is like drawn lines, at most
# How much less an outline counts, for each cell that is like a drawn line, where several are possible: so a rule or a
# line of a table is rarely taken for the sheet's edge.
_DRAWN_COSTS = 0.3


@dataclass(frozen=True)
class _Side:
    """K lines that may be one side of a sheet.

    Attributes
    ----------
    lines : (K, 2), offset and slope: x = offset + slope * (y - middle); for top and bottom x and y change places
    seen, drawn, within : (K, N + 1), cumulative sums along each line over its N cells: how far they are edges, whether
        they are like those of a drawn line, whether they are within the image
    """

    lines: Lines
    seen: Array
    drawn: Array
    within: Array


def find_outlines(grey: Grey) -> list[NDArray[np.float64]]:
    """Return the corners of sheets that end at three or four sides within their image, the best seen first.

    All lines along which the image becomes sharply lighter are possible sides. An outline has a line, or the image's
    edge, for each side. Of all outlines the one is taken that is seen best and longest. Others are looked for where it
    is not.

    Parameters
    ----------
    grey : (H, W)

    Returns
    -------
    list of (4, 2) : x and y in pixels, clockwise from the top left; perhaps outside the image

    References
    ----------
    Duda, Hart (1972), Use of the Hough transformation to detect lines and curves in pictures.
    """
    cell = cell_px(grey.shape, _CELLS)
    cells = reduced(grey, cell)
    if min(cells.shape) <= max(2 * _LINE_CELLS, max(cells.shape) / _ROW):
        return []
    light = np.log(np.maximum(_closed(_closed(cells).T).T, _DARKEST).astype(np.float32))
    upright = _edges(light)
    for drawn in (True, False):  # most pages have no long edge, or only such as drawn lines have
        if not any(_is_long(one.are if drawn else one.are & ~one.like_drawn) for one in upright):
            return []
    edges = [*upright, *_edges(light.T)]
    found: list[NDArray[np.float64]] = []
    while sum(_is_long(one.are) for one in edges) >= _SIDES:
        corners = _best([_side(one) for one in edges], light.shape)
        if corners is None:
            break
        found.append((corners + 0.5) * cell)
        there = ndimage.binary_dilation(inside(corners + 0.5, light.shape), np.ones((3, 3)), _APART_CELLS)
        edges = [one.apart_from(way) for one, way in zip(edges, (there, there, there.T, there.T), strict=True)]
    return found


@dataclass(frozen=True)
class _Edges:
    """Where a picture (H, W) becomes lighter to the right, for left sides, or to the left, for right sides.

    Attributes
    ----------
    step, wide : (H, W), how much lighter it becomes in that direction within one cell, and within three
    across : (H, W), how much lighter it becomes downwards; the negative of it for right sides
    sharp : (H, W), `step`, but less where the picture goes on becoming lighter, and 0 in grain
    reach : how many cells to the left, and how many to the right, of an edge the other edge of a drawn line may be
    """

    step: Array
    wide: Array
    across: Array
    sharp: Array
    reach: tuple[int, int]

    @cached_property
    def are(self) -> NDArray[np.bool_]:
        """(H, W), which cells are on an edge that is more upright than level."""
        return (self.sharp > _FAINT) & (np.abs(self.across) < self.step)

    @cached_property
    def like_drawn(self) -> NDArray[np.bool_]:
        """(H, W), which cells have the other edge of a drawn line near them."""
        falls = -self.step - _BLURRED * np.maximum(self.step - self.wide, 0)
        return _highest(falls, *self.reach) > np.maximum(_AS_SHARP * self.sharp, 0)

    def apart_from(self, there: NDArray[np.bool_]) -> _Edges:
        """Return the edges that are not in a part (H, W) of the picture."""
        return replace(self, sharp=np.where(there, np.float32(0), self.sharp))


def _edges(light: Array) -> tuple[_Edges, _Edges]:
    """Find the edges that left sides and right sides may have, in a picture (H, W) of logarithms of grey."""
    rises = _rises(light, _GRAIN_CELLS)
    total, across = sum(rises), _rises(light.T, 1)[0].T
    both = []
    for way, reach in ((1, (_LINE_CELLS, 0)), (-1, (0, _LINE_CELLS))):
        step, wide = way * rises[0], way * rises[2]
        sharp = step - _BLURRED * np.maximum(wide - step, 0)
        sharp[way * total < _LIGHTER * _GRAIN_CELLS] = 0
        both.append(_Edges(step, wide, way * across, sharp, reach))
    return both[0], both[1]


def _is_long(edges: NDArray[np.bool_]) -> bool:
    """Whether one of the edges in a picture (H, W) goes as far down, in one piece, as those of a sheet do."""
    shortest = _LONG * len(edges)
    gaps = np.flatnonzero(~edges.any(axis=1))
    if np.diff(gaps, prepend=-1, append=len(edges)).max() <= shortest:  # the gaps between rows of writing, found fast
        return False
    boxes = label_runs(edges).boxes
    return bool((boxes[:, 2] - boxes[:, 0]).max() >= shortest)


def _side(edges: _Edges) -> _Side:
    """Find the lines that may be a side of a sheet, and add up what is seen along them."""
    lines = _find_lines(edges)
    height, width = edges.step.shape
    y = np.arange(height)
    x = np.rint(lines[:, :1] + lines[:, 1:] * (y - (height - 1) / 2)).astype(np.intp)
    within = (x >= 0) & (x < width)
    at = np.broadcast_to(y, x.shape), x.clip(0, width - 1)
    sharpest = _highest(edges.sharp, _NEAR_CELLS, _NEAR_CELLS)
    kinds = np.clip(sharpest[at] / _FULL, 0, 1), edges.like_drawn[at], within
    sums = (np.cumsum(kind * within, axis=1, dtype=np.float32) for kind in kinds)
    return _Side(lines, *(np.pad(of_kind, ((0, 0), (1, 0))) for of_kind in sums))


def _closed(cells: Grey) -> Grey:
    """Make dark cells that have a lighter one on the left and on the right as light as the darker of these."""
    lighter = np.maximum(cells[:, 1:], cells[:, :-1])
    closed = cells.copy()
    closed[:, 1:-1] = np.minimum(lighter[:, 1:], lighter[:, :-1])
    return closed


def _highest(values: Array, before: int, after: int) -> Array:
    """Return the highest value from `before` cells to the left of each cell to `after` cells to its right."""
    width = values.shape[1]
    padded = np.pad(values, ((0, 0), (before, after)), mode="edge")
    highest = padded[:, :width]
    for begin in range(1, before + after + 1):
        highest = np.maximum(highest, padded[:, begin : begin + width])
    return highest


def _rises(light: Array, most: int) -> list[Array]:
    """Return how much lighter it is 1, 2, ..., `most` cells to the right of each cell than as many to its left.

    Beyond the image it is as light as at its edge.
    """
    width = light.shape[1]
    padded = np.pad(light, ((0, 0), (most, most)), mode="edge")
    return [
        padded[:, most + cells : most + cells + width] - padded[:, most - cells : most - cells + width]
        for cells in range(1, most + 1)
    ]


def _find_lines(edges: _Edges) -> Lines:
    """Return the lines (K, 2) of `_Side` that get most votes of cells on edges, each weighted by how sharp it is."""
    height, width = edges.step.shape
    y, x = np.nonzero(edges.are)
    weights = np.minimum(edges.sharp[y, x], _STRONG)
    leaning = -np.arctan(edges.across[y, x] / edges.step[y, x])
    down = y - (height - 1) / 2
    angles = np.radians(np.arange(-_STEEPEST_DEG, _STEEPEST_DEG + 1, _TURN_DEG))
    slopes = np.tan(angles)[:, None]
    beside = int(slopes[-1, 0] * height / 2) + 2  # lines may leave the image
    votes = np.zeros((len(slopes), width + 2 * beside))
    for angle, slope, counted in zip(angles, slopes, votes, strict=True):
        agree = np.abs(leaning - angle) < np.radians(_AGREES_DEG)
        at = (x[agree] - slope * down[agree] + (beside + 0.5)).astype(np.intp)
        counted[:] = np.bincount(at, weights[agree], len(counted))
    votes = ndimage.uniform_filter1d(votes, 3, axis=1, mode="constant")
    offsets = np.arange(-beside, width + beside)
    half = (height - 1) / 2
    lines: list[tuple[float, float]] = []
    for _ in range(_TRIES):
        turn, place = np.unravel_index(np.argmax(votes), votes.shape)
        if len(lines) == _LINES or votes[turn, place] < _FAINT * _SHORTEST * height / 3:
            break
        tried = line = float(offsets[place]), float(slopes[turn, 0])
        for near in (_NEAR_CELLS + 1, _NEAR_CELLS):  # least squares, first over more cells than belong to the line
            on = np.abs(x - line[0] - line[1] * down) <= near
            line = _through(x[on], down[on], weights[on]) if on.any() else line
        if not any(abs(line[0] - one[0]) + half * abs(line[1] - one[1]) < _APART_CELLS for one in lines):
            lines.append(line)
        for offset, slope in (tried, line):
            ends = (np.abs(offsets - offset + way * half * (slopes - slope)) < _APART_CELLS for way in (-1, 1))
            votes[np.logical_and(*ends)] = 0
    return np.array(lines).reshape(-1, 2)


def _through(x: NDArray[np.intp], y: NDArray[np.float64], weights: Array) -> tuple[float, float]:
    """Return the offset and the slope of the line x = offset + slope * y by weighted least squares."""
    total = float(weights.sum())
    middle_x, middle_y = float(weights @ x) / total, float(weights @ y) / total
    slope = float((weights * (x - middle_x)) @ (y - middle_y)) / max(float(weights @ (y - middle_y) ** 2), 1e-9)
    return middle_x - slope * middle_y, slope


def _best(sides: list[_Side], shape: tuple[int, ...]) -> NDArray[np.float64] | None:
    """Return the corners (4, 2), in cells, of the outline whose sides are seen best; None if none is seen well enough.

    Parameters
    ----------
    sides : the left, right, top and bottom side
    shape : (H, W) of the image, in cells
    """
    height, width = shape
    edges = (-0.5, width - 0.5, -0.5, height - 0.5)
    lines = [np.vstack([side.lines, (edge, 0.0)]) for side, edge in zip(sides, edges, strict=True)]
    numbers = np.indices([len(some) for some in lines]).reshape(4, -1)  # (4, M), which line is each side of M outlines
    corners = _corners(np.stack([some[chosen] for some, chosen in zip(lines, numbers, strict=True)]), shape)
    top_left, top_right, bottom_right, bottom_left = corners
    ends = (
        (top_left[1], bottom_left[1]),
        (top_right[1], bottom_right[1]),
        (top_left[0], top_right[0]),
        (bottom_left[0], bottom_right[0]),
    )
    are_lines = np.array([chosen < len(side.lines) for side, chosen in zip(sides, numbers, strict=True)])
    possible = are_lines.sum(axis=0) >= _SIDES
    seen, drawn, length = np.zeros((3, numbers.shape[1]))
    for side, chosen, (begin, end) in zip(sides, numbers, ends, strict=True):
        is_long, own_seen, own_drawn, own_length = _seen_between(side, chosen, begin, end)
        possible &= is_long & (own_seen >= _SIDE_SEEN * own_length)
        seen, drawn, length = seen + own_seen, drawn + own_drawn, length + own_length
    possible &= (seen >= _SEEN * length) & (drawn <= _DRAWN * length)
    if not possible.any():
        return None
    better = seen - _SIDE_SEEN * length - _DRAWN_COSTS * drawn
    return corners[:, :, np.argmax(np.where(possible, better, -np.inf))]


def _corners(lines: NDArray[np.float64], shape: tuple[int, ...]) -> NDArray[np.float64]:
    """Return the corners of M outlines, where their sides cross: (4, 2, M), x and y, clockwise from the top left.

    Parameters
    ----------
    lines : (4, M, 2), for left, right, top and bottom, as of `_Side`
    """
    height, width = shape
    offsets, slopes = lines.transpose(2, 0, 1)
    corners = np.empty((4, 2, lines.shape[1]))
    for corner, (upright, level) in zip(corners, ((0, 2), (1, 2), (1, 3), (0, 3)), strict=True):
        x_at_0 = offsets[upright] - slopes[upright] * (height - 1) / 2
        y_at_0 = offsets[level] - slopes[level] * (width - 1) / 2
        corner[1] = (y_at_0 + slopes[level] * x_at_0) / (1 - slopes[level] * slopes[upright])
        corner[0] = x_at_0 + slopes[upright] * corner[1]
    return corners


def _seen_between(
    side: _Side, chosen: NDArray[np.intp], begin: NDArray[np.float64], end: NDArray[np.float64]
) -> tuple[NDArray[np.bool_], Array, Array, Array]:
    """Tell of one side of M outlines whether it is long enough, and what is seen of it between its two corners.

    Parameters
    ----------
    chosen : (M,), number of the line that is the side; the number behind the last line stands for the image's edge
    begin, end : (M,), how far down its corners are, or how far to the right for top and bottom

    Returns
    -------
    is_long, seen, drawn, within : (M,) each; the last three are sums as of `_Side`, 0 for the image's edge
    """
    size = side.seen.shape[1] - 1
    first, last = (np.clip(np.rint(place), 0, size).astype(np.intp) for place in (begin, end))
    seen, drawn, within = (
        sums[chosen, last] - sums[chosen, first]
        for sums in (np.vstack([kind, np.zeros(size + 1)]) for kind in (side.seen, side.drawn, side.within))
    )
    return last - first >= _SHORTEST * size, seen, drawn, within
