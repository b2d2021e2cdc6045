"""Which pieces of ink stand in one row, also when rows slope."""

from __future__ import annotations

from itertools import compress
from statistics import median

import numpy as np
from numpy.typing import NDArray

from app.vision.box import bounds, transposed
from app.vision.ink.components import LETTER, Components, text_height
from app.vision.layout.row_parts import FARTHEST, rejoined

# All were set by eye on pages; no other values were measured.
# Slope of a row at most, as a tangent: 14 degrees. From 3 degrees on the page is turned before rows are found, see
# `segment`.
_STEEPEST = 0.25
# Share of the lower of two letters that stands beside the other if both are in one row, at least. Of a comma and an
# apostrophe nothing does, of a p and a b the body of a small letter, which is about half of each.
_OVERLAP = 0.45
# Difference in level between letters and others of the same row beside them, at most: in heights of the writing, or of
# these letters if all are larger. A p beside a b has its middle 0.3 to 0.4 lower, and a row with no white between is a
# whole height away.
_LESS_LEVEL = 0.45
# Distance of a dot from the letters of its row, at most, in heights of the writing:
_FARTHEST_ACROSS = 3.0
_FARTHEST_DOWN = 0.6
# A row that is lower than `_LOW` may be the commas or quotation marks of another. It has at most `_FEW` pieces, or
# these cover less than the share `_SPARSE` of its length. Above or below the other row, it is no farther away than
# `_CLOSE`.
_LOW = 0.7  # heights of the writing
_FEW = 3
_SPARSE = 0.25
_CLOSE = 0.25  # heights of the writing
_TOGETHER = 256  # dots whose rows are looked up at a time, so that arrays stay small: a page may have thousands of both


def find_rows(components: Components) -> tuple[list[NDArray[np.intp]], float]:
    """Group pieces into rows by linking each letter with the next one to its right.

    Links are found twice: first as if rows were level, then with the slope that the first links have, so that
    neighbouring rows of a turned page are not mixed up.

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
    """Return stretches: indices, from left to right, of letters (N, 4) that stand beside each other."""
    if not len(boxes):
        return []
    return _chains(_right_neighbours(boxes, letter_px))


def row_direction(components: Components) -> float:
    """Tell whether rows run across the page or up and down it: letters stand closer along a row.

    Returns
    -------
    float : the median white between a letter and the next one below it, less that between a letter and the next one
        beside it, in heights of the writing. It is above 0 if rows run across the page, below 0 if they run up or down
        the page, and near 0 in a grid

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
    """Return the median white between a letter and its right neighbour, in heights of the writing.

    A letter without a neighbour counts with the largest gap that a row may have.
    """
    links = _right_neighbours(boxes, letter_px)
    linked = np.flatnonzero(links >= 0)
    white = np.full(len(boxes), FARTHEST)
    white[linked] = (boxes[links[linked], 1] - boxes[linked, 3]) / letter_px
    return float(np.median(white))


def levelled(boxes: NDArray[np.floating | np.integer], slope: float) -> NDArray[np.float64]:
    """Move boxes (N, 4) up or down so that rows of this slope become level."""
    level = boxes.astype(np.float64)
    level[:, [0, 2]] -= slope * (level[:, [1]] + level[:, [3]]) / 2
    return level


def _right_neighbours(boxes: NDArray[np.float64], letter_px: float) -> NDArray[np.intp]:
    """Return for each letter the index (N,) of the nearest one to its right in the same row; -1 if there is none.

    If two letters have the same nearest one, it is the neighbour of the nearer of the two only.

    Parameters
    ----------
    boxes : (N, 4), of letters, levelled
    """
    i, j = _pairs_beside(boxes, letter_px)
    tops, lefts, bottoms, rights = boxes.T
    heights = bottoms - tops
    overlap = np.minimum(bottoms[i], bottoms[j]) - np.maximum(tops[i], tops[j])
    distance = lefts[j] - rights[i]
    fits = (overlap >= _OVERLAP * np.minimum(heights[i], heights[j])) & (lefts[j] + rights[j] > lefts[i] + rights[i])
    fits &= distance < FARTHEST * letter_px
    i, j, distance = i[fits], j[fits], distance[fits]
    # The difference in level counts, too, and twice, because a letter of the next row may reach up to this one.
    cost = np.maximum(distance, 0) + np.abs(tops[j] + bottoms[j] - tops[i] - bottoms[i])
    nearest = _first_of_each(i, cost, j)
    chosen = nearest[_first_of_each(j[nearest], cost[nearest], i[nearest])]
    neighbour = np.full(len(boxes), -1)
    neighbour[i[chosen]] = j[chosen]
    return neighbour


