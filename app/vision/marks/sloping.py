"""Sloping strokes through a word: one straight line across all of its width, or two that cross."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from app.vision.box import Box
from app.vision.ink.components import Components

# Chosen on 480 drawn pages of validation writers, 97 of whose joined words are as wide and as full of strokes: of these
# no more than two are taken for crossed out, and none with these. Seven in ten drawn strokes are found.
_WIDE = 2.5  # heights of the writing: what a stroke joins is a word, and as wide as one
# What a piece takes to be looked at grows with its width and the square of its height. No word is so many strokes high;
# along a longer one so many columns tell as much.
_HIGHEST, _MOST_COLUMNS = 64.0, 1000
_MET = 1.6  # strokes in the mean column of such a piece: the line, and the letters that it crosses
_INKED = 0.985  # share of a straight line between the piece's sides that is ink, or as near to it as it may waver
# In stroke widths: how far a line wavers, and how far it falls or rises at least (lines that are more level are
# looked for beyond their piece, too); what is clearly beside it; and where nothing is if no letter stands in its way.
_WAVERING, _FALL, _CLEAR, _FREE = 0.25, 3.0, 1.5, 1.2
# Shares of the line's columns that have letters above it, below it, either of these, and that have it alone.
_EACH, _EITHER, _ALONE = 0.15, 0.6, 0.25


def find_sloping(row: NDArray[np.intp], components: Components, typical: float) -> list[Box]:
    """Return the boxes of a row's pieces (indices) that a sloping line crosses from side to side.

    Parameters
    ----------
    typical : height of the page's letters, pixels
    """
    wide = components.widths[row] >= _WIDE * typical
    return [
        Box(*components.boxes[number].tolist())
        for number in row[wide]
        if _is_crossed(components.mask(number), components.stroke_px)
    ]


def _is_crossed(own: NDArray[np.bool_], stroke_px: float) -> bool:
    """Whether the ink of one piece (H, W) holds a line from its left to its right with letters on both sides."""
    height, width = own.shape
    if height > _HIGHEST * max(stroke_px, 1.0):
        return False
    if np.count_nonzero(own[1:] > own[:-1]) + np.count_nonzero(own[0]) < _MET * width:
        return False
    near = own.copy()
    for step in range(1, max(1, round(_WAVERING * stroke_px)) + 1):
        near[step:] |= own[:-step]
        near[:-step] |= own[step:]
    # Letters may stand out by a pen's width at both ends of a line.
    pen = max(1, round(stroke_px))
    x = np.arange(pen, max(width - pen, pen + 1), max(pen, width // _MOST_COLUMNS))
    ends = np.arange(0, height, max(1, round(0.5 * stroke_px)))
    inked, y = _most_inked(near, x, ends)
    if inked < _INKED or abs(y[0] - y[-1]) < _FALL * stroke_px:
        return False
    away = np.arange(height)[:, None] - y
    letters = own[:, x] & (np.abs(away) >= _CLEAR * stroke_px)
    above, below = (letters & (away < 0)).any(axis=0), (letters & (away > 0)).any(axis=0)
    free = max(2, round(_FREE * stroke_px))
    alone = ~(own[:, x] & (np.abs(away) == free)).any(axis=0)
    return bool(
        min(above.mean(), below.mean()) >= _EACH and (above | below).mean() >= _EITHER and alone.mean() >= _ALONE
    )


def _most_inked(near: NDArray[np.bool_], x: NDArray[np.intp], ends: NDArray[np.intp]) -> tuple[float, NDArray[np.intp]]:
    """Return the share of ink of the line that has most, and its rows (N,) at columns `x` (N,).

    Parameters
    ----------
    near : (H, W), ink True
    ends : (M,) rows in which lines begin on the left, and end on the right
    """
    part = np.linspace(0, 1, len(x))
    best, y = -1.0, x
    for left in ends:  # one at a time, as all together take a gigabyte for a piece of 500 rows
        lines = np.rint(left * (1 - part) + ends[:, None] * part).astype(np.intp)  # (right, columns)
        inked = near[lines, x].mean(axis=1)
        most = int(inked.argmax())
        if inked[most] > best:
            best, y = float(inked[most]), lines[most]
    return best, y
