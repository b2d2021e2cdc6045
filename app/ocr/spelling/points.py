"""Full stops that a network for rows saw, and did not spell: of three in a row one, or one that is close to its letter.

Such a network has one answer a column, and between two characters that are alike one that there is none. Of stops that
are no farther apart than columns it spells fewer than there are; the ink has them all.
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import accumulate

import numpy as np
from numpy.typing import NDArray

from app.ocr.spelling.spelling import Spelling
from app.vision import Box, RowOfInk

POINT = "."
# In heights of the row, the root of a speck's area, and the longer of its sides. Less is dirt, and more a letter.
_LEAST, _MOST = 0.12, 0.45
_LOW = 0.6  # on its way down a neighbour; what begins higher up is no stop
_SEEN = 0.2  # probability, at a speck, from which on the network has seen a stop
_NEAR = 2  # columns from a speck where a stop that is spelt already may be it


def overlooked_points(row: RowOfInk, p_point: NDArray[np.floating], spelt: Sequence[int]) -> list[int]:
    """Return in which columns of a row's strip there may be a stop beside those that are spelt, ascending.

    Parameters
    ----------
    p_point : (T,), how likely there is one in each column of the strip
    spelt : (S,), columns of those
    """
    columns = [row.strip.column((box.left + box.right) / 2) for box in _specks(row)]
    seen = [column for column in columns if p_point[max(0, column - 1) : column + 2].max() >= _SEEN]
    for column in spelt:
        if near := [speck for speck in seen if abs(speck - column) <= _NEAR]:
            seen.remove(min(near, key=lambda speck: abs(speck - column)))
    return seen


def _specks(row: RowOfInk) -> list[Box]:
    """Return the ink of a row that is as small and as low as a stop, and has nothing above or below it."""
    boxes = sorted((piece.box for piece in row.pieces), key=lambda box: box.left)
    reached = [-np.inf, *accumulate((box.right for box in boxes), max)]
    begins = [*(box.left for box in boxes[1:]), np.inf]
    letter = next((box for box in boxes if not _is_small(box, row.height)), None)
    specks: list[Box] = []
    for number, box in enumerate(boxes):
        if not _is_small(box, row.height):
            letter = box
        elif reached[number] <= box.left and box.right <= begins[number] and _is_stop(box, letter, row.height):
            if specks and specks[-1] is boxes[number - 1] and specks[-1].bottom <= box.top:
                specks.pop()  # a colon, written aslant
            else:
                specks.append(box)
    return specks


def _is_stop(box: Box, letter: Box | None, height: float) -> bool:
    is_low = letter is None or box.top >= letter.top + _LOW * letter.height
    return is_low and box.height * box.width >= (_LEAST * height) ** 2


def _is_small(box: Box, height: float) -> bool:
    return max(box.height, box.width) <= _MOST * height


def insert(spelling: Spelling, points: NDArray[np.intp], p_points: NDArray[np.float64]) -> Spelling:
    """Put stops among the characters of a row.

    A stop belongs to what is before it: white is behind it.

    Parameters
    ----------
    points : (M,), their columns, ascending, of which no character has one
    p_points : (M, K), what each may be
    """
    columns = np.concatenate([spelling.columns, points])
    order = np.argsort(columns, kind="stable")
    is_point = order >= len(spelling.columns)
    p_space = np.zeros(len(order) - 1)
    follows = np.flatnonzero(~is_point[1:])  # gaps before a character that was there
    first = int(np.argmin(is_point))  # what stands before all of these has none
    p_space[follows[follows >= first]] = spelling.p_space
    return Spelling(np.concatenate([spelling.p, p_points])[order], columns[order], p_space)
