"""Ink of two rows that touch: a tail that touches the letters below makes one piece of both, which is cut here."""

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
_TALL = 1.5  # height of a piece that may hold letters of two rows, at least
_REACH = 3.0  # how far a row goes on beside its letters
# A first look passes over nearly all pieces of most pages. It asks for letters of two rows beside a piece:
_BELOW = 0.7  # their middles are this far below one another, at least
_BEYOND = 0.25  # their middles are this far above the top or below the bottom of the piece, at most
_NEAREST = 6  # pieces of a row beside a place that tell the row's level there
_OUTSIDE = 0.2  # share of their ink that is above the bodies of letters, and below, also if whole words are joined
# Ink that a cut goes through, at most, in the ink that a level line through the letters above it, or below it, goes
# through; the less of both counts.
_THIN = 0.9  # if one of the rows goes on at both sides
# At an end of both rows a piece must hang by a thread to be cut, because an initial or a bracket may be two rows high.
# Of 101 such, large letters by validation writers, 55 are looked at, and all have 0.27 or more.
_THIN_AT_ENDS = 0.25
# Distance of two rows in the median distance, at least. Without its tall letters the quotation marks of a row and its
# other letters may look like two rows. These are 0.25 to 0.52 apart; real rows that touch, on 35 pages, 0.57 and more.
_APART = 0.55
_LEAST_PX = 2  # pixels between the letters of two rows, or there is no room for a cut
_PAPER = 0.02  # cost of a pixel of paper, in ink: a cut goes around ink if it can, but not all over the page


@dataclass(frozen=True)
class _Core:
    """The bodies of a row's letters near some place.

    Attributes
    ----------
    top, bottom : levels between which they are
    amid : whether the row goes on at both sides of the place
    """

    top: float
    bottom: float
    amid: bool

    @property
    def middle(self) -> float:
        return (self.top + self.bottom) / 2


def cut_between_rows(components: Components, ink: NDArray[np.uint8]) -> Components:
    """Cut pieces that hold letters of two rows, where they are thinnest between these.

    A piece with a tail that only reaches into the next row stays whole.

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
    return divided_pieces(components, divided) if divided else components


def _between_rows(
    tall: NDArray[np.intp], boxes: NDArray[np.int32], letters: NDArray[np.int32], letter_px: float
) -> list[int]:
    """Return the indices of the tall pieces beside which letters stand below one another, as those of two rows do.

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
    """A row, whose level at a place can be looked up."""

    def __init__(self, components: Components, row: NDArray[np.intp], slope: float, letter_px: float) -> None:
        self._row = row[components.heights[row] >= LETTER * letter_px]
        self._components, self._slope, self._reach = components, slope, _REACH * letter_px
        self._boxes = levelled(components.boxes[self._row], slope)
        self._top, self._bottom = self._boxes[:, 0].min(initial=inf), self._boxes[:, 2].max(initial=-inf)

    def __len__(self) -> int:
        return len(self._row)

    @property
    def level(self) -> float:
        """Median level of the middles of its letters."""
        return median((self._boxes[:, [0, 2]].mean(axis=1)).tolist())

    def core(self, left: float, right: float, high: float, low: float) -> _Core | None:
        """Return where the bodies of its letters are near a place; None if no letters are near it and at its height.

        Parameters
        ----------
        left, right : columns of pixels between which the place is
        high, low : levels between which it is
        """
        if self._top >= low or self._bottom <= high:  # most lines of a page are at another height
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
        # A letter beside the place may be above or below one of its ends, so its middle decides on which side it is.
        is_left = self._boxes[near, 1] + self._boxes[near, 3] < left + right
        return _Core(float(top), float(bottom), bool(is_left.any() and not is_left.all()))


def _pitch(lines: Sequence[_Line]) -> float:
    """Return the distance from a line to the next: the median over all letters, not lines; 0 if there is one line."""
    steps = np.diff([line.level for line in lines])
    counts = [len(line) for line in lines[:-1]]
    return float(np.median(np.repeat(steps, counts))) if len(steps) else 0.0


def _rows_above(
    components: Components, number: int, ink: NDArray[np.uint8], lines: Sequence[_Line], slope: float, apart: float
) -> NDArray[np.intp]:
    """Return for each pixel (h, w) in the box of a piece how many of the cuts through the piece are above it.

    Parameters
    ----------
    number : index of the piece
    apart : distance of the levels of two rows, at least
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
    """Tell which pixels (h, w) of a piece are of the lower of two rows; none if it has no letters of both.

    The cut is the way from left to right through the least ink. It must not go through letters of either row, but it
    may go through the end of a tail that hangs down beside the lower letters, or of a stem that stands up beside the
    upper.

    Parameters
    ----------
    darkness : (h, w), how dark the ink of the piece is, 1 on average; 0 for all other pixels
    level : (h, w), level of each pixel
    """
    nothing = np.zeros(darkness.shape, np.bool_)
    if lower.top - upper.bottom < _LEAST_PX:
        return nothing
    own = darkness > 0
    over = _reaching(own & (level <= upper.bottom), level <= upper.middle)
    under = _reaching(own & (level >= lower.top), level >= lower.bottom - 1)
    if not over.any() or not under.any():
        return nothing
    cost = np.pad(darkness + _PAPER, ((0, 0), (1, 1)), constant_values=_PAPER)  # paper at both sides, to go up or down
    cost[:, 1:-1][over | under] = np.inf
    start = int(np.argmin(np.abs(level.mean(axis=1) - (upper.bottom + lower.top) / 2)))
    # With steps across corners the way would slip between the pixels of a stroke.
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
    # Pixels that touch at a corner are not connected here, so that the cut parts the piece. The row of pixels added on
    # top is above all ink, so it is on the upper side.
    sides, _ = ndimage.label(np.pad(~cut, ((1, 0), (0, 0)), constant_values=True))
    return np.asarray(own & ~cut & (sides[1:] != sides[0, 0]))


def _reaching(part: NDArray[np.bool_], far: NDArray[np.bool_]) -> NDArray[np.bool_]:
    """Return the connected pieces of `part` (h, w) that have a pixel in `far` (h, w)."""
    pieces = label_runs(part).label_image
    return part & are_of(pieces, np.unique(pieces[part & far]))


def divided_pieces(components: Components, divided: dict[int, NDArray[np.intp]]) -> Components:
    """Divide pieces. The new pieces come last.

    Parameters
    ----------
    divided : for the index of each piece, a number for every pixel (h, w) of its box; connected pixels of the piece
        with one number become one new piece
    """
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
