"""Lines that are printed or drawn, not written: rules, underlines, the lines of a form."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray
from scipy import ndimage

# In stroke widths:
_LONG = 22.0  # a straight run this long is no part of a letter; the bar of a wide T has about 12
_THIN = 1.8  # where a run is thicker than this, a letter crosses or touches it, and the ink stays
_TORN = 5.0  # thin ink this close to the end of a run, on its level, is the same line torn by noise


def erase_rules(binary: NDArray[np.bool_], places: Sequence[tuple[slice, slice]], stroke_px: float) -> bool:
    """Erase long straight lines, level or upright, from the pieces that are long enough to hold one.

    Where a letter crosses a line its ink stays, so that letters standing on a rule come apart whole.

    Parameters
    ----------
    binary : (H, W), ink True; changed in place
    places : the box of each connected piece of ink

    Returns
    -------
    bool : whether anything was erased
    """
    erased = False
    for rows, columns in places:
        if columns.stop - columns.start >= _LONG * stroke_px:
            # A torn line goes on beyond its longest piece, a little above or below.
            margin = round(_TORN * stroke_px)
            band = (
                slice(max(0, rows.start - 1), rows.stop + 1),
                slice(max(0, columns.start - margin), columns.stop + margin),
            )
            erased |= _erase_level(binary[band], stroke_px)
        if rows.stop - rows.start >= _LONG * stroke_px:
            erased |= _erase_level(binary[rows, columns].T, stroke_px)
    return erased


def _erase_level(binary: NDArray[np.bool_], stroke_px: float) -> bool:
    """Erase level lines, in place; a slightly sloping line is a staircase of long runs."""
    long = _run_lengths(binary) >= _LONG * stroke_px
    if not long.any():
        return False
    thickness = _run_lengths(binary.T).T
    on_line = ndimage.maximum_filter(long, size=(3, 2 * round(_TORN * stroke_px) + 1))
    line = binary & on_line & (thickness <= _THIN * stroke_px)
    binary[line] = False
    return bool(line.any())


def _run_lengths(binary: NDArray[np.bool_]) -> NDArray[np.int32]:
    """Return for each ink pixel the length of the level run of ink that it is in; 0 for paper."""
    height, width = binary.shape
    padded = np.zeros((height, width + 2), np.int8)
    padded[:, 1:-1] = binary
    change = np.diff(padded, axis=1)
    row, start = np.nonzero(change == 1)
    stop = np.nonzero(change == -1)[1]
    lengths = np.zeros((height, width + 1), np.int32)
    lengths[row, start] = stop - start
    lengths[row, stop] -= stop - start
    return np.cumsum(lengths, axis=1, dtype=np.int32)[:, :width]
