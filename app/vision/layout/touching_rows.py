"""Ink that reaches from one row into the next: a tail that touches the letters below makes one piece of both rows."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from itertools import pairwise
from math import inf
from statistics import median

import numpy as np
from numpy.typing import NDArray
from scipy import ndimage
from skimage.graph import route_through_array

from app.vision.ink.components import LETTER, Components, are_of, text_height
from app.vision.ink.runs import label_runs
from app.vision.layout.rows import find_rows, levelled

# In heights of the writing:
_TALL = 1.5  # what is lower cannot hold letters of two rows
_REACH = 3.0  # a row goes on so far beside its letters
# A first look, which passes over nearly all pieces of most pages: letters of two rows
_BELOW = 0.7  # are so far below one another, at least,
_BEYOND = 0.25  # and no farther beyond the top and the bottom of a piece of both.
_NEAREST = 6  # pieces of a row that tell at which level it is
_OUTSIDE = 0.2  # share of their ink above the bodies of letters, and below; also where whole words are joined
# What the cut goes through at most, in the ink of a level line through the letters above or below, whichever have less:
_THIN = 0.9  # amid a row
# Letters that stand alone at an end of both rows have to hang by a thread: there an initial or a bracket may be two
# rows high. Of 101 of those, large letters of validation writers, 55 are looked at, and none is below 0.27.
_THIN_AT_ENDS = 0.25
# Without tall letters the quotation marks of a row, and what is left of it, may look like two rows. These are 0.25 to
# 0.52 of the usual distance apart, rows on 35 pages whose letters touch 0.57 and more.
_APART = 0.55
_LEAST_PX = 2  # between the letters of two rows, or there is no way from left to right
_PAPER = 0.02  # what a pixel of paper costs, in ink: the cut goes around any ink, but not all over the page


@dataclass(frozen=True)
class _Core:
    """Where the bodies of a row's letters are near some place: levels from `top` to `bottom`.

    `amid` tells whether the row goes on at both sides of the place.
    """

    top: float
    bottom: float
    amid: bool

    @property
    def middle(self) -> float:
        return (self.top + self.bottom) / 2


def cut_between_rows(components: Components, ink: NDArray[np.uint8]) -> Components:
    """Cut pieces that hold letters of two rows, where they are thinnest between them.

    A tail that only reaches into the next row stays whole.

    Parameters
    ----------
    ink : (H, W), how much darker each pixel is than the paper around it

    References
    ----------
    Arvanitopoulos, Süsstrunk (2014), Seam carving for text line extraction on color and grayscale historical
    manuscripts.
    """
    letter_px = text_height(components)
    is_tall = components.heights >= _TALL * letter_px
    others = components.select(~is_tall)
    is_letter = others.heights >= LETTER * letter_px
    tall = _between_rows(np.flatnonzero(is_tall), components.boxes, others.boxes[is_letter], letter_px)
    if not tall:
        return components
    rows, slope = find_rows(others)
    lines = [_Line(others, row, slope, letter_px) for row in rows]
    lines = sorted((line for line in lines if len(line)), key=lambda line: line.level)
    apart = _APART * _pitch(lines)
    divided = {number: _rows_above(components, number, ink, lines, slope, apart) for number in tall}
    divided = {number: above for number, above in divided.items() if above.any()}
    return _divided(components, divided) if divided else components


def _between_rows(
    tall: NDArray[np.intp], boxes: NDArray[np.int32], letters: NDArray[np.int32], letter_px: float
) -> list[int]:
    """Return those of some pieces beside which letters stand below one another.

    Parameters
    ----------
    tall : indices of pieces among the boxes (N, 4)
    letters : (M, 4), boxes of other pieces
    """
    letters = letters[np.argsort(letters[:, 0] + letters[:, 2], kind="stable")]
    middles = (letters[:, 0] + letters[:, 2]) / 2
    found = []
    for number in tall.tolist():
        top, left, bottom, right = boxes[number].tolist()
        start, stop = np.searchsorted(middles, (top - _BEYOND * letter_px, bottom + _BEYOND * letter_px))
        lefts, rights = letters[start:stop, 1], letters[start:stop, 3]
        levels = middles[start:stop][np.maximum(lefts - right, left - rights) <= _REACH * letter_px]
        if len(levels) and levels[-1] - levels[0] >= _BELOW * letter_px:
            found.append(number)
    return found


class _Line:
    """A row, to look up at which level it is in some place."""

    def __init__(self, components: Components, row: NDArray[np.intp], slope: float, letter_px: float) -> None:
        self._row = row[components.heights[row] >= LETTER * letter_px]
        self._components, self._slope, self._reach = components, slope, _REACH * letter_px
        self._boxes = levelled(components.boxes[self._row], slope)
        self._top, self._bottom = self._boxes[:, 0].min(initial=inf), self._boxes[:, 2].max(initial=-inf)

    def __len__(self) -> int:
        return len(self._row)

    @property
    def level(self) -> float:
        """Where the middle of a letter is, levelled."""
        return median((self._boxes[:, [0, 2]].mean(axis=1)).tolist())

    def core(self, left: float, right: float, high: float, low: float) -> _Core | None:
        """Return where its letters are beside a place from `left` to `right`; None if none are near, or at its height.

        Parameters
        ----------
        high, low : levels of the place
        """
        if self._top >= low or self._bottom <= high:  # as most lines of a page are
            return None
        away = np.maximum(np.maximum(left - self._boxes[:, 3], self._boxes[:, 1] - right), 0)
        near = np.argsort(away, kind="stable")[:_NEAREST]
        near = near[away[near] <= self._reach]
        if not len(near) or self._boxes[near, 0].min() >= low or self._boxes[near, 2].max() <= high:
            return None
        levels = []
        for number in self._row[near].tolist():
            first, start, _, _ = self._components.boxes[number].tolist()
            down, across = np.nonzero(self._components.mask(number))
            levels.append(first + down - self._slope * (start + across))
        top, bottom = np.quantile(np.concatenate(levels), (_OUTSIDE, 1 - _OUTSIDE))
        # A letter beside the place may be over or under its ends.
        is_left = self._boxes[near, 1] + self._boxes[near, 3] < left + right
        return _Core(float(top), float(bottom), bool(is_left.any() and not is_left.all()))


def _pitch(lines: Sequence[_Line]) -> float:
    """Return how far below a letter's row the next one is; the median over letters. 0 if there is no next one."""
    steps = np.diff([line.level for line in lines])
    counts = [len(line) for line in lines[:-1]]
    return float(np.median(np.repeat(steps, counts))) if len(steps) else 0.0


