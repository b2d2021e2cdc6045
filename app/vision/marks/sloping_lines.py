"""Printed lines of a sheet that was photographed askew: they slope, each a little more or less than the next.

Whoever draws a line by hand wavers; a letter is not that long. So lines are followed from a part of them that is sure,
as far as they are straight.
"""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray
from scipy import ndimage

from app.vision.marks.lines import THIN, any_of, dilate_horizontally, eights, open_horizontally

Binary = NDArray[np.bool_]
Curve = NDArray[np.float64]
Place = tuple[NDArray[np.intp], NDArray[np.intp], Binary]
"""Rows (M, N) and columns (N,) around a line, and which of these pixels (M, N) are its ink."""

_STEEPEST = 0.18  # ten degrees, as a tangent
_FEWEST = 3  # one or two may be edges of a sheet, or strike out or underline something, unless they go on in rules
# In stroke widths:
_RUN = 6.0  # a line that falls by ten degrees has level runs that long, if its ends may be a pixel off
_LONG = 40.0  # twice as long as a level line has to be: far more strokes are nearly straight at some slope
_RULE = 22.0  # so much of a line is a rule, as of `find_rules`
_TORN = 5.0  # runs this close to each other may be one line, torn by noise
_REACH = 1.0  # of a line to both sides of its middle
_WAVERS = 0.2  # so far from a parabola, and half a pixel, is the middle of a printed line at most
# Share of a line that must be inked so. On drawn photographs of tables and ruled paper 0.66 and 0.75 leave far more of
# torn lines; at 0.6, lines half as long would be found in words.
_INKED = 0.6


class _Line(NamedTuple):
    """A line from column `begin` to `end`, which is not in it any more.

    Attributes
    ----------
    curve : gives its middle, as `np.polyval`
    height : how much ink it has in most columns
    """

    begin: int
    end: int
    curve: Curve
    height: float


class _Ink(NamedTuple):
    """The ink of a line, in those (M,) of its columns that have any: where its middle is, and how much it is."""

    columns: NDArray[np.intp]
    middle: NDArray[np.float64]
    height: NDArray[np.intp]


