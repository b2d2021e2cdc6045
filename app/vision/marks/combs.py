"""Fields of forms with a place for each character: boxes side by side, or ticks that stand on a line."""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from app.vision.cells import Cells
from app.vision.marks.lines import THIN, dilate_horizontally, level_boxes, open_horizontally

Binary = NDArray[np.bool_]
Whole = NDArray[np.intp]
Floats = NDArray[np.float64]

# In stroke widths:
_SHORTEST = 2.0  # dividers: ticks have a quarter of a capital's height
_LONGEST = 45.0  # what is longer is a rule
_NARROWEST = 4.0  # places for a character
_WIDEST = 45.0  # in a thin pen a capital alone is 25 strokes high
_OFF = 0.8  # printed, dividers are as long, and as far from each other, within less than a hand can do
_REACH = 2.0  # what ends no farther from a level line ends there
# How far a divider leans that a slanted sheet shows, the least first, and how differently from the next, at most; as
# tangents. From the nearest of these, one of 45 strokes strays by less than a stroke.
_LEANS = np.array([0.0, -0.03, 0.03, -0.06, 0.06, -0.09, 0.09, -0.12, 0.12])
_LEAN_ALIKE = 0.07
_FEWEST = 5  # dividers: so many, each as far from the next, are no row of 1 or I
# Fewer if they end on two lines and are at both ends of these. On narrow ruled paper capitals reach from line to line,
# too, but not to both ends.
_FEWEST_OF_BOXES = 3
# Share of the columns of a line that have its ink. Lines of drawn forms have 0.97 and more, the tips of a coil that
# somebody scribbled over a word up to 0.7.
_WHOLE = 0.85
_DASHED = 0.6  # the same of the tops of boxes that stand apart, some of which a letter hides
_TO_END = 1.5  # a comb begins or ends no farther from an end of its line, in steps from one divider to the next


class _Line(NamedTuple):
    """A level line, and the side of it that is looked at.

    Attributes
    ----------
    x, y : (N,), the line, column by column
    side : -1 for what stands on it, 1 for what hangs from it
    """

    x: Whole
    y: Whole
    side: int

    def beside(self, columns: Whole, offsets: Whole, lean: Floats | float = 0.0) -> tuple[Whole, Whole]:
        """Return the rows and columns (K, M) of what is so far (K,) from the line, at the column numbers (M,).

        Parameters
        ----------
        lean : (M,), columns for each row away from the line
        """
        rows = self.y[columns] + self.side * offsets[:, None]
        return rows, self.x[columns] + np.rint(lean * offsets[:, None]).astype(np.intp)


class _Uprights(NamedTuple):
    """Thin straight ink that stands on one side of a line.

    Attributes
    ----------
    columns : (N,) of the line, where it begins
    length : (N,), pixels down or up
    lean : (N,), columns for each row away from the line
    """

    columns: Whole
    length: Whole
    lean: Floats

    def some(self, numbers: list[int]) -> _Uprights:
        """Return those of these numbers."""
        return _Uprights(self.columns[numbers], self.length[numbers], self.lean[numbers])


def find_combs(
    binary: Binary, level: Binary, boxes: Whole, stroke_px: float, dashes: Binary | None = None
) -> tuple[Binary, list[Cells]]:
    """Return the ink of dividers (H, W), short uprights at a level line, as long as each other and evenly spaced.

    And the cells that they divide. Cells above each other that share a line are those of a table and none of a comb.

    Nothing is looked at on a page without lines, and on others only what is close to one. Where a letter crosses a
    divider its ink is not the divider's.

    Parameters
    ----------
    binary : (H, W), ink True; the level lines may be cleared already
    level, boxes : the level lines (H, W), and where each is (N, 4), see `level_boxes`
    dashes : (H, W), what may be the tops and bottoms of boxes that stand apart, too; of those that are, their ink is
        returned with that of their sides
    """
    combs, cells = np.zeros_like(binary), []
    kinds = [(level, boxes, _WHOLE, 1)]
    if dashes is not None:  # boxes apart: their left and their right sides are a comb each
        dashed = level | dashes
        kinds.append((dashed, level_boxes(dashed, stroke_px), _DASHED, 2))
    lines = [
        (*line, own, fewest)
        for own, places, least, fewest in kinds
        for line in _level_lines(own, places, stroke_px, least)
    ]
    if not lines or not binary.any():
        return combs, []
    # Grown, an upright goes on in the pixels of a straight line near it; beyond the page there is no ink.
    far, reach = round(_LONGEST * stroke_px), round(_REACH * stroke_px)
    seen = np.pad(dilate_horizontally(binary), ((far, far), (0, 0)))
    for x, y, own, fewest in lines:
        for side in (-1, 1):
            line = _Line(x, y, side)
            uprights = _uprights(seen, line, far, stroke_px)
            if len(uprights.columns) < _FEWEST_OF_BOXES:
                continue
            found = list(_combs(uprights, line, own, stroke_px, may_be_ticks=own is level))
            for dividers in found if len(found) >= fewest else []:
                _mark(combs, binary, own, line, dividers, stroke_px)
                cells.append(_cells(line, dividers))
                if own is not level:
                    _mark_tops(combs, binary & own, line, int(dividers.length[0]), reach)
    return combs, [own for own in cells if not any(_are_of_a_table(own, other, reach) for other in cells)]


