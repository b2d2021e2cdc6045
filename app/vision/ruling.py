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
_FOLLOWED = 0.8  # share of its stretches in which a line is on its curve; a row of writing is no curve
_DARKER = 1.3  # a pen that is no darker than this many times the line cannot be told from it by its grey
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
    dark = ink >= max(levels.floor, levels.faint // 2)
    level, upright = _level_lines(dark), _level_lines(np.ascontiguousarray(dark.T))
    if not level and not upright:
        return ink
    pen = float(np.median(ink[ink >= levels.sure])) if (ink >= levels.sure).any() else float(_AS_DARK_AS_CAN_BE)
    across, down = _darkest(ink, level, pen), _darkest(ink.T, upright, pen).T
    most = np.maximum(across, down)
    most[(across > 0) & (down > 0)] = _AS_DARK_AS_CAN_BE  # where two lines cross, both have darkened the paper
    written = grown_up_and_down((ink > most) & (most > 0))
    lines = (most > 0) & ~grown_up_and_down(written.T).T
    binary = ink >= levels.faint
    cleared = (across > 0) & lines & ~_higher_than_lines(binary)
    cleared |= (down > 0) & lines & ~_higher_than_lines((binary & ~cleared).T).T
    return np.where(cleared, np.uint8(0), ink)


def _level_lines(dark: Binary) -> list[_Line]:
    """Return the lines that run from left to right, with less slope than a row may have, if they are many."""
    lines = list(_all_level_lines(dark))
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
        y, x = np.nonzero(labels[rows, columns] == number)
        curve = _curve(x, y)
        if curve is None:
            continue
        # Half a stretch more at either end, and the rest of the page beyond the last whole one.
        begin = max(0, round((columns.start - 0.5) * _STRETCH_PX))
        end = width if columns.stop == count else round((columns.stop + 0.5) * _STRETCH_PX)
        line_x = np.arange(begin, end)
        line_y = np.polyval(curve, (line_x + 0.5) / _STRETCH_PX - 0.5 - columns.start) + rows.start
        yield np.rint(line_y).astype(np.intp), line_x


def _curve(x: NDArray[np.intp], y: NDArray[np.intp]) -> NDArray[np.float64] | None:
    """Fit a line to stretches, some of which belong to letters beside it; None if they are no line."""
    curve = np.polyfit(x, y, _DEGREE)
    off = np.abs(y - np.polyval(curve, x))
    near = off <= max(_REACH_PX, 2 * float(np.median(off)))
    if len(np.unique(x[near])) <= _DEGREE:
        return None
    curve = np.polyfit(x[near], y[near], _DEGREE)
    followed = x[np.abs(y - np.polyval(curve, x)) <= _REACH_PX]
    return curve if len(np.unique(followed)) >= _FOLLOWED * (1 + int(x.max())) else None


def _darkest(ink: Grey, lines: list[_Line], pen: float) -> Grey:
    """Return how dark a pixel of a line may be before it is a pen's (H, W); 0 beside the lines."""
    darkest = np.zeros(ink.shape, np.uint8)
    for y, x in lines:
        place = np.clip(y + np.arange(-_REACH_PX, _REACH_PX + 1)[:, None], 0, len(ink) - 1), x
        line = float(np.median(ink[place].max(axis=0)))
        limit = int((line + pen) / 2) if pen >= _DARKER * line else _AS_DARK_AS_CAN_BE
        darkest[place] = np.maximum(darkest[place], limit)
    return darkest


def _higher_than_lines(binary: Binary) -> Binary:
    """Return the ink that reaches farther up and down than a line does: a letter that crosses one."""
    return open_runs(binary.T, 2 * _REACH_PX + 2).T
