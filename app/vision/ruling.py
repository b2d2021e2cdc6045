"""The printed lines of ruled and squared paper, also where they are hardly darker than it.

A line that is about as dark as what is taken for ink at all falls into dashes there, each as long as a letter. At half
that darkness it runs on across the page, as no writing does.
"""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray
from scipy import ndimage

from app.vision.ink import Levels
from app.vision.rules import grown_up_and_down, open_runs

Grey = NDArray[np.uint8]
Binary = NDArray[np.bool_]
_Line = tuple[NDArray[np.intp], NDArray[np.intp]]  # rows and columns of its middle

# The page is looked at in stretches of so many pixels, of which a line inks so large a share.
_STRETCH_PX, _INKED = 32, 0.85
# A line has so many of them on end, and on a small page all, but no fewer than the second.
_STRETCHES, _FEWEST = 10, 6
_LEAST_LINES = 3  # fewer are the frame of a field, or underline something: see `find_rules`
# Lines are curves of this degree, as a page bends, and so many pixels wide to both sides of their middle.
_DEGREE, _REACH_PX = 2, 2
_AS_DARK_AS_CAN_BE = 255


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
    level, upright = _level_lines(ink, levels), _level_lines(np.ascontiguousarray(ink.T), levels)
    if not level and not upright:
        return ink
    sure = ink[ink >= levels.sure]
    pen = float(np.median(sure)) if len(sure) else float(_AS_DARK_AS_CAN_BE)
    across, down = _darkest(ink, level, pen), _darkest(ink.T, upright, pen).T
    most = np.maximum(across, down)
    most[(across > 0) & (down > 0)] = _AS_DARK_AS_CAN_BE  # where two lines cross, both have darkened the paper
    written = grown_up_and_down((ink > most) & (most > 0))
    lines = (most > 0) & ~grown_up_and_down(written.T).T
    binary = ink >= levels.faint
    cleared = (across > 0) & lines & ~_higher_than_lines(binary)
    cleared |= (down > 0) & lines & ~_higher_than_lines((binary & ~cleared).T).T
    return np.where(cleared, np.uint8(0), ink)


def _level_lines(ink: Grey, levels: Levels) -> list[_Line]:
    """Return the faint lines that run from left to right, with less slope than a row may have, if they are many.

    What is as dark as a pen strikes rows out, or is the frame of a field: see `app.vision.strikes`, `app.vision.rules`.
    """
    every = _all_level_lines(ink >= max(levels.floor, levels.faint // 2))
    lines = [line for line in every if _darkness(ink, line) < levels.sure]
    return lines if len(lines) >= _LEAST_LINES else []


def _all_level_lines(dark: Binary) -> Iterator[_Line]:
    height, width = dark.shape
    count = width // _STRETCH_PX
    if count < _FEWEST:
        return
    # Grown by a pixel, a line that slopes stays in one row of pixels for a stretch.
    grown = grown_up_and_down(dark)
    stretches = grown[:, : count * _STRETCH_PX].view(np.uint8).reshape(height, count, _STRETCH_PX)
    inked = stretches.sum(axis=2, dtype=np.uint8) >= _INKED * _STRETCH_PX
    labels, _ = ndimage.label(inked, np.ones((3, 3)))
    for number, (rows, columns) in enumerate(ndimage.find_objects(labels), 1):
        if columns.stop - columns.start < min(_STRETCHES, count):
            continue
        own = labels[rows, columns] == number
        curve = _curve(np.array([np.median(np.flatnonzero(stretch)) for stretch in own.T]))
        # Half a stretch more at either end, and the rest of the page beyond the last whole one.
        begin = max(0, round((columns.start - 0.5) * _STRETCH_PX))
        end = width if columns.stop == count else round((columns.stop + 0.5) * _STRETCH_PX)
        line_x = np.arange(begin, end)
        line_y = np.polyval(curve, (line_x + 0.5) / _STRETCH_PX - 0.5 - columns.start) + rows.start
        yield np.rint(line_y).astype(np.intp), line_x


def _curve(y: NDArray[np.float64]) -> NDArray[np.float64]:
    """Fit a line to where it is in each stretch (N,); in less than half of them it may be letters beside it."""
    x = np.arange(len(y))
    off = np.abs(y - np.polyval(np.polyfit(x, y, _DEGREE), x))
    near = off <= max(_REACH_PX, 2 * float(np.median(off)))
    return np.polyfit(x[near], y[near], _DEGREE)


def _darkest(ink: Grey, lines: list[_Line], pen: float) -> Grey:
    """Return how dark a pixel of a line may be before it is a pen's (H, W); 0 beside the lines."""
    darkest = np.zeros(ink.shape, np.uint8)
    for line in lines:
        place, dark = _beside(line, len(ink)), _darkness(ink, line)
        darkest[place] = np.maximum(darkest[place], int((dark + pen) / 2))
    return darkest


def _darkness(ink: Grey, line: _Line) -> float:
    """Median of how dark a line is where it is darkest from side to side."""
    return float(np.median(ink[_beside(line, len(ink))].max(axis=0)))


def _beside(line: _Line, height: int) -> tuple[NDArray[np.intp], NDArray[np.intp]]:
    """Return rows and columns of a line and what is in its reach, (2 * _REACH_PX + 1, N) and (N,)."""
    y, x = line
    return np.clip(y + np.arange(-_REACH_PX, _REACH_PX + 1)[:, None], 0, height - 1), x


def _higher_than_lines(binary: Binary) -> Binary:
    """Return the ink that reaches farther up and down than a line does: a letter that crosses one."""
    return open_runs(binary.T, 2 * _REACH_PX + 2).T
