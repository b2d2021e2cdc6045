"""Columns of writing: blocks beside each other, each of which is read to its end before the next.

Rows of a form or a table are read across, white as wide as in columns between their cells. Columns are told by long
lines, and by lines that do not stand at one height with those beside them.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from app.vision.components import Components, text_height
from app.vision.rows import find_rows

# In heights of the writing:
_GUTTER = 1.5  # white between columns, at least
_STEP = 0.25  # from one place to the next at which it is looked for
_LONG = 11.0  # lines of columns, where they stand at one height with those beside them
_SHORT = 4.0  # and where they do not
_MARGIN = 1.0  # lines of a column begin within so much of each other
_LINES = 3  # on both sides
_LETTER = 0.4  # lower pieces are marks
_BEGINNING = 0.65  # share of the lines that begin at the margin
_THROUGHOUT = 0.75  # of the height of a column; shorter white within it comes about by chance
# Of the distance of lines; those of a table stand nearer to the height of those beside them, in the median.
_BESIDE = 0.15


class _Gutter(NamedTuple):
    """White that runs down a page at `x`, from `top` to `bottom`."""

    x: float
    top: float
    bottom: float


class _Lines(NamedTuple):
    """L lines of writing: their heights on the page and where they begin and end, levelled, in pixels."""

    middles: NDArray[np.float64]
    lefts: NDArray[np.float64]
    rights: NDArray[np.float64]

    @property
    def pitch(self) -> float:
        """Distance from one line to the next."""
        return float(np.median(np.diff(self.middles)))


def find_columns(components: Components, slope: float) -> list[NDArray[np.intp]]:
    """Divide the pieces of a page into blocks, in the order in which they are read; mostly there is one.

    Parameters
    ----------
    slope : of the page's rows, as a tangent
    """
    everything = np.arange(len(components))
    return _divided(_Pieces(components, _upright(components.boxes, slope), text_height(components), everything))


def _divided(pieces: _Pieces) -> list[NDArray[np.intp]]:
    """Return the blocks that some pieces are, found again within each."""
    gutter = pieces.gutter()
    if gutter is None:
        return [pieces.numbers]
    parts = pieces.around(gutter)
    if not _are_columns(*parts[1:3]):
        return [pieces.numbers]
    return [block for part in parts if len(part.numbers) for block in _divided(part)]


def _upright(boxes: NDArray[np.int32], slope: float) -> NDArray[np.float64]:
    """Boxes (N, 4), moved as if the page were turned so that rows are level and gutters plumb."""
    level = boxes.astype(np.float64)
    x, y = (level[:, [1]] + level[:, [3]]) / 2, (level[:, [0]] + level[:, [2]]) / 2
    level[:, [0, 2]] -= slope * x
    level[:, [1, 3]] += slope * y
    return level


class _Pieces(NamedTuple):
    """Some pieces of a page.

    Attributes
    ----------
    components : all of the page
    boxes : (N, 4) of all, upright
    typical : height of the page's letters, pixels
    numbers : (n,) which these are
    """

    components: Components
    boxes: NDArray[np.float64]
    typical: float
    numbers: NDArray[np.intp]

    def gutter(self) -> _Gutter | None:
        """Find where white runs down farthest with letters on both sides; None if nowhere along some lines."""
        is_letter = self.components.heights[self.numbers] >= _LETTER * self.typical
        tops, lefts, bottoms, rights = self.boxes[self.numbers[is_letter]].T
        best, longest = None, _LINES * self.typical
        if not len(tops):
            return best
        half = _GUTTER * self.typical / 2
        for x in np.arange(lefts.min() + half, rights.max() - half, _STEP * self.typical).tolist():
            crossing = np.flatnonzero((lefts < x + half) & (rights > x - half))
            crossing = crossing[np.argsort(tops[crossing])]
            ends = np.append(tops.min(), np.maximum.accumulate(bottoms[crossing]))
            starts = np.append(tops[crossing], bottoms.max())
            at = int((starts - ends).argmax())
            if starts[at] - ends[at] <= longest:
                continue
            beside = (tops >= ends[at]) & (bottoms <= starts[at])
            if min(np.count_nonzero(beside & side) for side in (rights < x, lefts > x)) >= _LINES:
                best, longest = _Gutter(x, float(ends[at]), float(starts[at])), float(starts[at] - ends[at])
        return best

    def around(self, gutter: _Gutter) -> tuple[_Pieces, _Pieces, _Pieces, _Pieces]:
        """Return what is above a gutter, to its left, to its right, and below it."""
        boxes = self.boxes[self.numbers]
        y, x = (boxes[:, [0, 2]].mean(axis=1), boxes[:, [1, 3]].mean(axis=1))
        above, below, left = y < gutter.top, y > gutter.bottom, x < gutter.x
        within = ~(above | below)
        first, second, third, last = (
            self._replace(numbers=self.numbers[part]) for part in (above, within & left, within & ~left, below)
        )
        return first, second, third, last

    def lines(self) -> _Lines:
        """Find their lines; what is no longer than a letter is none."""
        rows, _ = find_rows(self.components.some(self.numbers))
        own = [self.boxes[self.numbers[row]] for row in rows]
        own = [row for row in own if np.ptp(row[:, [1, 3]]) >= self.typical]
        middles = [float(np.median(row[:, [0, 2]].mean(axis=1))) for row in own]
        sides = [(middle, row[:, 1].min(), row[:, 3].max()) for middle, row in zip(middles, own, strict=True)]
        return _Lines(*np.array(sorted(sides)).reshape(-1, 3).T)

    def narrowest(self) -> float:
        """Return how wide the narrowest of the columns is that they would have if every gutter parted some."""
        tops, lefts, bottoms, rights = self.boxes[self.numbers].T
        gutter = self.gutter()
        if gutter is not None and gutter.bottom - gutter.top > _THROUGHOUT * (bottoms.max() - tops.min()):
            return min(part.narrowest() for part in self.around(gutter)[1:3])
        return float(rights.max() - lefts.min())


def _are_columns(left: _Pieces, right: _Pieces) -> bool:
    typical = left.typical
    width = min(left.narrowest(), right.narrowest())
    if width < _SHORT * typical:
        return False
    before, behind = left.lines(), right.lines()
    if min(len(before.middles), len(behind.middles)) < _LINES:
        return False
    beginning = np.abs(behind.lefts - np.median(behind.lefts)) <= _MARGIN * typical
    if beginning.mean() < _BEGINNING:
        return False
    away = np.abs(behind.middles[:, None] - before.middles).min(axis=1)
    within = (behind.middles >= before.middles[0]) & (behind.middles <= before.middles[-1])
    apart = within.any() and float(np.median(away[within])) > _BESIDE * min(before.pitch, behind.pitch)
    lines = min(float(np.median(side.rights - side.lefts)) for side in (before, behind))
    return min(width, lines) >= (_SHORT if apart else _LONG) * typical
