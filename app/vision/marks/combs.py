"""Fields of forms with a cell for each character: boxes side by side, or ticks that stand on a line.

A comb is a level line with dividers: thin uprights between the cells, as long as each other and evenly spaced.
"""

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
_SHORTEST = 2.0  # length of a divider, at least: ticks have a quarter of a capital's height
_LONGEST = 45.0  # length of a divider, at most: longer lines are rules
_NARROWEST = 4.0  # width of a cell, at least
_WIDEST = 45.0  # width of a cell, at most; a capital in a thin pen is 25 strokes high
_OFF = 0.8  # by which lengths and distances of printed dividers differ, at most: a hand is less exact
_REACH = 2.0  # distance from a level line of what ends on it, at most
# Leans of dividers, as tangents, that are tried, the least first: a sheet that was photographed at a slant shows
# dividers leaning. A divider 45 strokes long strays from the nearest of these by less than a stroke.
_LEANS = np.array([0.0, -0.03, 0.03, -0.06, 0.06, -0.09, 0.09, -0.12, 0.12])
_LEAN_ALIKE = 0.07  # by which the leans of two neighbouring dividers differ, at most
_FEWEST = 5  # ticks of a comb: so many, evenly spaced, are no row of 1 or I
# Dividers of a comb that end on two lines and are at both ends of these. On narrow ruled paper capitals reach from line
# to line, too, but not at both ends.
_FEWEST_OF_BOXES = 3
# Shares of the columns of a line that have its ink, at least:
_WHOLE = 0.85  # lines of drawn forms have 0.97 and more, the tips of a coil scribbled over a word up to 0.7
_DASHED = 0.6  # the tops of boxes that stand apart, taken for one line; letters hide some of them
_TO_END = 1.5  # distance from the end of its line at which a comb begins or ends, at most, in widths of a cell


class _Line(NamedTuple):
    """A level line, and the side of it that is looked at.

    Attributes
    ----------
    x, y : (N,), columns and rows of the pixels along its middle
    side : -1 for what stands on the line, 1 for what hangs from it
    """

    x: Whole
    y: Whole
    side: int

    def beside(self, columns: Whole, offsets: Whole, lean: Floats | float = 0.0) -> tuple[Whole, Whole]:
        """Return the rows and columns (K, M) of pixels beside the line.

        Parameters
        ----------
        columns : (M,), indices of columns of the line
        offsets : (K,), how many rows the pixels are away from the line
        lean : (M,), by how many columns they move to the right for each row away from the line
        """
        rows = self.y[columns] + self.side * offsets[:, None]
        return rows, self.x[columns] + np.rint(lean * offsets[:, None]).astype(np.intp)


class _Uprights(NamedTuple):
    """N pieces of thin straight ink that stand on a line, or hang from it.

    Attributes
    ----------
    columns : (N,), indices of the columns of the line at which they begin
    length : (N,), how many pixels they go up or down
    lean : (N,), by how many columns they move to the right for each row away from the line
    """

    columns: Whole
    length: Whole
    lean: Floats

    def some(self, numbers: list[int]) -> _Uprights:
        """Return the uprights with these indices."""
        return _Uprights(self.columns[numbers], self.length[numbers], self.lean[numbers])


