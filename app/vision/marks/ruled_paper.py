"""The printed lines of ruled and squared paper, also if they are hardly darker than the paper.

If a line is about as dark as the faintest ink, only dashes of it are taken for ink, each as long as a letter. At half
that darkness it goes on across the page, as no writing does.
"""

from __future__ import annotations

from statistics import median
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray
from scipy import ndimage

from app.vision.ink.binarise import Levels
from app.vision.marks.lines import dilate_horizontally, dilate_vertically, open_horizontally, packed_horizontally
from app.vision.marks.ruling_curves import curves_in

Grey = NDArray[np.uint8]
Binary = NDArray[np.bool_]

# A stretch is a part of a row of pixels. On 251 pages with lines or dots, other lengths (24 and 48 pixels) and shares
# (0.75 and 0.93) changed the 1236 edits by 10 at most.
_STRETCH_PX = 32  # length of a stretch
_INKED = 0.85  # share of a stretch that is ink if a line goes through it
_STRETCHES = 10  # stretches of a line, one behind the other, at least; on a narrower page all that it has
_FEWEST = 6  # stretches of a page, at least; on a narrower one no lines are looked for
# Lines of a page, in one direction, at least. Fewer are the frame of a field, or underline something: see `find_rules`.
_LEAST_LINES = 3
# Slopes by which the page is sheared before lines are looked for, as tangents; each finds what slopes by 0.06 more or
# less. But for the first they are tried if a larger share of the page is dark than text makes it. Sloping lines that
# are far apart are followed by `app.vision.marks.sloping_lines`.
_SHEARS = (0.0, 0.12, -0.12, 0.24, -0.24)
_SQUARED = 0.1
_APART_PX = 4  # lines that are no farther from each other in the middle are one line, found twice
# From the middle of a line to its edge, in pixels:
_REACH_PX = 2  # at least
_FARTHEST_PX = 4  # at most, on a page that was enlarged
# Share of the faintest ink. A line is this dark at its edge, because where two lines cross, their edges add up to ink.
_EDGE = 1 / 3
_EVERY = 8  # one of so many columns is looked at to measure how broad a line is
_PEN_PERCENTILE = 95  # of the darkness of ink beside the lines: how dark the pen is
_PALER = 0.75  # share of the pen's darkness; darker lines are drawn by hand, or are frames
# Standard deviations by which noise makes a place of a line darker than the line, at most. With 3, more dashes of lines
# stay: 13 more edits on 140 drawn pages. With 5, strokes along lines lose so much of their edges that there are 6 more
# edits on 98 other pages.
_NOISE_SIGMAS = 4.0
# Percentiles of how dark a line is, column by column: one standard deviation below the median, and the median. Above it
# a pen may have made the line darker.
_PALE_HALF = (16, 50)
_BLACK = 255


