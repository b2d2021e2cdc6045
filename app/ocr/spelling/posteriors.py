"""How sure each character of a row is, and what it might be instead.

Each character is put in question alone. Its neighbours are held at the columns where the network is surest of them,
and the columns between must spell one character, any, or none: a sum over paths, as in the loss that the network was
trained with. Neighbours may stretch towards the character, for nobody knows where they end.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from app.nn import BLANK, Array
from app.ocr.spelling.alignment import Alignment

# Columns that are searched on either side of a character's peak, if no neighbour is nearer.
_REACH = 16
# A blank is never less likely than this beside a column's likeliest class. So to leave a character out always remains
# possible, and even a product over 2 * _REACH + 1 columns is a number above 0.
_LEAST = 1e-9


def character_posteriors(log_p: Array, classes: Sequence[int], alignment: Alignment) -> NDArray[np.float64]:
    """Return the probabilities of what stands in each place of a text, the rest of the text given.

    Parameters
    ----------
    log_p : ndarray of shape (T, K), log-probabilities of each column's classes, `BLANK` among them
    classes : (S,) the text, 1 to K - 1
    alignment : of this text to this row

    Returns
    -------
    ndarray of shape (S, K), rows adding up to 1; under `BLANK` the probability that there is no character
    """
    text = np.asarray(classes, np.intp)
    places = np.arange(len(text))
    left, right = np.append(BLANK, text[:-1]), np.append(text[1:], BLANK)  # BLANK: no neighbour
    columns, within = _windows(alignment.peaks, len(log_p))
    p = np.exp(log_p - log_p.max(axis=1, keepdims=True), dtype=np.float64)
    p[:, BLANK] = np.maximum(p[:, BLANK], _LEAST)
    # Columns before a window belong to its left neighbour, whose path so far is 1.
    p_blank = p[columns, BLANK] * within
    p_left = np.where(within, p[columns, left] * (left != BLANK), 1.0)
    p_right = p[columns, right] * (within & (right != BLANK))
    in_left, in_blank = _up_to(p_left, p_blank)
    from_right, from_blank = (end[::-1] for end in _up_to(p_right[::-1], p_blank[::-1]))

    drawn_out = np.zeros((len(text), p.shape[1]))  # paths that are in the character now
    total = np.zeros_like(drawn_out)
    for column in range(len(columns)):
        # From a neighbour to the same character the way leads over a blank; to all others also at once.
        enter = np.repeat((in_left[column] + in_blank[column])[:, None], p.shape[1], axis=1)
        enter[places, left] = in_blank[column]
        leave = np.repeat((from_right[column + 1] + from_blank[column + 1])[:, None], p.shape[1], axis=1)
        leave[places, right] = from_blank[column + 1]
        drawn_out += enter
        drawn_out *= p[columns[column]] * within[column, :, None]
        total += drawn_out * leave
    touching = (left != right) | (left == BLANK)  # what may do without a blank when nothing is between them
    total[:, BLANK] = (in_left * (from_blank + from_right * touching)).sum(axis=0)
    return total / total.sum(axis=1, keepdims=True)


def _windows(peaks: NDArray[np.intp], columns: int) -> tuple[NDArray[np.intp], NDArray[np.bool_]]:
    """Return, for each of S characters, the columns (W, S) between its neighbours' peaks, and which of these are.

    Windows are as long as the longest and end together; the shorter ones begin with columns that are not theirs.
    """
    starts = np.maximum(np.append(0, peaks[:-1] + 1), peaks - _REACH)
    stops = np.minimum(np.append(peaks[1:], columns), peaks + _REACH + 1)
    longest = int((stops - starts).max(initial=0))
    window = stops - longest + np.arange(longest)[:, None]
    return np.maximum(window, 0), window >= starts


def _up_to(p_neighbour: Array, p_blank: Array) -> tuple[Array, Array]:
    """Sum the paths up to each column that are still in the neighbour, and those that are in the blank after it.

    Parameters
    ----------
    p_neighbour, p_blank : (W, S)

    Returns
    -------
    in_neighbour, in_blank : (W + 1, S); the first row is before the first column
    """
    in_neighbour = np.cumprod(np.concatenate([np.ones((1, p_blank.shape[1])), p_neighbour]), axis=0)
    in_blank = np.zeros_like(in_neighbour)
    for column, p in enumerate(p_blank):
        in_blank[column + 1] = (in_neighbour[column] + in_blank[column]) * p
    return in_neighbour, in_blank
