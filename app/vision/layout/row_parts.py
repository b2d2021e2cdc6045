"""Parts of a row that stand at other heights than the rest: tall letters, broken ones, small letters beside digits."""

from __future__ import annotations

from statistics import median

import numpy as np
from numpy.typing import NDArray

from app.vision.box import bounds

# In heights of the writing:
FARTHEST = 7.0
"""A row ends where the next letter is farther away."""
_NEAR = 2.0  # a part of a piece or two is no farther away
# Pieces are part of a row, as the stem of an exclamation mark is or one half of a broken letter,
_FRAGMENTS = 2  # if they are no more than so many,
_WITHIN = 0.7  # and this share of their height is between the top and the bottom of the letters beside them:
_BESIDE = 8  # so many.
_SLIM = 0.5  # heights of the writing: of a single piece, lower than letters and narrower than this,
_HANGING = 0.3  # less of its height has to: a long comma hangs below, an apostrophe stands out above
# Rows are one if
_AT_ITS_HEIGHT = 0.2  # this share of one stands at the height of the other,
_COVERED = 0.5  # and no more than this share of its width over or under it.

Rows = list[NDArray[np.intp]]


def rejoined(rows: Rows, boxes: NDArray[np.float64], letter_px: float) -> Rows:
    """Join what is left of rows to those that it is a part of.

    Parameters
    ----------
    rows : indices of their pieces
    boxes : (N, 4) of all pieces, levelled
    letter_px : height of the page's letters
    """
    return _with_parts(_with_fragments(rows, boxes, letter_px), boxes, letter_px)


def _with_fragments(rows: Rows, boxes: NDArray[np.float64], letter_px: float) -> Rows:
    """Add to longer rows those of a piece or two that stand within them, whatever their middles are."""
    whole = [row for row in rows if len(row) > _FRAGMENTS]
    fragments = [row for row in rows if len(row) <= _FRAGMENTS]
    longer = [boxes[row] for row in whole]
    around = np.array([bounds(line) for line in longer]).reshape(-1, 4)
    kept = []
    for row in fragments:
        top, left, bottom, right = bounds(boxes[row])
        is_comma = len(row) == 1 and bottom - top < letter_px and right - left < _SLIM * letter_px
        best, most = -1, (_HANGING if is_comma else _WITHIN) * (bottom - top)
        # Most rows are too far away to look at closely.
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
    """Add rows to longer ones in gaps of which, or beside which, they stand at their height."""
    whole: Rows = []
    bands = np.empty((len(rows), 2))  # top and bottom of each: most rows are too far away to look at closely
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
    """Share of their height that the boxes (n, 4) of a part stand beside those of a row, three for each, in the middle.

    Of a piece and of the three, whichever are lower count. 0 where the part is `far` away, or over or under the row.
    """
    lefts, rights = part[:, None, 1], part[:, None, 3]
    away = np.maximum(lefts - row[:, 3], row[:, 1] - rights)  # (n, m), below 0 where one is over the other
    shared = np.maximum(np.minimum(rights, row[:, 3]) - np.maximum(lefts, row[:, 1]), 0).sum(axis=1)
    width = part[:, 3] - part[:, 1]
    if away.min() >= far or np.minimum(shared, width).sum() > _COVERED * width.sum():
        return 0.0
    nearest = np.argsort(np.maximum(away, 0).min(axis=1), kind="stable")[:_BESIDE]
    # What is over or under a piece is not beside it, and the less so the more it is.
    beside = row[np.argsort(np.abs(away[nearest]), axis=1, kind="stable")[:, :3]]  # (n, 3, 4)
    top, bottom = beside[..., 0].min(axis=1), beside[..., 2].max(axis=1)
    common = np.minimum(bottom, part[nearest, 2]) - np.maximum(top, part[nearest, 0])
    lower = np.minimum(bottom - top, part[nearest, 2] - part[nearest, 0])
    return median((common / np.maximum(lower, 1)).tolist())