def _rows_above(
    components: Components, number: int, ink: NDArray[np.uint8], lines: Sequence[_Line], slope: float, apart: float
) -> NDArray[np.intp]:
    """Count for each pixel (H, W) in the box of a piece the rows that are above, of those that it has letters of.

    Parameters
    ----------
    apart : so far below one row another may be
    """
    top, left, bottom, right = components.boxes[number].tolist()
    own = components.mask(number)
    level = np.arange(top, bottom)[:, None] - slope * np.arange(left, right)
    high, low = level[own].min(), level[own].max()
    cores = [core for line in lines if (core := line.core(left, right, high, low)) is not None]
    reached = sorted(
        (core for core in cores if core.middle > high and core.bottom <= low), key=lambda core: core.middle
    )
    darkness = ink[top:bottom, left:right] * (own / max(float(ink[top:bottom, left:right][own].mean()), 1.0))
    above = np.zeros(own.shape, np.intp)
    for upper, lower in pairwise(reached):
        if lower.middle - upper.middle >= apart:
            above += _below_cut(darkness, level, upper, lower)
    return above


def _below_cut(
    darkness: NDArray[np.float64], level: NDArray[np.float64], upper: _Core, lower: _Core
) -> NDArray[np.bool_]:
    """Tell which pixels of a piece (H, W) are of the lower of two rows; none if it has no letters of both.

    The cut is the way from left to right through the least ink. Letters of both rows stop it, but not the end of a tail
    that hangs down beside letters, nor of a stem that stands up beside them.

    Parameters
    ----------
    darkness : (H, W) of the piece, 1 on average, 0 elsewhere
    level : (H, W), levelled heights of its pixels
    """
    nothing = np.zeros(darkness.shape, np.bool_)
    if lower.top - upper.bottom < _LEAST_PX:
        return nothing
    own = darkness > 0
    over = _reaching(own & (level <= upper.bottom), level <= upper.middle)
    under = _reaching(own & (level >= lower.top), level >= lower.bottom - 1)
    if not over.any() or not under.any():
        return nothing
    cost = np.pad(darkness + _PAPER, ((0, 0), (1, 1)), constant_values=_PAPER)  # a way up and down at both sides
    cost[:, 1:-1][over | under] = np.inf
    start = int(np.argmin(np.abs(level.mean(axis=1) - (upper.bottom + lower.top) / 2)))
    # By steps across corners it would slip between pixels of one stroke.
    way, _ = route_through_array(cost, (start, 0), (start, cost.shape[1] - 1), fully_connected=False, geometric=False)
    cut = nothing.copy()
    down, across = np.array([place for place in way if 0 < place[1] < cost.shape[1] - 1]).T
    cut[down, across - 1] = True
    strokes = min(
        darkness[letters & (core.top <= level) & (level <= core.bottom)].sum() / max(core.bottom - core.top, 1)
        for letters, core in ((over, upper), (under, lower))
    )
    if darkness[cut].sum() > (_THIN if upper.amid or lower.amid else _THIN_AT_ENDS) * strokes:
        return nothing
    # Neighbours across corners are none: there is no way through the cut. The row on top is above all ink.
    sides, _ = ndimage.label(np.pad(~cut, ((1, 0), (0, 0)), constant_values=True))
    return np.asarray(own & ~cut & (sides[1:] != sides[0, 0]))


def _reaching(part: NDArray[np.bool_], far: NDArray[np.bool_]) -> NDArray[np.bool_]:
    """Keep of a part (H, W) of the ink the pieces that reach so `far`."""
    pieces = label_runs(part).label_image
    return part & are_of(pieces, np.unique(pieces[part & far]))


def _divided(components: Components, divided: dict[int, NDArray[np.intp]]) -> Components:
    """Make new pieces, which come last, of the pixels that have one number in the box (H, W) of a piece."""
    image = components.label_image.copy()
    last = int(image.max())
    labels, boxes, areas = [components.labels], [components.boxes], [components.areas]
    for number, above in divided.items():
        top, left, bottom, right = components.boxes[number].tolist()
        own = components.mask(number)
        for row in np.unique(above[own]):
            parts = label_runs(own & (above == row))
            is_part = parts.label_image > 0
            image[top:bottom, left:right][is_part] = last + parts.label_image[is_part]
            labels.append(last + np.arange(1, len(parts.areas), dtype=np.int32))
            boxes.append(parts.boxes[1:] + np.array([top, left, top, left], np.int32))
            areas.append(parts.areas[1:])
            last += len(parts.areas) - 1
    whole = replace(
        components,
        label_image=image,
        labels=np.concatenate(labels),
        boxes=np.concatenate(boxes),
        areas=np.concatenate(areas),
    )
    return whole.select(~np.isin(np.arange(len(whole)), list(divided)))
