"""Columns of writing: blocks beside each other, each of which is read to its end before the next.

A page is divided at a gutter, which is the white between two columns, into four parts. Each part is divided again,
until there are no columns left. The parts are read in the order of the numbers:

          1
        2 | 3
          4

Rows of a form or a table are read across, although the white between their cells may be as wide as between columns.
Columns differ from cells in that their lines are long, or do not stand at one height with the lines beside them.

This is the recursive cut of Nagy, Seth (1984), Hierarchical representation of optically scanned documents, except that
a gutter need not run down the whole page.
"""

from __future__ import annotations

from statistics import median
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from app.vision.ink.components import LETTER, Components, text_height
from app.vision.layout.rows import find_rows

# In heights of the writing:
_GUTTER = 1.5  # width of a gutter, at least; spaces between words are about 1.1 wide, see `words`
_RUNS_DOWN = 3.0  # length of a gutter, at least: beside three lines or more
_STEP = 0.25  # distance of two places at which a gutter is looked for
_SHORT = 4.0  # width of a column, and median length of its lines, at least
_LONG = 11.0  # the same if lines stand at one height with those beside them, as the cells of a table do
_MARGIN = 1.0  # distance from the median of where lines begin, of those that begin at the margin, at most
# Counts:
_FEWEST_LETTERS = 3  # on either side of a gutter, at least
_FEWEST_LINES = 3  # of a column, at least
# Shares:
_AT_MARGIN = 0.65  # of the lines on the right that begin at their margin, at least
_THROUGHOUT = 0.75  # of the height of a column; white in it that runs down farther is not there by chance
_LEVEL = 0.15  # of the distance of two lines, by which the cells of a table differ in height, at most


class _Gutter(NamedTuple):
    """White that runs down a page at `x`, from `top` to `bottom`; pixels.

    `length` is how far it runs down between the ink above and below. At an end of the page `top` or `bottom` is
    infinite.
    """

    x: float
    top: float
    bottom: float
    length: float


class _Lines(NamedTuple):
    """L lines of writing, (L,) each, in pixels: the levels of their middles, and where they begin and end."""

    middles: NDArray[np.float64]
    lefts: NDArray[np.float64]
    rights: NDArray[np.float64]

    @property
    def pitch(self) -> float:
        """Median distance from one line to the next; there must be at least two."""
        return float(np.median(np.diff(self.middles)))

    @property
    def length(self) -> float:
        """Median length of the lines."""
        return float(np.median(self.rights - self.lefts))