def _cells(line: _Line, dividers: _Uprights) -> Cells:
    """Return what dividers divide; the first and the last cell may end with the line instead."""
    half, length = dividers.length / 2, int(dividers.length[0])
    sides = line.x[dividers.columns] + dividers.lean * half
    step = (sides[-1] - sides[0]) / (len(sides) - 1)
    if dividers.columns[0] > step / 2:
        sides = np.append(sides[0] - step, sides)
    if len(line.x) - dividers.columns[-1] > step / 2:
        sides = np.append(sides, sides[-1] + step)
    at = float(line.y[dividers.columns].mean())
    return Cells(min(at, at + line.side * length), max(at, at + line.side * length), sides)


def _are_of_a_table(cells: Cells, other: Cells, reach: float) -> bool:
    """Whether the others are right above or below these."""
    beside = other.sides[0] >= cells.sides[-1] or other.sides[-1] <= cells.sides[0]
    return not beside and min(abs(other.top - cells.bottom), abs(other.bottom - cells.top)) <= reach


def _level_lines(level: Binary, boxes: Whole, stroke_px: float, least: float) -> Iterator[tuple[Whole, Whole]]:
    """Yield the columns and rows (N,) of each line that is long enough for a comb, and inked in that share of them."""
    for top, left, bottom, right in boxes.tolist():
        if right - left < _FEWEST_OF_BOXES * _NARROWEST * stroke_px:
            continue
        y, x = np.nonzero(level[top:bottom, left:right])
        if np.count_nonzero(np.bincount(x - x.min())) < least * (x.max() + 1 - x.min()):
            continue
        middle_x, middle_y = x.mean(), y.mean()
        slope = ((x - middle_x) * (y - middle_y)).sum() / max(((x - middle_x) ** 2).sum(), 1.0)
        columns = np.arange(x.min(), x.max() + 1)
        rows = np.rint(middle_y + slope * (columns - middle_x)).astype(np.intp)
        yield columns + left, np.clip(rows + top, 0, len(level) - 1)


