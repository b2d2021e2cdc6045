"""Which pieces of ink stand in one row, also when rows slope."""

from __future__ import annotations

from itertools import compress
from statistics import median

import numpy as np
from numpy.typing import NDArray

from app.vision.box import bounds, transposed
from app.vision.ink.components import LETTER, Components, text_height
from app.vision.layout.row_parts import FARTHEST, rejoined

# Set by eye on pages; no other values were measured.
_STEEPEST = 0.25  # slope of a row, as a tangent: 14 degrees. Beyond 3 the page is turned first, see `segment`
# Share of the lower of two letters that must stand beside the other one for both to be in a row; of a comma and an
# apostrophe none does, of a p and a b the small letter's body, about half of each.
_OVERLAP = 0.45
# A piece of a row may stand so much higher or lower, in heights of the higher of the two: a p beside a b has its middle
# 0.3 to 0.4 lower, and a row with no white between is a whole height away.
_LESS_LEVEL = 0.45
# Dots, and rows of nothing else, are no farther from the letters of their row, in heights of the writing:
_FARTHEST_ACROSS = 3.0
_FARTHEST_DOWN = 0.6
# A row is the commas and quotation marks of other letters if it is
_LOW = 0.7  # lower than this, in heights of the writing,
_CLOSE = 0.25  # no farther above or below these,
_FEW = 3  # and no more than so many,
_SPARSE = 0.25  # or covering less of their row.
_TOGETHER = 256  # dots for which rows are looked up together: a page may have thousands of both


def find_rows(components: Components) -> tuple[list[NDArray[np.intp]], float]:
    """Group pieces into rows by linking each letter with the next one to its right.

    Links are found twice: with level rows, and again with the slope that the first links had, so that neighbouring
    rows of a turned page are not mixed up.

    Returns
    -------
    rows : for each row, from top to bottom, the indices of its pieces from left to right
    slope : tangent of the rows' angle; positive when they fall to the right
    """
    if not len(components):
        return [], 0.0
    letter_px = text_height(components)
    letters = np.flatnonzero(components.heights >= LETTER * letter_px)
    boxes = components.boxes[letters].astype(np.float64)
    slope = 0.0
    chains: list[list[int]] = []
    for _ in range(2):
        links = _right_neighbours(levelled(boxes, slope), letter_px)
        slope = _median_slope(boxes, links, slope, letter_px)
        chains = _chains(links)
    level = levelled(components.boxes, slope)
    merged = _merged([letters[chain] for chain in chains], level, letter_px)
    rows = _with_dots(rejoined(merged, level, letter_px), level, letter_px)
    rows.sort(key=lambda row: median((level[row, 0] + level[row, 2]).tolist()))
    return [row[np.argsort(level[row, 1], kind="stable")] for row in rows], slope


def find_chains(boxes: NDArray[np.float64], letter_px: float) -> list[list[int]]:
    """Return stretches of letters (N, 4) that stand beside each other, each as indices from left to right."""
    if not len(boxes):
        return []
    return _chains(_right_neighbours(boxes, letter_px))


def row_direction(components: Components) -> float:
    """Tell whether rows run across the page, by where letters stand closest.

    Returns
    -------
    float : the white below a letter, up to the next one, less that beside it; medians, in heights of the writing. Above
        0 if rows run across, below if they run up or down the page, near 0 in a grid

    References
    ----------
    O'Gorman (1993), The document spectrum for page layout analysis.
    """
    letter_px = text_height(components)
    boxes = components.boxes[components.heights >= LETTER * letter_px].astype(np.float64)
    if not len(boxes):
        return 0.0
    return _median_white(transposed(boxes), letter_px) - _median_white(boxes, letter_px)


def _median_white(boxes: NDArray[np.float64], letter_px: float) -> float:
    """White between a letter and its right neighbour, in heights of the writing; the farthest where it has none."""
    links = _right_neighbours(boxes, letter_px)
    linked = np.flatnonzero(links >= 0)
    white = np.full(len(boxes), FARTHEST)
    white[linked] = (boxes[links[linked], 1] - boxes[linked, 3]) / letter_px
    return float(np.median(white))


def levelled(boxes: NDArray[np.floating | np.integer], slope: float) -> NDArray[np.float64]:
    """Boxes (N, 4) with the slope taken out of tops and bottoms."""
    level = boxes.astype(np.float64)
    level[:, [0, 2]] -= slope * (level[:, [1]] + level[:, [3]]) / 2
    return level