def find_combs(
    binary: Binary, level: Binary, boxes: Whole, stroke_px: float, dashes: Binary | None = None
) -> tuple[Binary, list[Cells]]:
    """Find the dividers of combs, and the cells between them.

    Only what is close to a level line is looked at. Where a letter crosses a divider, the ink is left to the letter.

    Parameters
    ----------
    binary : (H, W), ink True; the level lines may be cleared already
    level, boxes : (H, W), which pixels are of level lines; (N, 4), where each line is, see `level_boxes`
    dashes : (H, W), ink that may be the tops and bottoms of boxes that stand apart; None if there is none

    Returns
    -------
    combs, cells : the ink of dividers (H, W), and of those dashes that are tops and bottoms of boxes; the cells of all
        combs, but not those of tables: cells above each other that share a line
    """
    combs, cells = np.zeros_like(binary), []
    kinds = [(level, boxes, _WHOLE, 1)]
    if dashes is not None:  # boxes that stand apart: their left sides are one comb, and their right sides another
        dashed = level | dashes
        kinds.append((dashed, level_boxes(dashed, stroke_px), _DASHED, 2))
    lines = [
        (*line, own, fewest)
        for own, places, least, fewest in kinds
        for line in _level_lines(own, places, stroke_px, least)
    ]
    if not lines or not binary.any():
        return combs, []
    # Uprights are grown to both sides, so that one that is not quite straight covers a straight line. Rows of paper are
    # added above and below, so that offsets may lead out of the page.
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
    """Return the cells between dividers; before the first and behind the last there is one more if the line goes on."""
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
    """Whether other cells are right above or below these, and share a line with them."""
    beside = other.sides[0] >= cells.sides[-1] or other.sides[-1] <= cells.sides[0]
    return not beside and min(abs(other.top - cells.bottom), abs(other.bottom - cells.top)) <= reach


def _level_lines(level: Binary, boxes: Whole, stroke_px: float, least: float) -> Iterator[tuple[Whole, Whole]]:
    """Yield the columns and rows (N,) of each line that is long enough for a comb and has ink in enough columns.

    Parameters
    ----------
    least : share of its columns that have ink, at least
    """
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
    """Find the uprights at a line: thin ink that goes straight away from it.

    Parameters
    ----------
    seen : (far + H + far, W), the ink, grown to both sides, with paper above and below
    far : how far an upright may go, pixels
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
    best = lengths.argmax(axis=0)  # among equals the first, which leans least
    length = lengths[best, np.arange(len(columns))]
    stands = length > least
    return _Uprights(columns[stands], length[stands] + offsets[0], _LEANS[best[stands]])


def _length_of_ink(seen: Binary, line: _Line, columns: Whole, offsets: Whole, lean: float, far: int) -> Whole:
    """Return for each column (N,) how many offsets there is ink for before it ends; 0 if it does not end."""
    rows, x = line.beside(columns, offsets, lean)
    return np.argmin(seen[rows + far, np.clip(x, 0, seen.shape[1] - 1)], axis=0)


def _combs(
    uprights: _Uprights, line: _Line, level: Binary, stroke_px: float, *, may_be_ticks: bool
) -> Iterator[_Uprights]:
    """Yield the dividers of each comb, with those that letters hide; all have the median length.

    Boxes that stand apart have two combs: their left sides and their right sides.
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
            # Those of the chain belong to it even if they differ more, as in a comb that was photographed at a slant.
            alike = uprights.columns[np.abs(uprights.length - own_length) <= _OFF * stroke_px]
            like_them = np.union1d(alike, own.columns)
            columns = _with_hidden(own.columns, step, like_them, len(line.x), _OFF * stroke_px)
            lean = np.interp(columns, own.columns, own.lean)
            yield _Uprights(columns, np.full(len(columns), own_length), lean)


def _evenly_spaced(uprights: _Uprights, stroke_px: float) -> list[list[int]]:
    """Return chains of uprights, by index, that are alike and evenly spaced.

    Each upright is linked with one that is as long, at the distance that occurs most often between such pairs. If there
    are uprights at 0, 10, 13, 20 and 30, all but the one at 13 as long as each other, three pairs are 10 apart and two
    are 20 apart: the chain is [0, 1, 3, 4].
    """
    off = _OFF * stroke_px
    columns, length, lean = uprights
    apart = columns[None, :] - columns[:, None]  # [i, j]: how far upright j is to the right of upright i
    alike = np.abs(length[None, :] - length[:, None]) <= off
    alike &= np.abs(lean[None, :] - lean[:, None]) <= _LEAN_ALIKE
    alike &= (apart >= _NARROWEST * stroke_px) & (apart <= _WIDEST * stroke_px)
    steps = np.sort(apart[alike])
    if not len(steps):
        return []
    as_far = np.searchsorted(steps, steps + off, "right") - np.searchsorted(steps, steps - off)
    follows = alike & (np.abs(apart - steps[np.argmax(as_far)]) <= off)
    chains: dict[int, list[int]] = {}  # each by the index of its last upright
    for number, before in enumerate(follows.T):
        chains[number] = [*chains.pop(int(before.argmax()) if before.any() else -1, []), number]
    return [chain for chain in chains.values() if len(chain) >= _FEWEST_OF_BOXES]


