"""Finds full stops that the row network saw and did not spell: of three dots one, or one close to its letter.

A network trained with CTC spells one character a column at most, and needs a blank column between two equal ones. Of
stops that are only a column or two apart it therefore spells too few. Each stop is a piece of ink of its own, so it can
still be found there.
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import accumulate

import numpy as np
from numpy.typing import NDArray

from app.ocr.spelling.spelling import Spelling
from app.vision import Box, RowOfInk

POINT = "."
# In heights of the row: the least square root of the area of a stop's box, below which it may be dirt, and the most
# that its longer side may have, above which it may be a letter.
_LEAST, _MOST = 0.12, 0.45
_LOW = 0.6  # a stop begins at least so far down the letter before it, as a share of the letter's height
_SEEN = 0.2  # probability of a stop from which the network counts as having seen one at a speck
_NEAR = 2  # columns; a spelt stop that is at most this far from a speck may be that speck


def overlooked_points(row: RowOfInk, p_point: NDArray[np.floating], spelt: Sequence[int]) -> list[int]:
    """Return the columns of a row's strip in which there are stops that were not spelt, ascending.

    Parameters
    ----------
    p_point : (T,), probability of a stop in each column of the strip
    spelt : columns of the stops that were spelt
    """
    columns = [row.strip.column((box.left + box.right) / 2) for box in _specks(row)]
    seen = [column for column in columns if p_point[max(0, column - 1) : column + 2].max() >= _SEEN]
    for column in spelt:
        if near := [speck for speck in seen if abs(speck - column) <= _NEAR]:
            seen.remove(min(near, key=lambda speck: abs(speck - column)))
    return seen


def _specks(row: RowOfInk) -> list[Box]:
    """Return the boxes of pieces as small and as low as a stop, with no ink above or below, from left to right."""
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

    A space between two characters comes to stand after the stops between them, since a stop belongs to the word before.

    Parameters
    ----------
    points : (M,), columns of the stops, ascending; no character of `spelling` is in one of them
    p_points : (M, K), probabilities of what each stop may be

    Returns
    -------
    Spelling : a new one of S + M characters
    """
    columns = np.concatenate([spelling.columns, points])
    order = np.argsort(columns, kind="stable")
    is_point = order >= len(spelling.columns)
    p_space = np.zeros(len(order) - 1)
    follows = np.flatnonzero(~is_point[1:])  # gaps before a character that was there
    first = int(np.argmin(is_point))  # stops before the first character have no space after them
    p_space[follows[follows >= first]] = spelling.p_space
    return Spelling(np.concatenate([spelling.p, p_points])[order], columns[order], p_space)