def _right_neighbours(boxes: NDArray[np.float64], letter_px: float) -> NDArray[np.intp]:
    """For each levelled letter the index of the nearest one to its right in the same row, or -1.

    Two letters may choose the same neighbour; it stays with the nearer one.
    """
    i, j = _pairs_beside(boxes, letter_px)
    tops, lefts, bottoms, rights = boxes.T
    heights = bottoms - tops
    overlap = np.minimum(bottoms[i], bottoms[j]) - np.maximum(tops[i], tops[j])
    distance = lefts[j] - rights[i]
    fits = (overlap >= _OVERLAP * np.minimum(heights[i], heights[j])) & (lefts[j] + rights[j] > lefts[i] + rights[i])
    fits &= distance < FARTHEST * letter_px
    i, j, distance = i[fits], j[fits], distance[fits]
    # The nearest in both directions: a letter a row below may reach up to this one. Down counts twice.
    cost = np.maximum(distance, 0) + np.abs(tops[j] + bottoms[j] - tops[i] - bottoms[i])
    nearest = _first_of_each(i, cost, j)
    chosen = nearest[_first_of_each(j[nearest], cost[nearest], i[nearest])]
    neighbour = np.full(len(boxes), -1)
    neighbour[i[chosen]] = j[chosen]
    return neighbour


def _pairs_beside(boxes: NDArray[np.float64], letter_px: float) -> tuple[NDArray[np.intp], NDArray[np.intp]]:
    """Return pairs of letters that may be neighbours from left to right, some of them twice.

    The page is divided into level bands, and each letter is entered in all that it crosses. Laid end to end, with their
    letters sorted from left to right, the bands are one line on which all that may follow a letter are next to it: the
    number of pairs grows with the letters and not with their square. If the letters a, b and d reach into the upper of
    two bands, b and c into the lower, the line is ``a b d | b c``.
    """
    tops, lefts, bottoms, rights = boxes.T
    middles = (lefts + rights) / 2
    farthest = rights + FARTHEST * letter_px + (rights - lefts).max() / 2  # where the middle of a neighbour may be
    first = np.floor(tops / letter_px).astype(np.intp)
    bands, letter = _ranges(first, np.floor(bottoms / letter_px).astype(np.intp) + 1)
    begins = bands * (np.ptp(np.concatenate([middles, farthest])) + 1)  # so far apart that no band reaches the next
    places = begins + middles[letter]
    order = np.argsort(places, kind="stable")
    places, ends, letter = places[order], (begins + farthest[letter])[order], letter[order]
    found, entry = _ranges(np.searchsorted(places, places, "right"), np.searchsorted(places, ends))
    return letter[entry], letter[found]


def _ranges(start: NDArray[np.intp], stop: NDArray[np.intp]) -> tuple[NDArray[np.intp], NDArray[np.intp]]:
    """Return all numbers of the ranges one after another, and for each the index of its range."""
    lengths = stop - start
    owner = np.repeat(np.arange(len(start)), lengths)
    return np.arange(len(owner)) + np.repeat(start - np.cumsum(lengths) + lengths, lengths), owner


def _first_of_each(group: NDArray[np.intp], cost: NDArray[np.float64], tie: NDArray[np.intp]) -> NDArray[np.intp]:
    """Return for each group the place of its member with the least cost; among equals, that with the least `tie`."""
    order = np.lexsort((tie, cost, group))
    return order[np.diff(group[order], prepend=-1) > 0]


def _median_slope(boxes: NDArray[np.float64], links: NDArray[np.intp], before: float, letter_px: float) -> float:
    """Slope of the links, weighted by their length up to a word's; `before` if there are none."""
    start = np.flatnonzero(links >= 0)
    if not len(start):
        return before
    end = links[start]
    run = (boxes[end, 1] + boxes[end, 3] - boxes[start, 1] - boxes[start, 3]) / 2
    # Tops and bottoms both: a p beside a b has its middle lower, yet top or bottom level.
    rises = np.concatenate([boxes[end, side] - boxes[start, side] for side in (0, 2)])
    slopes = rises / np.tile(np.maximum(run, 1.0), 2)
    order = np.argsort(slopes)
    # Beyond that a link across a wide gap may lead into the next row, and would outweigh those of a whole word.
    weight = np.cumsum(np.tile(np.minimum(run, 3 * letter_px), 2)[order])
    middle = slopes[order[np.searchsorted(weight, weight[-1] / 2)]]
    return float(np.clip(middle, -_STEEPEST, _STEEPEST))


def _chains(links: NDArray[np.intp]) -> list[list[int]]:
    starts = np.setdiff1d(np.arange(len(links)), links[links >= 0])
    chains = []
    for start in starts:
        chain = [int(start)]
        while links[chain[-1]] >= 0:
            chain.append(int(links[chain[-1]]))
        chains.append(chain)
    return chains


def _merged(rows: list[NDArray[np.intp]], boxes: NDArray[np.float64], letter_px: float) -> list[NDArray[np.intp]]:
    """Join chains that lie on one line, longest first; a chain may have been cut by a mark, a gap or a tall letter.

    Parameters
    ----------
    boxes : (N, 4) of all pieces, levelled
    """
    level, middle_x = (boxes[:, 0] + boxes[:, 2]) / 2, (boxes[:, 1] + boxes[:, 3]) / 2
    heights = boxes[:, 2] - boxes[:, 0]
    merged: list[NDArray[np.intp]] = []
    spans: list[tuple[float, float]] = []  # of each row's levels: most rows are too far away to look at closely
    for row in sorted(rows, key=len, reverse=True):
        height, x = median(level[row].tolist()), float(middle_x[row].mean())
        # What is in larger letters than the rest, as a total may be, stands as much less level.
        own = max(letter_px, median(heights[row].tolist()))
        best, nearest = -1, _LESS_LEVEL * own
        for number, (low, high) in enumerate(spans):
            if low - nearest < height < high + nearest:
                other = merged[number]
                beside = other[np.argsort(np.abs(middle_x[other] - x))[:3]]
                away = abs(height - median(level[beside].tolist()))
                if away < min(nearest, _LESS_LEVEL * max(letter_px, median(heights[beside].tolist()))):
                    best, nearest = number, away
        if best < 0:
            best = len(merged)
            merged.append(row)
            spans.append((np.inf, -np.inf))
        else:
            merged[best] = np.concatenate([merged[best], row])
        low, high = spans[best]
        spans[best] = min(low, float(level[row].min())), max(high, float(level[row].max()))
    return merged


