"""Printed lines of a sheet that was photographed askew: they slope, each a little more or less than the next.

Letters are not as long, and lines drawn by hand waver. So a line is followed from a part that is surely a line, as far
as it is straight or evenly bent.
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

_STEEPEST = 0.18  # slope of a line at most, as a tangent: ten degrees
# Lines of a page, at least. One or two may be edges of a sheet, or strike out or underline something, unless a part of
# them is a rule.
_FEWEST = 3
# In stroke widths:
_RUN = 6.0  # length of the level runs in a line that slopes by ten degrees, if its ends may be a pixel off
_LONG = 40.0  # length of a line, at least: twice that of a level one, as far more strokes are straight at some slope
_RULE = 22.0  # length of a part that is known as a rule, at least: that of a rule in `find_rules`
_TORN = 5.0  # distance of level runs that may be one line torn by noise, at most
_REACH = 1.0  # distance from the middle of a line up to which its ink is looked at
_WAVERS = 0.2  # distance of the line's middle from a parabola, at most, beside half a pixel
# Share of a line's columns whose ink is where it should be. With 0.66 and 0.75 far more is left of torn lines on drawn
# photographs of tables and ruled paper. With 0.6, lines half as long would be found in words.
_INKED = 0.6


class _Line(NamedTuple):
    """A line from column `begin` to column ``end - 1``.

    Attributes
    ----------
    curve : coefficients of the polynomial that gives the row of its middle, as for `np.polyval`
    height : how many pixels of ink it has in a column, as a median
    """

    begin: int
    end: int
    curve: Curve
    height: float


class _Ink(NamedTuple):
    """The ink of a line in each of the M columns that have any: the row of its middle, and its number of pixels."""

    columns: NDArray[np.intp]
    middle: NDArray[np.float64]
    height: NDArray[np.intp]


def sloping_lines(binary: Binary, stroke_px: float, rules: Binary) -> list[Place]:
    """Return the ink of each line that goes from left to right, level or not, except where a letter crosses it.

    Lines are first looked for in every second row of pixels, eight pixels at a time.

    Parameters
    ----------
    binary : (H, W), ink True
    rules : (H, W), ink of lines that were found before; these may be parts of the lines that are found here
    """
    fewest = 1 if rules.any() else _FEWEST
    seeds = open_horizontally(eights(binary) == 255, max(1, int(_RUN * stroke_px - 7) // 8))
    shortest = _LONG * stroke_px
    if len(seeds) < 4 or np.count_nonzero(seeds) * 8 <= fewest * _INKED * shortest:
        return []
    seeds = any_of(seeds[: len(seeds) // 4 * 4], 4)  # now one for each square of eight by eight pixels
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
    """Whether a line slopes, and a part of it that happens to be level is known as a rule."""
    rows, columns, ink = line
    slopes = np.ptp(rows[len(rows) // 2]) >= stroke_px  # level lines are rules from end to end
    return bool(slopes and np.any(ink & rules[rows, columns], axis=0).sum() >= _RULE * stroke_px)


def _begun(y: NDArray[np.intp], x: NDArray[np.intp], binary: Binary, stroke_px: float) -> _Line | None:
    """Return the line that most of these places (N,) are on, if any; the others are of letters that stand on it."""
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
    """Return a line continued at both ends, as far as there is ink that continues it."""
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
    """Fit a line to the ink near it; None if that ink makes no line."""
    for _ in range(2):
        own = _own_ink(line, binary, stroke_px)
        if len(own.columns) < _INKED * (line.end - line.begin):
            return None
        height = min(line.height, float(np.median(own.height)))
        line = line._replace(curve=np.polyfit(own.columns, own.middle, 2), height=height)
    steepest = np.abs(_at(np.polyder(line.curve), np.array([line.begin, line.end - 1]))).max()
    return line if steepest <= _STEEPEST and _is_even(line, own, stroke_px) else None


def _is_even(line: _Line, own: _Ink, stroke_px: float) -> bool:
    """Whether most columns of a line have ink just where it should be; columns with feet of letters have not."""
    even = np.abs(_at(line.curve, own.columns) - own.middle) <= _WAVERS * stroke_px + 0.5
    return bool(np.count_nonzero(even) >= _INKED * (line.end - line.begin))


def _own_ink(line: _Line, binary: Binary, stroke_px: float) -> _Ink:
    rows, columns, ink = _ink_of(line, binary, stroke_px)
    height = ink.sum(axis=0)
    on = height > 0
    return _Ink(columns[on], (rows * ink).sum(axis=0)[on] / height[on], height[on])


def _ink_of(line: _Line, binary: Binary, stroke_px: float) -> Place:
    """Return the pixels around a line, and which of them are its own ink.

    In columns with more ink than the line has, a letter crosses or touches it, and the ink is the letter's. If they are
    few and have only a little more, there may be a corner or the foot of a stem: then as much of the ink is the line's
    as in other columns.
    """
    reach = round(_REACH * stroke_px) + 1
    columns = np.arange(line.begin, line.end)
    middle = _at(line.curve, columns)
    rows = np.rint(middle).astype(np.intp) + np.arange(-reach, reach + 1)[:, None]
    within = np.abs(rows - middle) <= line.height / 2
    np.clip(rows, 0, len(binary) - 1, out=rows)
    ink = binary[rows, columns]
    height = ink.sum(axis=0)
    more = height > THIN * line.height + 1  # a blur of half a pixel on both sides is allowed for
    wide = _in_long_runs(more, int(THIN * line.height) + 2)
    return rows, columns, ink & ~(wide | (height > THIN * stroke_px)) & (within | ~more)


def _in_long_runs(on: Binary, least: int) -> Binary:
    """Return which places (N,) are in a run of at least `least`: a morphological opening, fast for few runs."""
    between = np.zeros(len(on) + 2, bool)
    between[1:-1] = on
    runs = np.flatnonzero(between[1:] != between[:-1]).reshape(-1, 2)
    inside = np.zeros_like(on)
    for begin, end in runs[runs[:, 1] - runs[:, 0] >= least].tolist():
        inside[begin:end] = True
    return inside


def _straight(x: NDArray[np.intp], y: NDArray[np.intp]) -> Curve:
    """As `np.polyfit` of degree 1, but many times as fast."""
    x_mean, y_mean = x.mean(), y.mean()
    off = x - x_mean
    slope = off @ (y - y_mean) / max(off @ off, 1.0)
    return np.array([slope, y_mean - slope * x_mean])


def _at(curve: NDArray[np.floating[Any]], x: NDArray[np.intp] | int) -> Any:
    """As `np.polyval`, but faster."""
    y = curve[0]
    for coefficient in curve[1:]:
        y = y * x + coefficient
    return y