def _pairs_beside(boxes: NDArray[np.float64], letter_px: float) -> tuple[NDArray[np.intp], NDArray[np.intp]]:
    """Return pairs (left, right) of letters that may be neighbours, as two arrays of indices; a pair may occur twice.

    The page is divided into level bands, and each letter is entered in every band that it crosses. The bands are laid
    end to end, with the letters of each sorted from left to right. On this line all letters that may follow a letter
    come right behind it, so that the number of pairs grows with the number of letters and not with its square. If the
    letters a, b and d reach into the upper of two bands, and b and c into the lower one, the line is ``a b d | b c``.
    """
    tops, lefts, bottoms, rights = boxes.T
    middles = (lefts + rights) / 2
    farthest = rights + FARTHEST * letter_px + (rights - lefts).max() / 2  # the middle of a neighbour is before this
    first = np.floor(tops / letter_px).astype(np.intp)
    bands, letter = _ranges(first, np.floor(bottoms / letter_px).astype(np.intp) + 1)
    begins = bands * (np.ptp(np.concatenate([middles, farthest])) + 1)  # apart, so that no search leads out of a band
    places = begins + middles[letter]
    order = np.argsort(places, kind="stable")
    places, ends, letter = places[order], (begins + farthest[letter])[order], letter[order]
    found, entry = _ranges(np.searchsorted(places, places, "right"), np.searchsorted(places, ends))
    return letter[entry], letter[found]


def _ranges(start: NDArray[np.intp], stop: NDArray[np.intp]) -> tuple[NDArray[np.intp], NDArray[np.intp]]:
    """Return the numbers of all ranges, one range after another, and for each number the index of its range."""
    lengths = stop - start
    owner = np.repeat(np.arange(len(start)), lengths)
    return np.arange(len(owner)) + np.repeat(start - np.cumsum(lengths) + lengths, lengths), owner


def _first_of_each(group: NDArray[np.intp], cost: NDArray[np.float64], tie: NDArray[np.intp]) -> NDArray[np.intp]:
    """Return for each group the index of its member with the least cost; among equals, of that with the least `tie`.

    Parameters
    ----------
    group, cost, tie : (M,), for each member
    """
    order = np.lexsort((tie, cost, group))
    return order[np.diff(group[order], prepend=-1) > 0]


