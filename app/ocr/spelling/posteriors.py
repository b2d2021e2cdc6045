"""How probable each character of a row's text is, and each character that it might be instead.

Each character is questioned by itself: its two neighbours are held fixed at their peaks, the columns where the network
is surest of them. The columns between the two peaks must spell one character, whichever, or none. The probability of
each possibility is a sum over paths, as in the CTC loss with which the network was trained. Among these are paths on
which a neighbour extends beyond its peak, as it is not known where a character ends.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from app.nn import BLANK, Array
from app.ocr.spelling.alignment import Alignment

# Columns on either side of a character's peak that are looked at, if the peak of a neighbour is not nearer.
_REACH = 16
# The least probability of a blank, as a share of that of the column's likeliest class. It keeps the sum over paths that
# leave the character out above 0, also as a floating-point product over 2 * _REACH + 1 columns.
_LEAST = 1e-9


def character_posteriors(log_p: Array, classes: Sequence[int], alignment: Alignment) -> NDArray[np.float64]:
    """Return the probabilities of what stands in each place of a text, given its neighbours.

    Parameters
    ----------
    log_p : ndarray of shape (T, K), log-probabilities of each column's classes, `BLANK` among them
    classes : (S,) the text, 1 to K - 1
    alignment : where the characters of this text are in this row

    Returns
    -------
    ndarray of shape (S, K), rows adding up to 1; the entry of `BLANK` is the probability that there is no character
    """
    text = np.asarray(classes, np.intp)
    places = np.arange(len(text))
    left, right = np.append(BLANK, text[:-1]), np.append(text[1:], BLANK)  # neighbours; BLANK stands for none
    columns, within = _windows(alignment.peaks, len(log_p))
    p = np.exp(log_p - log_p.max(axis=1, keepdims=True), dtype=np.float64)
    p[:, BLANK] = np.maximum(p[:, BLANK], _LEAST)
    # In the columns before its window (see `_windows`) every path is still in the left neighbour, with probability 1.
    p_blank = p[columns, BLANK] * within
    p_left = np.where(within, p[columns, left] * (left != BLANK), 1.0)
    p_right = p[columns, right] * (within & (right != BLANK))
    in_left, in_blank = _up_to(p_left, p_blank)
    from_right, from_blank = (end[::-1] for end in _up_to(p_right[::-1], p_blank[::-1]))

    drawn_out = np.zeros((len(text), p.shape[1]))  # the sum over paths that are in the character at this column
    total = np.zeros_like(drawn_out)
    for column in range(len(columns)):
        # A path enters the character from the left neighbour or from a blank. If both are the same character, only from
        # a blank. In the same way it leaves the character to the right.
        enter = np.repeat((in_left[column] + in_blank[column])[:, None], p.shape[1], axis=1)
        enter[places, left] = in_blank[column]
        leave = np.repeat((from_right[column + 1] + from_blank[column + 1])[:, None], p.shape[1], axis=1)
        leave[places, right] = from_blank[column + 1]
        drawn_out += enter
        drawn_out *= p[columns[column]] * within[column, :, None]
        total += drawn_out * leave
    touching = (left != right) | (left == BLANK)  # neighbours that need no blank between them without the character
    total[:, BLANK] = (in_left * (from_blank + from_right * touching)).sum(axis=0)
    return total / total.sum(axis=1, keepdims=True)


def _windows(peaks: NDArray[np.intp], columns: int) -> tuple[NDArray[np.intp], NDArray[np.bool_]]:
    """Return the window of each of S characters: the columns between its neighbours' peaks, as far as `_REACH`.

    Returns
    -------
    columns : (W, S), W being the length of the longest window. Each window is at the end of its column of this array;
        before it are columns of the row that do not belong to it
    within : bool (W, S), which ones belong to it
    """
    starts = np.maximum(np.append(0, peaks[:-1] + 1), peaks - _REACH)
    stops = np.minimum(np.append(peaks[1:], columns), peaks + _REACH + 1)
    longest = int((stops - starts).max(initial=0))
    window = stops - longest + np.arange(longest)[:, None]
    return np.maximum(window, 0), window >= starts


def _up_to(p_neighbour: Array, p_blank: Array) -> tuple[Array, Array]:
    """Sum the paths that, after each column, are still in the neighbour, and those that are in the blank behind it.

    Parameters
    ----------
    p_neighbour, p_blank : (W, S), probabilities at each column of the windows

    Returns
    -------
    in_neighbour, in_blank : (W + 1, S); the first row stands for the beginning, before the first column
    """
    in_neighbour = np.cumprod(np.concatenate([np.ones((1, p_blank.shape[1])), p_neighbour]), axis=0)
    in_blank = np.zeros_like(in_neighbour)
    for column, p in enumerate(p_blank):
        in_blank[column + 1] = (in_neighbour[column] + in_blank[column]) * p
    return in_neighbour, in_blank
