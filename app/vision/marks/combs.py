"""Fields of forms with a place for each character: boxes side by side, or ticks that stand on a line."""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from app.vision.marks.lines import THIN, dilate_horizontally, label_lines, open_horizontally

Binary = NDArray[np.bool_]
Whole = NDArray[np.intp]

# In stroke widths:
_SHORTEST, _LONGEST = 4.0, 30.0  # of dividers; what is longer is a rule
_NARROWEST, _WIDEST = 4.0, 24.0  # place for a character; on forms in several pens it had 11 to 17
_OFF = 0.8  # printed, dividers are as long, and as far from each other, within less than a hand can do
_REACH = 2.0  # what ends no farther from a level line ends there
_SLOPE = 0.04  # of a level line at most, as of `find_rules`
# So many dividers, each as far from the next, are no row of 1 or I. Those of boxes end on two lines and are at both
# ends of these; on narrow ruled paper, capitals reach from line to line as well.
_FEWEST, _FEWEST_OF_BOXES = 5, 3
# Share of the columns of a line that have its ink. Lines of drawn forms have 0.97 and more, the tips of a coil that
# somebody scribbled over a word up to 0.7.
_WHOLE = 0.85
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

    def beside(self, columns: Whole, offsets: Whole) -> tuple[Whole, Whole]:
        """Return the rows (K, M) and columns (M,) of what is so far from the line, at the column numbers (M,)."""
        return self.y[columns] + self.side * offsets[:, None], self.x[columns]


def find_combs(binary: Binary, level: Binary, stroke_px: float) -> Binary:
    """Return the ink of dividers: short uprights at a level line, as long as each other and evenly spaced.

    Nothing is looked at on a page without lines, and on others only what is close to one. Where a letter crosses a
    divider its ink is not the divider's.

    Parameters
    ----------
    binary : (H, W), ink True; the level lines may be cleared already
    level : (H, W), the level lines
    """
    combs = np.zeros_like(binary)
    if not level.any() or not binary.any():
        return combs
    # Grown, an upright that leans by two degrees goes on in one column; beyond the page there is no ink.
    far = round(_LONGEST * stroke_px)
    seen = np.pad(dilate_horizontally(binary), ((far, far), (0, 0)))
    for x, y in _level_lines(level, stroke_px):
        for side in (-1, 1):
            line = _Line(x, y, side)
            columns, length = _uprights(seen, line, far, stroke_px)
            if len(columns) < _FEWEST_OF_BOXES:
                continue
            for own, own_length in _combs(columns, length, line, level, stroke_px):
                _mark(combs, binary, level, line, own, own_length, stroke_px)
    return combs


def _level_lines(level: Binary, stroke_px: float) -> Iterator[tuple[Whole, Whole]]:
    """Yield the columns and rows (N,) of each line that is long enough for a comb."""
    _, boxes, cell = label_lines(level, stroke_px)
    for top, left, bottom, right in boxes.tolist():
        if right - left < _FEWEST_OF_BOXES * _NARROWEST * stroke_px:
            continue
        if bottom - top > _SLOPE * (right - left) + 3 * cell:  # squares
            continue
        y, x = np.nonzero(level[top:bottom, left:right])
        if np.count_nonzero(np.bincount(x - x.min())) < _WHOLE * (x.max() + 1 - x.min()):
            continue
        middle_x, middle_y = x.mean(), y.mean()
        slope = ((x - middle_x) * (y - middle_y)).sum() / max(((x - middle_x) ** 2).sum(), 1.0)
        columns = np.arange(x.min(), x.max() + 1)
        rows = np.rint(middle_y + slope * (columns - middle_x)).astype(np.intp)
        yield columns + left, np.clip(rows + top, 0, len(level) - 1)


def _uprights(seen: Binary, line: _Line, far: int, stroke_px: float) -> tuple[Whole, Whole]:
    """Return at which columns (N,) of a line thin ink goes straight away from it, and how far (N,).

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
    rows, x = line.beside(columns, offsets)
    inked = seen[rows + far, x]
    length = np.argmin(inked, axis=0)
    stands = length > least  # where all is ink, it is 0
    return columns[stands], length[stands] + offsets[0]


def _combs(columns: Whole, length: Whole, line: _Line, level: Binary, stroke_px: float) -> Iterator[tuple[Whole, int]]:
    """Yield the dividers of each comb, as columns of the line, those that a letter hides included, and their length.

    Boxes that do not touch have two combs, of their left and of their right sides.
    """
    for chain in _evenly_spaced(columns, length, stroke_px):
        own, own_length = columns[chain], int(np.median(length[chain]))
        step = (own[-1] - own[0]) / (len(own) - 1)
        if _is_comb(own, own_length, step, line, level, stroke_px):
            # In a comb that the camera saw at a slant, some of its own may be less alike.
            like_them = np.union1d(columns[np.abs(length - own_length) <= _OFF * stroke_px], own)
            yield _with_hidden(own, step, like_them, len(line.x), _OFF * stroke_px), own_length


def _evenly_spaced(columns: Whole, length: Whole, stroke_px: float) -> list[list[int]]:
    """Link each upright with one that is as long, and as far to its right as most such pairs are apart.

    Of uprights at 0, 10, 13, 20 and 30, all but that at 13 as long as each other, three pairs are 10 apart and two are
    20: the chain is [0, 1, 3, 4].
    """
    off = _OFF * stroke_px
    apart = columns[None, :] - columns[:, None]  # from one of the rows to one of the columns
    alike = np.abs(length[None, :] - length[:, None]) <= off
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


def _is_comb(own: Whole, length: int, step: float, line: _Line, level: Binary, stroke_px: float) -> bool:
    """Whether uprights are the sides of boxes, from end to end of two lines, or enough ticks from an end of one."""
    reach = round(_REACH * stroke_px)
    rows, x = line.beside(own, length + np.arange(-reach, reach + 1))
    end_on_line = level[np.clip(rows, 0, len(level) - 1), x].any(axis=0).mean() > 0.5
    to_ends = own[0], len(line.x) - own[-1]
    if end_on_line and max(to_ends) <= _TO_END * step:
        return True
    return bool(len(own) >= _FEWEST and min(to_ends) <= _TO_END * step)


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


def _mark(
    combs: Binary, binary: Binary, level: Binary, line: _Line, columns: Whole, length: int, stroke_px: float
) -> None:
    """Add the ink of dividers."""
    height, width = binary.shape
    reach, over = round(THIN * stroke_px), round(stroke_px)
    rows, x = line.beside(columns, np.arange(-over, length + over))
    around = np.clip(x[:, None] + np.arange(-reach, reach + 1), 0, width - 1)
    # In most rows no letter touches a divider: printed ones are thinner than a pen, whose strokes stay.
    wide = int(np.median(binary[np.clip(rows, 0, height - 1)[:, :, None], around].sum(axis=2)))
    for middle, beside in zip(x.tolist(), rows.T, strict=True):
        down = slice(max(0, int(beside.min())), int(beside.max()) + 1)
        across = slice(max(0, middle - reach), middle + reach + 1)
        ink = binary[down, across] & ~level[down, across]
        own = ink & ~open_horizontally(ink, wide + 2)
        close = slice(middle - wide // 2 - 2 - across.start, middle + wide // 2 + 3 - across.start)
        combs[down, across][:, close] |= own[:, close]
