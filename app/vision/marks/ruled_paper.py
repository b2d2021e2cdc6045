"""The printed lines of ruled and squared paper, also where they are hardly darker than it.

A line that is about as dark as what is taken for ink at all falls into dashes there, each as long as a letter. At half
that darkness it runs on across the page, as no writing does.
"""

from __future__ import annotations

from statistics import median
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray
from scipy import ndimage

from app.vision.ink.binarise import Levels
from app.vision.marks.lines import dilate_horizontally, dilate_vertically, open_horizontally, packed_horizontally

Grey = NDArray[np.uint8]
Binary = NDArray[np.bool_]

# On 251 pages with lines or dots, stretches of 24 and 48 and shares of 0.75 and 0.93 were within 10 of 1236 edits.
_STRETCH_PX = 32  # the page is looked at in stretches so long,
_INKED = 0.85  # of which a line inks this share
_STRETCHES = 10  # that a line has on end, and on a narrower page all,
_FEWEST = 6  # but no fewer than these
_LEAST_LINES = 3  # fewer are the frame of a field, or underline something: see `find_rules`
_DEGREE = 2  # of the curves that lines are, as a page bends
# To both sides of their middle lines reach
_REACH_PX = 2  # so far,
_FARTHEST_PX = 4  # and broad ones so far at most, as on a page that was enlarged.
_EDGE = 1 / 3  # of ink at its faintest: so dark is a broad line to its edge. Where two cross, their edges add up to ink
_EVERY = 8  # of so many columns one is looked at for that: all are alike
_PEN_PERCENTILE = 95  # of what is not on lines is as dark as the pen
_PALER = 0.75  # of the pen; lines that are darker are drawn by hand, or frames
# The camera makes a line darker by so many standard deviations at most. With 3 as many dashes stay as cost 13 edits on
# 140 drawn pages, with 5 strokes along lines lose so much of their edges that 6 are made on 98 others.
_NOISE_SIGMAS = 4.0
_PALE_HALF = (16, 50)  # percentiles: a standard deviation paler than usual, where no pen has made it darker, and usual
_AS_DARK_AS_CAN_BE = 255


class _Line(NamedTuple):
    """A line from left to right.

    Attributes
    ----------
    rows, columns : (N,), its middle
    dark : median of how dark it is where it is darkest from side to side
    darkest : how dark noise may make that
    """

    rows: NDArray[np.intp]
    columns: NDArray[np.intp]
    dark: float = 0.0
    darkest: float = 0.0

    def place(self, ink: Grey | Binary, reach: int = _REACH_PX) -> tuple[NDArray[np.intp], NDArray[np.intp]]:
        """Return the rows (2 * reach + 1, N) and columns (N,) of it and of what is in its reach."""
        return np.clip(self.rows + np.arange(-reach, reach + 1)[:, None], 0, len(ink) - 1), self.columns


def without_ruling(ink: Grey, levels: Levels) -> Grey:
    """Clear the lines that run across a page; the letters that cross them, or stand on them, stay whole.

    Parameters
    ----------
    ink : (H, W), how much darker each pixel is than the paper around it; not changed
    levels : of `ink`

    Returns
    -------
    (H, W), `ink` itself if there are none
    """
    # Noise may be as dark as that, but it makes no lines.
    dark = ink >= levels.faint // 2
    level, upright = _level_lines(ink, dark), _level_lines(ink.T, dark.T)
    if max(len(level), len(upright)) < _LEAST_LINES:
        return ink
    pen = _pen(ink, level, upright, levels)
    level, upright = _ruling(level, pen), _ruling(upright, pen)
    if not level and not upright:
        return ink
    # Where lines slope much, a few that are none may look broad, in one direction.
    reach = min(_reach(ink, level, levels), _reach(ink.T, upright, levels))
    across, down = _darkest(ink, level, pen, reach), _darkest(ink.T, upright, pen, reach).T
    most = np.maximum(across, down)
    most[(across > 0) & (down > 0)] = _AS_DARK_AS_CAN_BE  # where two lines cross, both have darkened the paper
    written = dilate_vertically((ink > most) & (most > 0))
    lines = (most > 0) & ~dilate_horizontally(written)
    binary = ink >= levels.faint
    cleared = (across > 0) & lines & ~_higher_than_lines(binary, reach)
    cleared |= (down > 0) & lines & ~_higher_than_lines((binary & ~cleared).T, reach).T
    return np.where(cleared, np.uint8(0), ink)