class _Block(NamedTuple):
    """N pieces of a page.

    Attributes
    ----------
    numbers : (N,), their indices among all pieces of the page, ascending
    components : the pieces
    boxes : (N, 4), as if rows were level and gutters upright
    letter_px : height of the page's letters
    """

    numbers: NDArray[np.intp]
    components: Components
    boxes: NDArray[np.float64]
    letter_px: float

    @property
    def width(self) -> float:
        """Width of the box around all pieces, in pixels."""
        return float(np.ptp(self.boxes[:, [1, 3]]))

    def select(self, keep: NDArray[np.bool_]) -> _Block:
        """Return the pieces where `keep` (N,) is True."""
        return _Block(self.numbers[keep], self.components.select(keep), self.boxes[keep], self.letter_px)

    def gutter(self) -> _Gutter | None:
        """Find the longest white with letters on both sides, of equals the widest; None if none is long enough."""
        letters = self.boxes[self.components.heights >= LETTER * self.letter_px]
        half, step, least = (size * self.letter_px for size in (_GUTTER / 2, _STEP, _RUNS_DOWN))
        # A single row has none. It may be very long, and would cost time.
        if not len(letters) or np.ptp(letters[:, [0, 2]]) <= least:
            return None
        letters = letters[np.argsort(letters[:, 0])]
        places = np.arange(letters[:, 1].min() + half, letters[:, 3].max() - half, step)
        whites = [_white_at(x, half, letters, least) for x in places.tolist()]
        longest = max((white.length for white in whites if white), default=0)
        farthest = np.flatnonzero([white is not None and white.length == longest for white in whites])
        beside_each_other = np.split(farthest, np.flatnonzero(np.diff(farthest) > 1) + 1)
        widest = max(beside_each_other, key=len)
        white = whites[widest[len(widest) // 2]] if len(widest) else None
        return white and _between(white, letters)

    def split(self, gutter: _Gutter) -> list[_Block]:
        """Return the parts above a gutter, to its left, to its right, and below it."""
        y, x = self.boxes[:, [0, 2]].mean(axis=1), self.boxes[:, [1, 3]].mean(axis=1)
        above, below, left = y < gutter.top, y > gutter.bottom, x < gutter.x
        beside = ~(above | below)
        return [self.select(part) for part in (above, beside & left, beside & ~left, below)]

    def columns(self, least: float) -> list[_Block]:
        """Divide the pieces wherever white runs down throughout, from left to right.

        Behind a column narrower than `least` pixels nothing is divided or returned any more.
        """
        gutter = self.gutter()
        if gutter is None or gutter.length <= _THROUGHOUT * np.ptp(self.boxes[:, [0, 2]]):
            return [self]
        _, left, right, _ = self.split(gutter)
        columns = left.columns(least)
        return columns if columns[-1].width < least else columns + right.columns(least)

    def lines(self) -> _Lines:
        """Find the lines that the pieces make; rows shorter than a letter is high are left out."""
        own = [self.boxes[row] for row in find_rows(self.components)[0]]
        sides = [
            (median(row[:, [0, 2]].mean(axis=1).tolist()), row[:, 1].min(), row[:, 3].max())
            for row in own
            if np.ptp(row[:, [1, 3]]) >= self.letter_px
        ]
        return _Lines(*np.array(sorted(sides)).reshape(-1, 3).T)


def find_columns(components: Components, slope: float, slant: float = 0.0) -> list[NDArray[np.intp]]:
    """Divide the pieces of a page into blocks, in the order in which they are read; most pages are one block.

    Parameters
    ----------
    slope : slope of the page's rows, as a tangent
    slant : how far strokes leaned to the right before they were made upright, as a tangent; since then gutters have
        leaned to the left as far

    Returns
    -------
    list of (N,) : for each block the indices of its pieces, ascending; every piece is in one block
    """
    boxes = _upright(components.boxes, slope, slant)
    return _divided(_Block(np.arange(len(components)), components, boxes, text_height(components)))


def _divided(block: _Block) -> list[NDArray[np.intp]]:
    """Return the indices of the pieces of each block that a block is made of: of itself if it has no columns."""
    gutter = block.gutter()
    parts = block.split(gutter) if gutter else []
    if not parts or not _are_columns(*parts[1:3]):
        return [block.numbers]
    return [own for part in parts if len(part.numbers) for own in _divided(part)]


def _are_columns(left: _Block, right: _Block) -> bool:
    """Whether the parts beside a gutter are columns; they may be cells of a table, fields of a form, or words."""
    letter_px = left.letter_px
    short = _SHORT * letter_px
    columns = left.columns(short), right.columns(short)
    width = min(column.width for side in columns for column in side)
    if width < short:
        return False
    beside = on_left, on_right = columns[0][-1].lines(), columns[1][0].lines()
    if min(len(side.middles) for side in beside) < _FEWEST_LINES:
        return False
    if (np.abs(on_right.lefts - np.median(on_right.lefts)) <= _MARGIN * letter_px).mean() < _AT_MARGIN:
        return False
    away = np.abs(on_right.middles[:, None] - on_left.middles).min(axis=1)
    within = (on_right.middles >= on_left.middles[0]) & (on_right.middles <= on_left.middles[-1])
    is_level = not within.any() or np.median(away[within]) <= _LEVEL * min(side.pitch for side in beside)
    return min(width, *(side.length for side in beside)) >= (_LONG * letter_px if is_level else short)


def _white_at(x: float, half: float, letters: NDArray[np.float64], least: float) -> _Gutter | None:
    """Return the longest white at `x`; None if it is no longer than `least`, or has few letters beside it.

    Parameters
    ----------
    half : half of the width of the white, pixels
    letters : (N, 4), boxes of letters, sorted by their tops
    """
    tops, lefts, bottoms, rights = letters.T
    is_left, is_right = rights <= x - half, lefts >= x + half
    crossing = np.flatnonzero(~(is_left | is_right))
    ends, starts = np.empty(len(crossing) + 1), np.empty(len(crossing) + 1)
    ends[0], starts[-1] = tops[0], bottoms.max()
    np.maximum.accumulate(bottoms[crossing], out=ends[1:])
    starts[:-1] = tops[crossing]
    at = int((starts - ends).argmax())
    top, bottom = float(ends[at]), float(starts[at])
    if bottom - top <= least:
        return None
    beside = (tops >= top) & (bottoms <= bottom)
    if min(np.count_nonzero(beside & is_left), np.count_nonzero(beside & is_right)) < _FEWEST_LETTERS:
        return None
    return _Gutter(x, top if at else -np.inf, bottom if at < len(crossing) else np.inf, bottom - top)


def _between(white: _Gutter, letters: NDArray[np.float64]) -> _Gutter:
    """Let white end in the middle between the letters that cross it and those beside it.

    Dots and commas of letters that cross it are nearer to these.
    """
    tops, _, bottoms, _ = letters[(letters[:, 0] >= white.top) & (letters[:, 2] <= white.bottom)].T
    return white._replace(top=(white.top + tops.min()) / 2, bottom=(white.bottom + bottoms.max()) / 2)


def _upright(boxes: NDArray[np.int32], slope: float, slant: float) -> NDArray[np.float64]:
    """Move boxes (N, 4) as if the page were turned so that rows are level, and sheared so that gutters are upright."""
    level = boxes.astype(np.float64)
    x, y = (level[:, [1]] + level[:, [3]]) / 2, (level[:, [0]] + level[:, [2]]) / 2
    level[:, [0, 2]] -= slope * x
    level[:, [1, 3]] += (slope - slant) * y
    return level