def _uprights(seen: Binary, line: _Line, far: int, stroke_px: float) -> _Uprights:
    """Return where at a line thin ink goes straight away from it, and how far.

    Parameters
    ----------
    seen : (far + H + far, W), grown to both sides
    """
    offsets = np.arange(round(stroke_px), far)
    least = round(_SHORTEST * stroke_px) - offsets[0]
    rows, x = line.beside(np.arange(len(line.x)), offsets[[0, least // 2, least]])
    edges = np.flatnonzero(np.diff(seen[rows + far, x].all(axis=0), prepend=False, append=False))
    begins, ends = edges[::2], edges[1::2]
    thin = ends - begins <= THIN * stroke_px + 2
    columns = (begins[thin] + ends[thin] - 1) // 2
    if len(columns) < _FEWEST_OF_BOXES:
        return _Uprights(columns[:0], columns[:0], np.zeros(0))
    lengths = np.array([_length_of_ink(seen, line, columns, offsets, lean, far) for lean in _LEANS])
    best = lengths.argmax(axis=0)  # of leans with which it is as long, the first: the least
    length = lengths[best, np.arange(len(columns))]
    stands = length > least
    return _Uprights(columns[stands], length[stands] + offsets[0], _LEANS[best[stands]])


def _length_of_ink(seen: Binary, line: _Line, columns: Whole, offsets: Whole, lean: float, far: int) -> Whole:
    """Return how many offsets (N,) from the line on ink goes; 0 where all is ink."""
    rows, x = line.beside(columns, offsets, lean)
    return np.argmin(seen[rows + far, np.clip(x, 0, seen.shape[1] - 1)], axis=0)


def _combs(
    uprights: _Uprights, line: _Line, level: Binary, stroke_px: float, *, may_be_ticks: bool
) -> Iterator[_Uprights]:
    """Yield the dividers of each comb, those that a letter hides included, all as long as most of them are.

    Boxes that do not touch have two combs, of their left and of their right sides.
    """
    chains = _evenly_spaced(uprights, stroke_px)
    ends = [uprights.columns[[chain[0], chain[-1]]] for chain in chains]
    for chain in chains:
        own = uprights.some(chain)
        own_length = int(np.median(own.length))
        step = (own.columns[-1] - own.columns[0]) / (len(chain) - 1)
        boxes = _end_on_line(own, own_length, line, level, stroke_px) and max(_to_ends(ends, line)) <= _TO_END * step
        ticks = len(chain) >= _FEWEST and min(_to_ends([own.columns], line)) <= _TO_END * step
        if boxes or (ticks and may_be_ticks):
            # In a comb that the camera saw at a slant, some of its own may be less alike.
            alike = uprights.columns[np.abs(uprights.length - own_length) <= _OFF * stroke_px]
            like_them = np.union1d(alike, own.columns)
            columns = _with_hidden(own.columns, step, like_them, len(line.x), _OFF * stroke_px)
            lean = np.interp(columns, own.columns, own.lean)
            yield _Uprights(columns, np.full(len(columns), own_length), lean)


def _evenly_spaced(uprights: _Uprights, stroke_px: float) -> list[list[int]]:
    """Link each upright with one that is as long, and as far to its right as most such pairs are apart.

    Of uprights at 0, 10, 13, 20 and 30, all but that at 13 as long as each other, three pairs are 10 apart and two are
    20: the chain is [0, 1, 3, 4].
    """
    off = _OFF * stroke_px
    columns, length, lean = uprights
    apart = columns[None, :] - columns[:, None]  # from one of the rows to one of the columns
    alike = np.abs(length[None, :] - length[:, None]) <= off
    alike &= np.abs(lean[None, :] - lean[:, None]) <= _LEAN_ALIKE
    alike &= (apart >= _NARROWEST * stroke_px) & (apart <= _WIDEST * stroke_px)
    steps = np.sort(apart[alike])
    if not len(steps):
        return []
    as_far = np.searchsorted(steps, steps + off, "right") - np.searchsorted(steps, steps - off)
    follows = alike & (np.abs(apart - steps[np.argmax(as_far)]) <= off)
    chains: dict[int, list[int]] = {}  # by the last of each
    for number, before in enumerate(follows.T):
        chains[number] = [*chains.pop(int(before.argmax()) if before.any() else -1, []), number]
    return [chain for chain in chains.values() if len(chain) >= _FEWEST_OF_BOXES]


def _end_on_line(own: _Uprights, length: int, line: _Line, level: Binary, stroke_px: float) -> bool:
    """Whether most of some uprights end on another level line."""
    reach = round(_REACH * stroke_px)
    rows, x = line.beside(own.columns, length + np.arange(-reach, reach + 1), own.lean)
    # Just where a divider meets it, a line may have been left to what crosses it.
    beside = np.clip(x + np.array([-reach, 0, reach])[:, None, None], 0, level.shape[1] - 1)
    tips = level[np.clip(rows, 0, len(level) - 1), beside]
    return bool(tips.any(axis=(0, 1)).mean() > 0.5)


def _to_ends(columns: list[Whole], line: _Line) -> tuple[int, int]:
    """Return how far the first and the last of some columns of a line are from its ends."""
    each = np.concatenate(columns)
    return int(each.min()), len(line.x) - int(each.max())


def _with_hidden(own: Whole, step: float, columns: Whole, stop: int, off: float) -> Whole:
    """Return all places of a comb, from the first to the last upright that stands in one; `columns` has its own."""
    places = np.arange(own[0] % step, stop, step)
    nearest = columns[np.abs(columns[None, :] - places[:, None]).argmin(axis=1)]
    stands = np.abs(nearest - places) <= off
    standing = np.flatnonzero(stands)
    whole = np.where(stands, nearest, np.rint(places)).astype(np.intp)[standing[0] : standing[-1] + 1]
    # Between its own, which follow each other by about a step, none is hidden.
    beyond = (whole < own[0] - step / 2) | (whole > own[-1] + step / 2)
    return np.union1d(own, whole[beyond])


def _mark_tops(combs: Binary, dashes: Binary, line: _Line, length: int, reach: int) -> None:
    """Add the ink of the line, and of that on which dividers end which begin there."""
    for end in (0, length):
        rows, x = line.beside(np.arange(len(line.x)), end + np.arange(-reach, reach + 1))
        rows = np.clip(rows, 0, len(combs) - 1)
        combs[rows, x] |= dashes[rows, x]


def _mark(combs: Binary, binary: Binary, level: Binary, line: _Line, dividers: _Uprights, stroke_px: float) -> None:
    """Add the ink of dividers."""
    height, width = binary.shape
    reach, over = round(THIN * stroke_px), round(stroke_px)
    rows, x = line.beside(dividers.columns, np.arange(-over, dividers.length.max() + over), dividers.lean)
    rows, x = np.clip(rows, 0, height - 1), np.clip(x, 0, width - 1)
    around = np.clip(x[:, :, None] + np.arange(-reach, reach + 1), 0, width - 1)
    # In most rows no letter touches a divider: printed ones are thinner than a pen, whose strokes stay.
    wide = int(np.median(binary[rows[:, :, None], around].sum(axis=2)))
    for middle, beside in zip(x.T, rows.T, strict=True):
        down = slice(int(beside.min()), int(beside.max()) + 1)
        across = slice(max(0, int(middle.min()) - reach), int(middle.max()) + reach + 1)
        ink = binary[down, across] & ~level[down, across]
        place = np.zeros(ink.shape[0], np.intp)
        place[beside - down.start] = middle
        away = np.abs(np.arange(ink.shape[1]) + across.start - place[:, None])
        # On a line, what is as wide as it is no letter, or hardly ever.
        crossing = open_horizontally(ink, wide + 2) & ~level[down, across].any(axis=1, keepdims=True)
        combs[down, across] |= ink & ~crossing & (away <= wide // 2 + 2)