def _pen(ink: Grey, level: list[_Line], upright: list[_Line], levels: Levels) -> float:
    """Return how dark is what was written on lines. On paper that has many, most of what is not paper are they."""
    elsewhere = ink >= levels.faint
    for line in level:
        elsewhere[line.place(elsewhere)] = False
    for line in upright:
        elsewhere.T[line.place(elsewhere.T)] = False
    return float(np.percentile(ink[elsewhere], _PEN_PERCENTILE)) if elsewhere.any() else float(_AS_DARK_AS_CAN_BE)


def _ruling(lines: list[_Line], pen: float) -> list[_Line]:
    """Return the lines that are paler than a pen, if they are many.

    What is as dark strikes rows out, or is the frame of a field: see `app.vision.marks.struck_out` and
    `app.vision.marks.rules`.
    """
    pale = [line for line in lines if line.dark < _PALER * pen]
    return pale if len(pale) >= _LEAST_LINES else []


def _level_lines(ink: Grey, dark: Binary) -> list[_Line]:
    """Return the lines that run from left to right, with less slope than a row may have.

    Parameters
    ----------
    dark : (H, W), what may be of a line
    """
    width = ink.shape[1]
    count = width // _STRETCH_PX
    if count < _FEWEST:
        return []
    # Grown by a pixel, a line that slopes stays in one row of pixels for a stretch.
    grown = dilate_vertically(packed_horizontally(dark))  # (height, width / 8), a bit a pixel
    in_bytes = np.bitwise_count(grown[:, : count * _STRETCH_PX // 8])
    inked = sum(in_bytes[:, byte :: _STRETCH_PX // 8] for byte in range(_STRETCH_PX // 8)) >= _INKED * _STRETCH_PX
    labels, _ = ndimage.label(inked, np.ones((3, 3)))
    lines = []
    for number, (rows, columns) in enumerate(ndimage.find_objects(labels), 1):
        if columns.stop - columns.start < min(_STRETCHES, count):
            continue
        own = labels[rows, columns] == number
        middles = [float(median(np.flatnonzero(stretch).tolist())) for stretch in own.T]
        curve = np.polyfit(np.arange(len(middles)), middles, _DEGREE)
        # Half a stretch more at either end, and the rest of the page beyond the last whole one.
        begin = max(0, round((columns.start - 0.5) * _STRETCH_PX))
        end = width if columns.stop == count else round((columns.stop + 0.5) * _STRETCH_PX)
        line_x = np.arange(begin, end)
        line_y = np.polyval(curve, (line_x + 0.5) / _STRETCH_PX - 0.5 - columns.start) + rows.start
        line = _Line(np.rint(line_y).astype(np.intp), line_x)
        pale, usual = np.percentile(ink[line.place(ink)].max(axis=0), _PALE_HALF).tolist()
        lines.append(line._replace(dark=usual, darkest=usual + _NOISE_SIGMAS * (usual - pale)))
    return lines


def _reach(ink: Grey, lines: list[_Line], levels: Levels) -> int:
    """Return how far lines reach to both sides of their middle, in pixels."""
    if not lines:
        return _REACH_PX
    across = []
    for line in lines:
        rows, columns = line.place(ink, _FARTHEST_PX)
        dark = ink[rows[:, ::_EVERY], columns[::_EVERY]] >= _EDGE * levels.faint
        across.append(float(np.median(np.count_nonzero(dark, axis=0))))
    return int(np.clip(median(across) // 2, _REACH_PX, _FARTHEST_PX))


def _darkest(ink: Grey, lines: list[_Line], pen: float, reach: int) -> Grey:
    """Return how dark a pixel of a line may be before it is a pen's (H, W); 0 beside the lines."""
    darkest = np.zeros(ink.shape, np.uint8)
    for line in lines:
        place = line.place(ink, reach)
        least = max((line.dark + pen) / 2, min(line.darkest, pen))
        darkest[place] = np.maximum(darkest[place], int(least))
    return darkest


def _higher_than_lines(binary: Binary, reach: int) -> Binary:
    """Return the ink that reaches farther up and down than a line does: a letter that crosses one."""
    return open_horizontally(binary.T, 2 * reach + 2).T
