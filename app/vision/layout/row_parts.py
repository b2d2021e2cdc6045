"""Parts of a row that stand higher or lower than the rest: tall or broken letters, small letters beside digits."""

from __future__ import annotations

from statistics import median

import numpy as np
from numpy.typing import NDArray

from app.vision.box import bounds

# In heights of the writing:
FARTHEST = 7.0
"""Largest gap between two letters of a row."""
_NEAR = 2.0  # the same between a row and a fragment
_SLIM = 0.5  # width of a comma or an apostrophe, at most; these are single pieces, and lower than letters
# Counts:
_FRAGMENTS = 2  # pieces of a fragment, at most, such as the stem of an exclamation mark, or one half of a broken letter
_BESIDE = 8  # letters of a row that count as beside a fragment, or pieces of a part that are looked at
# Shares of a fragment's height that is between the top and the bottom of the letters beside it, at least:
_WITHIN = 0.7
_HANGING = 0.3  # of a comma or an apostrophe, which may hang below the row or stand out above it
# Rows that may be parts of a longer one:
_AT_ITS_HEIGHT = 0.2  # share of their height that stands at the height of the longer row, at least
_COVERED = 0.5  # share of their width that is above or below ink of the longer row, at most

Rows = list[NDArray[np.intp]]


def rejoined(rows: Rows, boxes: NDArray[np.float64], letter_px: float) -> Rows:
    """Join rows that are parts of longer rows to these.

    Parameters
    ----------
    rows : for each row the indices of its pieces
    boxes : (N, 4), of all pieces, levelled
    letter_px : height of the page's letters
    """
    return _with_parts(_with_fragments(rows, boxes, letter_px), boxes, letter_px)


def _with_fragments(rows: Rows, boxes: NDArray[np.float64], letter_px: float) -> Rows:
    """Add rows of a piece or two to the longer rows within whose height they stand, even if their middles are off."""
    whole = [row for row in rows if len(row) > _FRAGMENTS]
    fragments = [row for row in rows if len(row) <= _FRAGMENTS]
    longer = [boxes[row] for row in whole]
    around = np.array([bounds(line) for line in longer]).reshape(-1, 4)
    kept = []
    for row in fragments:
        top, left, bottom, right = bounds(boxes[row])
        is_comma = len(row) == 1 and bottom - top < letter_px and right - left < _SLIM * letter_px
        best, most = -1, (_HANGING if is_comma else _WITHIN) * (bottom - top)
        # Most rows are too far away, and are passed over.
        near = (around[:, 0] < bottom) & (around[:, 2] > top)
        near &= np.maximum(around[:, 1] - right, left - around[:, 3]) < _NEAR * letter_px
        for number in np.flatnonzero(near).tolist():
            line = longer[number]
            away = np.maximum(np.maximum(line[:, 1] - right, left - line[:, 3]), 0)
            beside = line[np.argsort(away, kind="stable")[:_BESIDE]]
            within = min(bottom, beside[:, 2].max()) - max(top, beside[:, 0].min())
            if within >= most and away.min() < _NEAR * letter_px:
                best, most = number, within
        if best < 0:
            kept.append(row)
        else:
            whole[best] = np.concatenate([whole[best], row])
    return whole + kept


def _with_parts(rows: Rows, boxes: NDArray[np.float64], letter_px: float) -> Rows:
    """Add rows to longer ones at whose height they stand, in a gap or beside them."""
    whole: Rows = []
    bands = np.empty((len(rows), 2))  # top and bottom of each: most rows are too far away, and are passed over
    for row in sorted(rows, key=len, reverse=True):
        part, far = boxes[row], (_NEAR if len(row) <= _FRAGMENTS else FARTHEST) * letter_px
        top, bottom = part[:, 0].min(), part[:, 2].max()
        best, most = -1, _AT_ITS_HEIGHT
        for number in np.flatnonzero((bands[: len(whole), 0] < bottom) & (bands[: len(whole), 1] > top)).tolist():
            share = share_of_height(part, boxes[whole[number]], far)
            if share > most:
                best, most = number, share
        if best < 0:
            best = len(whole)
            whole.append(row)
            bands[best] = top, bottom
        else:
            whole[best] = np.concatenate([whole[best], row])
            bands[best] = min(top, bands[best, 0]), max(bottom, bands[best, 1])
    return whole


def share_of_height(part: NDArray[np.float64], row: NDArray[np.float64], far: float) -> float:
    """Return the share of its height with which a part of a row stands beside the row; the median over its pieces.

    Each piece is compared with the three pieces of the row nearest to it. The share is that of the lower: the piece, or
    the three together. It is 0 if the part is above or below the row, or far beside it.

    Parameters
    ----------
    part, row : (n, 4) and (m, 4), boxes of their pieces
    far : pixels from which on the part is too far away
    """
    lefts, rights = part[:, None, 1], part[:, None, 3]
    away = np.maximum(lefts - row[:, 3], row[:, 1] - rights)  # (n, m), below 0 where one is above or below the other
    shared = np.maximum(np.minimum(rights, row[:, 3]) - np.maximum(lefts, row[:, 1]), 0).sum(axis=1)
    width = part[:, 3] - part[:, 1]
    if away.min() >= far or np.minimum(shared, width).sum() > _COVERED * width.sum():
        return 0.0
    nearest = np.argsort(np.maximum(away, 0).min(axis=1), kind="stable")[:_BESIDE]
    # What is above or below a piece is not beside it, and the less so the more columns they share.
    beside = row[np.argsort(np.abs(away[nearest]), axis=1, kind="stable")[:, :3]]  # (n, 3, 4)
    top, bottom = beside[..., 0].min(axis=1), beside[..., 2].max(axis=1)
    common = np.minimum(bottom, part[nearest, 2]) - np.maximum(top, part[nearest, 0])
    lower = np.minimum(bottom - top, part[nearest, 2] - part[nearest, 0])
    return median((common / np.maximum(lower, 1)).tolist())