class _Line(NamedTuple):
    """A line from left to right.

    Attributes
    ----------
    rows, columns : (N,), the pixels along its middle
    dark : how dark it is: the median, over its columns, of the darkest pixel in its reach
    darkest : how dark noise may make it
    """

    rows: NDArray[np.intp]
    columns: NDArray[np.intp]
    dark: float = 0.0
    darkest: float = 0.0

    def place(self, ink: Grey | Binary, reach: int = _REACH_PX) -> tuple[NDArray[np.intp], NDArray[np.intp]]:
        """Return the rows (2 * reach + 1, N) and columns (N,) of the line and of what is up to `reach` pixels away."""
        return np.clip(self.rows + np.arange(-reach, reach + 1)[:, None], 0, len(ink) - 1), self.columns

    def is_again(self, other: _Line) -> bool:
        """Whether this is another line found again: in the middle of the columns of both, they are at one place."""
        first, last = (max(self.columns[0], other.columns[0]), min(self.columns[-1], other.columns[-1]))
        if first > last:
            return False
        rows = [line.rows[(first + last) // 2 - line.columns[0]] for line in (self, other)]
        return bool(abs(rows[0] - rows[1]) <= _APART_PX)


def without_ruling(ink: Grey, levels: Levels) -> Grey:
    """Clear the printed lines that go across a page; letters that cross them or stand on them stay whole.

    Parameters
    ----------
    ink : (H, W), how much darker each pixel is than the paper around it; not changed
    levels : how dark ink must be to count as a stroke

    Returns
    -------
    (H, W) : `ink` without the lines; `ink` itself if there are none
    """
    # This may be no darker than noise, but noise makes no lines.
    dark = ink >= levels.faint // 2
    level, upright = _level_lines(ink, dark), _level_lines(ink.T, dark.T)
    if max(len(level), len(upright)) < _LEAST_LINES:
        return ink
    pen = _pen(ink, level, upright, levels)
    level, upright = _ruling(level, pen), _ruling(upright, pen)
    if not level and not upright:
        return ink
    # Lines are as broad in one direction as in the other. Where they slope much, those of one direction may be no lines
    # and look broader.
    reach = min(_reach(ink, level, levels), _reach(ink.T, upright, levels))
    across, down = _darkest(ink, level, pen, reach), _darkest(ink.T, upright, pen, reach).T
    most = np.maximum(across, down)
    most[(across > 0) & (down > 0)] = _BLACK  # where two lines cross, both darken the paper
    written = dilate_vertically((ink > most) & (most > 0))
    lines = (most > 0) & ~dilate_horizontally(written)
    binary = ink >= levels.faint
    cleared = (across > 0) & lines & ~_higher_than_lines(binary, reach)
    cleared |= (down > 0) & lines & ~_higher_than_lines((binary & ~cleared).T, reach).T
    return np.where(cleared, np.uint8(0), ink)


def _pen(ink: Grey, level: list[_Line], upright: list[_Line], levels: Levels) -> float:
    """Return how dark the pen is. Lines are left out: they may be most of what is not paper."""
    elsewhere = ink >= levels.faint
    for line in level:
        elsewhere[line.place(elsewhere)] = False
    for line in upright:
        elsewhere.T[line.place(elsewhere.T)] = False
    return float(np.percentile(ink[elsewhere], _PEN_PERCENTILE)) if elsewhere.any() else float(_BLACK)


def _ruling(lines: list[_Line], pen: float) -> list[_Line]:
    """Return the lines that are paler than the pen, or none if they are few.

    A line as dark as the pen strikes out a row or is the frame of a field: see `app.vision.marks.struck_out` and
    `app.vision.marks.rules`.
    """
    pale = [line for line in lines if line.dark < _PALER * pen]
    return pale if len(pale) >= _LEAST_LINES else []


def _level_lines(ink: Grey, dark: Binary) -> list[_Line]:
    """Return the lines that go across the page from left to right.

    Parameters
    ----------
    dark : (H, W), which pixels are dark enough for a line
    """
    width = ink.shape[1]
    count = width // _STRETCH_PX
    if count < _FEWEST:
        return []
    # Dilated by a pixel, a line that slopes a little fills one row of pixels for the length of a stretch.
    grown = dilate_vertically(packed_horizontally(dark))[:, : count * _STRETCH_PX // 8]  # one bit for each pixel
    lines: list[_Line] = []
    for shear in _SHEARS if dark.mean() > _SQUARED else (0.0,):
        lines += [line for line in _sheared_lines(ink, grown, shear) if not any(map(line.is_again, lines))]
    return lines


def _sheared_lines(ink: Grey, grown: NDArray[np.uint8], shear: float) -> list[_Line]:
    """Return the lines that slope by about `shear`, a tangent.

    Parameters
    ----------
    grown : (H, W / 8), which pixels are dark enough for a line, or next to one that is, as bits of whole stretches
    """
    height, in_stretch = len(ink), _STRETCH_PX // 8
    count = grown.shape[1] // in_stretch
    # By how many pixels shearing raises each byte.
    raised = np.rint(shear * 8 * np.arange(grown.shape[1])).astype(np.intp)
    top = -max(0, raised[-1])
    if shear:
        place = np.arange(top, height - min(0, raised[-1]))[:, None] + raised
        grown = np.take_along_axis(grown, place % height, axis=0) * ((place >= 0) & (place < height))
    in_bytes = np.bitwise_count(grown)
    inked = sum(in_bytes[:, byte::in_stretch] for byte in range(in_stretch)) >= _INKED * _STRETCH_PX
    labels, _ = ndimage.label(inked, np.ones((3, 3)))
    least, lines = min(_STRETCHES, count), []
    for number, (rows, columns) in enumerate(ndimage.find_objects(labels), 1):
        if columns.stop - columns.start < least:
            continue
        for curve in curves_in(labels[rows, columns] == number, least):
            begin, end = columns.start + curve.begin, columns.start + curve.end
            x = np.arange(*_continued(begin, end, count, ink.shape[1]))
            y = np.polyval(curve.coefficients, (x + 0.5) / _STRETCH_PX - 0.5 - columns.start) + rows.start + top
            y += shear * (x - 3.5)  # a byte is raised as its first pixel should be
            lines.append(_measured(ink, _Line(np.rint(y).astype(np.intp), x)))
    return lines


def _continued(begin: int, end: int, count: int, width: int) -> tuple[int, int]:
    """Return the columns of a line: half a stretch more at both ends, or from the last whole stretch to the edge."""
    last = width if end == count else round((end + 0.5) * _STRETCH_PX)
    return max(0, round((begin - 0.5) * _STRETCH_PX)), last


def _measured(ink: Grey, line: _Line) -> _Line:
    pale, usual = np.percentile(ink[line.place(ink)].max(axis=0), _PALE_HALF).tolist()
    return line._replace(dark=usual, darkest=usual + _NOISE_SIGMAS * (usual - pale))


def _reach(ink: Grey, lines: list[_Line], levels: Levels) -> int:
    """Return how far it is from the middle of the lines to their edges, in pixels."""
    if not lines:
        return _REACH_PX
    across = []
    for line in lines:
        rows, columns = line.place(ink, _FARTHEST_PX)
        dark = ink[rows[:, ::_EVERY], columns[::_EVERY]] >= _EDGE * levels.faint
        across.append(float(np.median(np.count_nonzero(dark, axis=0))))
    return int(np.clip(median(across) // 2, _REACH_PX, _FARTHEST_PX))


def _darkest(ink: Grey, lines: list[_Line], pen: float, reach: int) -> Grey:
    """Return how dark each pixel (H, W) of a line is at most, unless the pen made it; 0 beside the lines."""
    darkest = np.zeros(ink.shape, np.uint8)
    for line in lines:
        place = line.place(ink, reach)
        least = max((line.dark + pen) / 2, min(line.darkest, pen))
        darkest[place] = np.maximum(darkest[place], int(least))
    return darkest


def _higher_than_lines(binary: Binary, reach: int) -> Binary:
    """Return the ink (H, W) in upright runs longer than a line is broad: it is of letters that cross lines."""
    return open_horizontally(binary.T, 2 * reach + 2).T
