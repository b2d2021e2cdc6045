"""Forced alignment: finds in which columns of a row each character of a given text stands.

A path assigns a state to every column. The 2 S + 1 states are the S characters of the text and the blanks before,
between and after them. Viterbi's algorithm finds the most probable path that spells the text. As a path either stays in
a state or moves on, the best way to be in a state is a running maximum over the columns. So the Python loop goes over
the states, which are fewer than the columns, and NumPy over the columns.

References
----------
Viterbi (1967), Error bounds for convolutional codes and an asymptotically optimum decoding algorithm.
Graves, Fernandez, Gomez, Schmidhuber (2006), Connectionist temporal classification, for the states.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from app.errors import ShapeMismatch
from app.nn import BLANK, Array, columns_needed

# Nats; stands for log(0). As good as impossible, but not so large that sums over a thousand columns lose the digits by
# which paths are compared.
_NEVER = -1e4


@dataclass(frozen=True)
class Alignment:
    """Where each of the S characters of a text stands; all arrays are (S,) and ascending.

    Attributes
    ----------
    starts, stops : the first column of each character, and the one past its last
    peaks : the column among these in which the character is likeliest, the first of several
    """

    starts: NDArray[np.intp]
    stops: NDArray[np.intp]
    peaks: NDArray[np.intp]


def align(log_p: Array, classes: Sequence[int]) -> Alignment:
    """Find the columns of each character of a text, by the most probable path that spells it.

    Parameters
    ----------
    log_p : ndarray of shape (T, K), log-probabilities of each column's classes, `BLANK` among them
    classes : (S,) the text, 1 to K - 1

    Raises
    ------
    ShapeMismatch : the text needs more columns than the row has.
    """
    text = np.asarray(classes, np.intp)
    needed = int(columns_needed(text[None], np.array([len(text)]))[0])
    if len(log_p) < needed:
        raise ShapeMismatch(
            f"align expects {needed} columns or more for these {len(text)} characters, got {len(log_p)}"
        )
    emissions = np.empty((2 * len(text) + 1, len(log_p)))  # by state: blank, character, blank, ...
    emissions[0::2], emissions[1::2] = log_p[:, BLANK], log_p[:, text].T
    np.maximum(emissions, _NEVER, out=emissions)
    starts, stops = _best_path(emissions, np.diff(text, prepend=BLANK) != 0)
    peaks = [
        start + emissions[2 * s + 1, start:stop].argmax()
        for s, (start, stop) in enumerate(zip(starts, stops, strict=True))
    ]
    return Alignment(starts, stops, np.array(peaks, np.intp))


def _best_path(emissions: Array, may_skip: NDArray[np.bool_]) -> tuple[NDArray[np.intp], NDArray[np.intp]]:
    """Return the first column of each character on the most probable path, and the one past its last; both (S,).

    Parameters
    ----------
    emissions : (L, T), the log-probability of each state's class at each column; L = 2 S + 1
    may_skip : (S,), whether a path may enter the character without a blank before it; not if it equals the one before
    """
    states, columns = emissions.shape
    total = np.zeros((states, columns + 1))
    np.cumsum(emissions, axis=1, out=total[:, 1:])
    # best[s + 1, t] is the log-probability of the best path through the first t columns that ends in state s. All paths
    # begin at best[0, 0], before the first state and the first column.
    best = np.full((states + 1, columns + 1), -np.inf)
    best[0, 0] = 0.0
    # A path that enters a state at column t scores best[before, t] - total[state, t] + total[state, now]. The last term
    # is the same whatever t is, so the best path is the one with the largest gain, the first two terms.
    gain = np.empty((states, columns))
    for state in range(states):
        before = best[state, :-1]
        if state % 2 and may_skip[state // 2]:
            before = np.maximum(before, best[state - 1, :-1])
        np.subtract(before, total[state, :-1], out=gain[state])
        np.maximum.accumulate(gain[state], out=best[state + 1, 1:])
        best[state + 1, 1:] += total[state, 1:]
    starts = np.zeros(states // 2, np.intp)
    stops = np.zeros(states // 2, np.intp)
    state, stop = states - 1, columns
    if states > 1 and best[-2, -1] > best[-1, -1]:
        state -= 1
    while stop:
        start = int(gain[state, :stop].argmax())
        if state % 2:
            starts[state // 2], stops[state // 2] = start, stop
        skip = state % 2 and may_skip[state // 2] and best[state - 1, start] > best[state, start]
        state, stop = state - 1 - int(skip), start
    return starts, stops
