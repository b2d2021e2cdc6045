"""Lines that are printed or drawn, not written: rules, underlines, the lines of a form, graph paper."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

Binary = NDArray[np.bool_]

# In stroke widths:
_LONG = 22.0  # a straight run this long is no part of a letter; the bar of a wide T has about 12
_THIN = 1.8  # where a run is thicker than this, a letter crosses or touches it, and the ink stays
_TORN = 5.0  # thin ink this close to the end of a run, on its level, is the same line torn by noise


def erase_rules(binary: Binary, stroke_px: float) -> bool:
    """Erase long straight lines, level or upright.

    Where a letter crosses a line its ink stays, so that letters standing on a rule come apart whole. All is done by
    shifts of the whole page: the time grows with its pixels, not with what is on it.

    Parameters
    ----------
    binary : (H, W), ink True; changed in place

    Returns
    -------
    bool : whether anything was erased
    """
    # Both directions are looked at before anything is erased: a crossing is part of two lines.
    level, upright = _level_lines(binary, stroke_px), _level_lines(binary.T, stroke_px).T
    lines = level | upright
    binary &= ~lines
    return bool(lines.any())


def _level_lines(binary: Binary, stroke_px: float) -> Binary:
    """Return the ink of level lines. One that slopes a little is a staircase of runs, which joins when it is grown."""
    long = open_runs(_grown_up_and_down(binary), round(_LONG * stroke_px))
    if not long.any():
        return np.zeros_like(binary)
    reach = round(_TORN * stroke_px) + 1
    near = _spread(long, reach) | _spread(long[:, ::-1], reach)[:, ::-1]
    thick = open_runs(binary.T, int(_THIN * stroke_px) + 1).T
    return binary & near & ~thick


def open_runs(binary: Binary, length: int) -> Binary:
    """Return what lies in level runs of at least `length` pixels: a morphological opening by a line.

    The page is combined with itself shifted, each time about twice as far, so that the number of passes grows with
    the logarithm of the length.
    """
    width, reach = binary.shape[1], 1
    if length > width:
        return np.zeros_like(binary)
    begins = binary.copy(order="K")  # where a run of at least `reach` pixels begins
    while reach < length:
        step = min(reach, length - reach)
        begins[:, : width - step] &= begins[:, step:]
        begins[:, width - step :] = False
        reach += step
    return _spread(begins, length)


def _spread(binary: Binary, length: int) -> Binary:
    """Make of every pixel of ink a level run of `length` pixels that begins there, cut off at the edge."""
    spread, reach = binary.copy(order="K"), 1
    while reach < min(length, binary.shape[1]):
        step = min(reach, length - reach, binary.shape[1] - 1)
        spread[:, step:] |= spread[:, :-step]
        reach += step
    return spread


def _grown_up_and_down(binary: Binary) -> Binary:
    """Spread ink by one pixel."""
    grown = binary.copy(order="K")
    grown[1:] |= binary[:-1]
    grown[:-1] |= binary[1:]
    return grown