def _end_on_line(own: _Uprights, length: int, line: _Line, level: Binary, stroke_px: float) -> bool:
    """Whether most of some uprights end on another level line."""
    reach = round(_REACH * stroke_px)
    rows, x = line.beside(own.columns, length + np.arange(-reach, reach + 1), own.lean)
    # Just where a divider meets a line, the line's ink may have been left to what crosses it. So it is also looked for
    # beside the divider.
    beside = np.clip(x + np.array([-reach, 0, reach])[:, None, None], 0, level.shape[1] - 1)
    tips = level[np.clip(rows, 0, len(level) - 1), beside]
    return bool(tips.any(axis=(0, 1)).mean() > 0.5)


def _to_ends(columns: list[Whole], line: _Line) -> tuple[int, int]:
    """Return how far the first and the last of some columns of a line are from the line's ends."""
    each = np.concatenate(columns)
    return int(each.min()), len(line.x) - int(each.max())


def _with_hidden(own: Whole, step: float, columns: Whole, stop: int, off: float) -> Whole:
    """Return the columns of all dividers of a comb, with those that letters hide.

    Parameters
    ----------
    own : columns of the dividers that are known
    step : width of a cell
    columns : columns of all uprights that may be dividers, those of `own` among them
    stop : length of the line
    off : how far an upright may be from the place of a divider
    """
    places = np.arange(own[0] % step, stop, step)
    nearest = columns[np.abs(columns[None, :] - places[:, None]).argmin(axis=1)]
    stands = np.abs(nearest - places) <= off
    standing = np.flatnonzero(stands)
    whole = np.where(stands, nearest, np.rint(places)).astype(np.intp)[standing[0] : standing[-1] + 1]
    # The known dividers follow each other by about a step, so none is hidden between them.
    beyond = (whole < own[0] - step / 2) | (whole > own[-1] + step / 2)
    return np.union1d(own, whole[beyond])


def _mark_tops(combs: Binary, dashes: Binary, line: _Line, length: int, reach: int) -> None:
    """Add to `combs` the ink of a line on which dividers begin, and of the line on which they end."""
    for end in (0, length):
        rows, x = line.beside(np.arange(len(line.x)), end + np.arange(-reach, reach + 1))
        rows = np.clip(rows, 0, len(combs) - 1)
        combs[rows, x] |= dashes[rows, x]


def _mark(combs: Binary, binary: Binary, level: Binary, line: _Line, dividers: _Uprights, stroke_px: float) -> None:
    """Add to `combs` the ink of dividers."""
    height, width = binary.shape
    reach, over = round(THIN * stroke_px), round(stroke_px)
    rows, x = line.beside(dividers.columns, np.arange(-over, dividers.length.max() + over), dividers.lean)
    rows, x = np.clip(rows, 0, height - 1), np.clip(x, 0, width - 1)
    around = np.clip(x[:, :, None] + np.arange(-reach, reach + 1), 0, width - 1)
    # In most rows of pixels no letter touches a divider, so the median width is that of the dividers alone. Wider ink
    # is left to letters.
    wide = int(np.median(binary[rows[:, :, None], around].sum(axis=2)))
    for middle, beside in zip(x.T, rows.T, strict=True):
        down = slice(int(beside.min()), int(beside.max()) + 1)
        across = slice(max(0, int(middle.min()) - reach), int(middle.max()) + reach + 1)
        ink = binary[down, across] & ~level[down, across]
        place = np.zeros(ink.shape[0], np.intp)
        place[beside - down.start] = middle
        away = np.abs(np.arange(ink.shape[1]) + across.start - place[:, None])
        # In rows of pixels that the level line crosses, wide ink is the line, and hardly ever a letter.
        crossing = open_horizontally(ink, wide + 2) & ~level[down, across].any(axis=1, keepdims=True)
        combs[down, across] |= ink & ~crossing & (away <= wide // 2 + 2)