def _with_dots(rows: list[NDArray[np.intp]], boxes: NDArray[np.float64], letter_px: float) -> list[NDArray[np.intp]]:
    """Add dots, dashes and accents to the row whose band is nearest, and rows that are nothing else.

    A dot far from all rows is left out; low pieces far from all other rows stay a row.

    Parameters
    ----------
    boxes : (N, 4) of all pieces, levelled
    """
    low = [_may_be_dots(boxes[row], letter_px) for row in rows]
    found = [[row] for row, is_low in zip(rows, low, strict=True) if not is_low]
    known = _Rows([boxes[row] for row, *_ in found], letter_px)
    rows_of_dots = list(compress(rows, low))
    around = np.array([bounds(boxes[row]) for row in rows_of_dots]).reshape(-1, 4)
    for row, number in zip(rows_of_dots, known.beside(around, _CLOSE * letter_px), strict=True):
        if number < 0:
            found.append([row])
        else:
            found[number].append(row)
    known = _Rows([boxes[row] for row, *_ in found], letter_px)
    dots = np.flatnonzero(boxes[:, 2] - boxes[:, 0] < LETTER * letter_px)
    places = boxes[dots]
    places[:, [0, 2]] = places[:, [0, 2]].mean(axis=1, keepdims=True)  # its middle counts, not how far one reaches
    for dot, number in zip(dots, known.beside(places, _FARTHEST_DOWN * letter_px), strict=True):
        if number >= 0:
            found[number].append(np.array([dot]))
    return [np.concatenate(row) for row in found]


def _may_be_dots(row: NDArray[np.float64], letter_px: float) -> bool:
    """Whether the boxes of a row are so low, and so few or so far apart, that they may belong to another row."""
    heights, widths = row[:, 2] - row[:, 0], row[:, 3] - row[:, 1]
    sparse = len(row) <= _FEW or widths.sum() < _SPARSE * np.ptp(row[:, [1, 3]])
    return bool(sparse and heights.max() < _LOW * letter_px)


class _Rows:
    """Rows of letters, each (N, 4) levelled boxes, to look up which one something belongs to."""

    def __init__(self, rows: list[NDArray[np.float64]], letter_px: float) -> None:
        self._rows = rows
        self._across = _FARTHEST_ACROSS * letter_px
        self._around = np.array([bounds(row) for row in rows]).reshape(-1, 4)

    def beside(self, dots: NDArray[np.float64], reach: float) -> list[int]:
        """Number of the row whose letters beside each of the dots (M, 4) are level with it, or nearest.

        -1 if none is in reach.
        """
        found = [self._some_beside(dots[start : start + _TOGETHER], reach) for start in range(0, len(dots), _TOGETHER)]
        return [number for some in found for number in some.tolist()]

    def _some_beside(self, dots: NDArray[np.float64], reach: float) -> NDArray[np.intp]:
        tops, lefts, bottoms, rights = self._around.T
        top, left, bottom, right = dots.T[:, :, None]  # each (M, 1), beside the rows' (R,)
        near = np.maximum(tops - bottom, top - bottoms) < reach  # most rows are not, and need no closer look
        near &= np.maximum(lefts - right, left - rights) <= self._across
        best, nearest = np.full(len(dots), -1), np.full(len(dots), reach)
        for number in np.flatnonzero(near.any(axis=0)).tolist():
            some = np.flatnonzero(near[:, number])
            away = self._away(dots[some], self._rows[number])
            closer = away < nearest[some]
            best[some[closer]], nearest[some[closer]] = number, away[closer]
        return best

    def _away(self, dots: NDArray[np.float64], row: NDArray[np.float64]) -> NDArray[np.float64]:
        """Return how far above or below the letters beside them dots (M, 4) are; infinity if none is near enough."""
        top, left, bottom, right = dots.T[:, :, None]
        away_x = np.maximum(row[:, 1] - right, left - row[:, 3])
        beside = row[np.argsort(np.abs(away_x), axis=1)[:, :3]]
        away = np.maximum(beside[:, :, 0].min(axis=1) - bottom[:, 0], top[:, 0] - beside[:, :, 2].max(axis=1))
        return np.where(away_x.min(axis=1) > self._across, np.inf, np.maximum(away, 0.0))