def sloping_lines(binary: Binary, stroke_px: float, rules: Binary) -> list[Place]:
    """Return where lines from left to right, level or not, have their ink, except where a letter crosses them.

    Lines are first looked for in every second row, by eight pixels at a time.

    Parameters
    ----------
    binary : (H, W), ink True
    rules : (H, W), lines that were found before, perhaps in part
    """
    fewest = 1 if rules.any() else _FEWEST
    seeds = open_horizontally(eights(binary) == 255, max(1, int(_RUN * stroke_px - 7) // 8))
    shortest = _LONG * stroke_px
    if len(seeds) < 4 or np.count_nonzero(seeds) * 8 <= fewest * _INKED * shortest:
        return []
    seeds = any_of(seeds[: len(seeds) // 4 * 4], 4)  # eight pixels both ways
    labels, _ = ndimage.label(dilate_horizontally(seeds, max(1, round(_TORN * stroke_px / 16))), np.ones((3, 3)))
    places = enumerate(ndimage.find_objects(labels), 1)
    long = [(number, place) for number, place in places if (place[1].stop - place[1].start) * 8 >= shortest]
    if len(long) < fewest:  # most pages
        return []
    lines = []
    for number, place in long:
        y, x = np.nonzero(seeds[place] & (labels[place] == number))
        line = _begun((y + place[0].start) * 8 + 4, (x + place[1].start) * 8 + 4, binary, stroke_px)
        if line is not None:
            lines.append(_followed(line, binary, stroke_px))
    found = [_ink_of(line, binary, stroke_px) for line in lines]
    return found if len(found) >= _FEWEST else [line for line in found if _is_rule(line, rules, stroke_px)]


def _is_rule(line: Place, rules: Binary, stroke_px: float) -> bool:
    """Whether a line slopes, and a part of it is known as a rule: where it happens to be level for long enough."""
    rows, columns, ink = line
    slopes = np.ptp(rows[len(rows) // 2]) >= stroke_px  # what does not is known as a whole
    return bool(slopes and np.any(ink & rules[rows, columns], axis=0).sum() >= _RULE * stroke_px)


def _begun(y: NDArray[np.intp], x: NDArray[np.intp], binary: Binary, stroke_px: float) -> _Line | None:
    """Return the line that most of some places (N,) are on, if any; some are of letters that stand on it."""
    on = np.ones(len(x), bool)
    for _ in range(4):
        curve = _straight(x[on], y[on])
        off = np.abs(_at(curve, x) - y)
        before, on = on, off <= max(stroke_px, 2 * float(np.median(off)))
        if np.array_equal(on, before):
            break
    begin, end = int(x[on].min()) - 4, min(int(x[on].max()) + 4, binary.shape[1])
    line = _Line(begin, end, curve, stroke_px)
    return _fitted(line, binary, stroke_px) if end - begin >= _LONG * stroke_px else None


def _followed(line: _Line, binary: Binary, stroke_px: float) -> _Line:
    """Return a line with all that continues it, at both ends."""
    step = round(_LONG * stroke_px / 4)
    for forth in (False, True):
        while True:
            begin, end = line.begin, line.end
            begin, end = (end, min(end + step, binary.shape[1])) if forth else (max(begin - step, 0), begin)
            if begin == end:
                break
            at = line.end if forth else line.begin
            slope = _at(np.polyder(line.curve), at)
            tangent = np.array([slope, _at(line.curve, at) - slope * at])
            inked = np.any(_ink_of(_Line(begin, end, tangent, line.height), binary, stroke_px)[2], axis=0)
            more = None
            if np.count_nonzero(inked) >= _INKED * len(inked):
                more = _fitted(line._replace(begin=min(begin, line.begin), end=max(end, line.end)), binary, stroke_px)
            if more is not None:
                added = more._replace(begin=begin, end=end)
                more = more if _is_even(added, _own_ink(added, binary, stroke_px), stroke_px) else None
            if more is None:  # it ends here
                rest = np.argmin(inked[:: 1 if forth else -1]).item()
                line = line._replace(end=line.end + rest) if forth else line._replace(begin=line.begin - rest)
                break
            line = more
    return line


def _fitted(line: _Line, binary: Binary, stroke_px: float) -> _Line | None:
    """Return the line that the ink near one makes; None if that is no line."""
    for _ in range(2):
        own = _own_ink(line, binary, stroke_px)
        if len(own.columns) < _INKED * (line.end - line.begin):
            return None
        height = min(line.height, float(np.median(own.height)))
        line = line._replace(curve=np.polyfit(own.columns, own.middle, 2), height=height)
    steepest = np.abs(_at(np.polyder(line.curve), np.array([line.begin, line.end - 1]))).max()
    return line if steepest <= _STEEPEST and _is_even(line, own, stroke_px) else None


def _is_even(line: _Line, own: _Ink, stroke_px: float) -> bool:
    """Whether most of a line is inked just where it should be; the feet of letters beyond its end are not."""
    even = np.abs(_at(line.curve, own.columns) - own.middle) <= _WAVERS * stroke_px + 0.5
    return bool(np.count_nonzero(even) >= _INKED * (line.end - line.begin))


def _own_ink(line: _Line, binary: Binary, stroke_px: float) -> _Ink:
    rows, columns, ink = _ink_of(line, binary, stroke_px)
    height = ink.sum(axis=0)
    on = height > 0
    return _Ink(columns[on], (rows * ink).sum(axis=0)[on] / height[on], height[on])


def _ink_of(line: _Line, binary: Binary, stroke_px: float) -> Place:
    """Return what is in reach of a line, 2 * reach + 1 rows, and its own ink there.

    Where there is more ink, a letter crosses or touches the line. Where only a few columns have a little more, a corner
    may be there, or the foot of a stem; then as much of it is the line's as is elsewhere.
    """
    reach = round(_REACH * stroke_px) + 1
    columns = np.arange(line.begin, line.end)
    middle = _at(line.curve, columns)
    rows = np.rint(middle).astype(np.intp) + np.arange(-reach, reach + 1)[:, None]
    within = np.abs(rows - middle) <= line.height / 2
    np.clip(rows, 0, len(binary) - 1, out=rows)
    ink = binary[rows, columns]
    height = ink.sum(axis=0)
    more = height > THIN * line.height + 1  # blurred by half a pixel at both sides
    wide = _in_long_runs(more, int(THIN * line.height) + 2)
    return rows, columns, ink & ~(wide | (height > THIN * stroke_px)) & (within | ~more)


def _in_long_runs(on: Binary, least: int) -> Binary:
    """Return which (N,) are in a run of so many: a morphological opening, for the few runs that there are."""
    between = np.zeros(len(on) + 2, bool)
    between[1:-1] = on
    runs = np.flatnonzero(between[1:] != between[:-1]).reshape(-1, 2)
    inside = np.zeros_like(on)
    for begin, end in runs[runs[:, 1] - runs[:, 0] >= least].tolist():
        inside[begin:end] = True
    return inside


def _straight(x: NDArray[np.intp], y: NDArray[np.intp]) -> Curve:
    """As `np.polyfit` of degree 1, which takes many times as long."""
    x_mean, y_mean = x.mean(), y.mean()
    off = x - x_mean
    slope = off @ (y - y_mean) / max(off @ off, 1.0)
    return np.array([slope, y_mean - slope * x_mean])


def _at(curve: NDArray[np.floating[Any]], x: NDArray[np.intp] | int) -> Any:
    """As `np.polyval`."""
    y = curve[0]
    for coefficient in curve[1:]:
        y = y * x + coefficient
    return y