def _median_slope(boxes: NDArray[np.float64], links: NDArray[np.intp], before: float, letter_px: float) -> float:
    """Return the median slope of the links, weighted by their length; `before` if there are none."""
    start = np.flatnonzero(links >= 0)
    if not len(start):
        return before
    end = links[start]
    run = (boxes[end, 1] + boxes[end, 3] - boxes[start, 1] - boxes[start, 3]) / 2
    # Tops and bottoms count, not middles: that of a p is lower than that of the letter beside it, but either the tops
    # of both are level or the bottoms are.
    rises = np.concatenate([boxes[end, side] - boxes[start, side] for side in (0, 2)])
    slopes = rises / np.tile(np.maximum(run, 1.0), 2)
    order = np.argsort(slopes)
    # Weights are limited, because a link across a wide gap may lead into the next row, and would outweigh a whole word.
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
    """Join chains of letters that are on one line, the longest first; a mark, a gap or a tall letter may part them.

    Parameters
    ----------
    rows : for each chain the indices of its pieces
    boxes : (N, 4), of all pieces, levelled
    """
    level, middle_x = (boxes[:, 0] + boxes[:, 2]) / 2, (boxes[:, 1] + boxes[:, 3]) / 2
    heights = boxes[:, 2] - boxes[:, 0]
    merged: list[NDArray[np.intp]] = []
    # Highest and lowest level of each row: most are too far away, and passed over.
    spans: list[tuple[float, float]] = []
    for row in sorted(rows, key=len, reverse=True):
        height, x = median(level[row].tolist()), float(middle_x[row].mean())
        # Letters larger than the page's, as those of a total may be, differ as much more in level.
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
    """Add dots, dashes and accents, and rows of nothing but marks, to the row that they are nearest to.

    A dot far from all rows is left out. A row of marks far from all other rows stays a row.

    Parameters
    ----------
    rows : for each row the indices of its pieces
    boxes : (N, 4), of all pieces, levelled
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
    places[:, [0, 2]] = places[:, [0, 2]].mean(axis=1, keepdims=True)  # the middle of a dot counts, not its height
    for dot, number in zip(dots, known.beside(places, _FARTHEST_DOWN * letter_px), strict=True):
        if number >= 0:
            found[number].append(np.array([dot]))
    return [np.concatenate(row) for row in found]


def _may_be_dots(row: NDArray[np.float64], letter_px: float) -> bool:
    """Whether the boxes (n, 4) of a row are so low, and so few or far apart, that they may be marks of another row."""
    heights, widths = row[:, 2] - row[:, 0], row[:, 3] - row[:, 1]
    sparse = len(row) <= _FEW or widths.sum() < _SPARSE * np.ptp(row[:, [1, 3]])
    return bool(sparse and heights.max() < _LOW * letter_px)


class _Rows:
    """Rows of letters, each as levelled boxes (n, 4), among which that of a dot can be looked up."""

    def __init__(self, rows: list[NDArray[np.float64]], letter_px: float) -> None:
        self._rows = rows
        self._across = _FARTHEST_ACROSS * letter_px
        self._around = np.array([bounds(row) for row in rows]).reshape(-1, 4)

    def beside(self, dots: NDArray[np.float64], reach: float) -> list[int]:
        """Return for each dot (M, 4) the index of the row whose letters beside it are nearest above or below it.

        It is -1 if no row is nearer than `reach` pixels.
        """
        found = [self._some_beside(dots[start : start + _TOGETHER], reach) for start in range(0, len(dots), _TOGETHER)]
        return [number for some in found for number in some.tolist()]

    def _some_beside(self, dots: NDArray[np.float64], reach: float) -> NDArray[np.intp]:
        tops, lefts, bottoms, rights = self._around.T
        top, left, bottom, right = dots.T[:, :, None]  # (M, 1) each, to be combined with (R,) of the rows
        near = np.maximum(tops - bottom, top - bottoms) < reach  # most rows are too far away, and are passed over
        near &= np.maximum(lefts - right, left - rights) <= self._across
        best, nearest = np.full(len(dots), -1), np.full(len(dots), reach)
        for number in np.flatnonzero(near.any(axis=0)).tolist():
            some = np.flatnonzero(near[:, number])
            away = self._away(dots[some], self._rows[number])
            closer = away < nearest[some]
            best[some[closer]], nearest[some[closer]] = number, away[closer]
        return best

    def _away(self, dots: NDArray[np.float64], row: NDArray[np.float64]) -> NDArray[np.float64]:
        """Return how far dots (M, 4) are above or below the letters of a row beside them; infinity if none is near."""
        top, left, bottom, right = dots.T[:, :, None]
        away_x = np.maximum(row[:, 1] - right, left - row[:, 3])
        beside = row[np.argsort(np.abs(away_x), axis=1)[:, :3]]
        away = np.maximum(beside[:, :, 0].min(axis=1) - bottom[:, 0], top[:, 0] - beside[:, :, 2].max(axis=1))
        return np.where(away_x.min(axis=1) > self._across, np.inf, np.maximum(away, 0.0))
