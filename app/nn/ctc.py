"""Connectionist temporal classification: a loss for sequences whose characters nobody has placed.

A network looks along a row of writing and says at each of T columns how likely each character is, or none, the blank.
A path names one class a column; without repetitions, and then without blanks, it spells a text. The loss is the
negative logarithm of the probability of all paths that spell the target. They are summed column by column over the
states of the target with blanks around its characters: ``_ A _ B _`` has 5.

References
----------
Graves, Fernandez, Gomez, Schmidhuber (2006), Connectionist temporal classification: labelling unsegmented sequence data
with recurrent neural networks. Equations are numbered as there.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from app.errors import ShapeMismatch
from app.nn.losses import log_softmax
from app.nn.namespace import array_namespace
from app.nn.types import Array

BLANK = 0
"""The class that stands for no character."""

_Integers = NDArray[np.integer[Any]]
_NEVER = -1e30  # stands for log(0); finite, because the difference of two infinities is not a number


def ctc_loss(logits: Array, columns: _Integers, targets: _Integers, lengths: _Integers) -> tuple[float, Array]:
    """Mean CTC loss of a batch of rows, and its gradient.

    Parameters
    ----------
    logits : ndarray of shape (N, T, K); class `BLANK` is no character
    columns : (N,), how many of the T columns a row has, at least 1; what lies beyond does not count
    targets : (N, S), the classes of each text, 1 to K - 1; what lies beyond its length does not count
    lengths : (N,), characters of each text, 0 to S

    Returns
    -------
    loss, grad : nats a row; ndarray of shape (N, T, K), zero beyond a row's columns

    Raises
    ------
    ShapeMismatch : the arrays do not fit one another, or a row has fewer columns than its text needs.
    """
    _check(logits, columns, targets, lengths)
    xp = array_namespace(logits)
    n, t, k = logits.shape
    log_p = log_softmax(logits)
    states = _with_blanks(targets, lengths)
    known = np.arange(states.shape[1]) < 2 * lengths[:, None] + 1
    within = np.arange(t) < columns[:, None]
    member = xp.asarray(states[:, :, None] == np.arange(k), dtype=log_p.dtype)  # (N, L, K)
    emissions = log_p @ xp.permute_dims(member, (0, 2, 1))  # a product with ones and zeros gathers faster than an index
    forward, backward = _both_ways(emissions, states, columns, lengths)
    # Both count the emission of the column itself, so it is taken off once (eq. 14). As every path is in one state at
    # each column, the states of any column add up to the total; the first column is as good as another.
    joint = xp.where(xp.asarray(within[:, :, None] & known[:, None]), forward + backward - emissions, _NEVER)
    log_total = _log_sum(joint[:, 0, :])
    share = xp.exp(joint - log_total[:, None, None])  # of the paths that go through a state
    grad = (xp.exp(log_p) * xp.asarray(within[:, :, None], dtype=share.dtype) - share @ member) / n  # eq. 16
    return float(-xp.sum(log_total) / n), grad


def columns_needed(targets: _Integers, lengths: _Integers) -> _Integers:
    """Count the columns that each text needs: one for each character, and one for a blank between equal ones; (N,)."""
    alike = (targets[:, 1:] == targets[:, :-1]) & (np.arange(1, targets.shape[1]) < lengths[:, None])
    return np.maximum(lengths + alike.sum(axis=1), 1)


def _check(logits: Array, columns: _Integers, targets: _Integers, lengths: _Integers) -> None:
    shapes = logits.shape, columns.shape, targets.shape, lengths.shape
    n = logits.shape[0]
    if logits.ndim != 3 or targets.ndim != 2 or not columns.shape == lengths.shape == targets.shape[:1] == (n,):
        raise ShapeMismatch(f"ctc_loss expects (N, T, K), (N,), (N, S) and (N,), got {', '.join(map(str, shapes))}")
    if n and (columns.max() > logits.shape[1] or lengths.max() > targets.shape[1]):
        most = int(columns.max()), int(lengths.max())
        raise ShapeMismatch(
            f"ctc_loss expects up to {logits.shape[1]} columns and {targets.shape[1]} characters, got {most}"
        )
    needed = columns_needed(targets, lengths)
    for row in np.flatnonzero(columns < needed):
        raise ShapeMismatch(
            f"ctc_loss expects {needed[row]} columns or more for the text of row {row}, got {columns[row]}"
        )


def _with_blanks(targets: _Integers, lengths: _Integers) -> _Integers:
    """States (N, 2 S + 1): a blank before, between and after the characters, and nothing else beyond the length."""
    states = np.full((len(targets), 2 * targets.shape[1] + 1), BLANK)
    states[:, 1::2] = np.where(np.arange(targets.shape[1]) < lengths[:, None], targets, BLANK)
    return states


def _both_ways(emissions: Array, states: _Integers, columns: _Integers, lengths: _Integers) -> tuple[Array, Array]:
    """Log-probability of the paths up to each column and state (eq. 6, 7), and of those from there on (eq. 10, 11).

    Backward is forward of the row read backwards, so one pass over twice as many rows gives both.

    Parameters
    ----------
    emissions : (N, T, L), the log-probability of each state's class at each column

    Returns
    -------
    forward, backward : (N, T, L); beyond a row's columns and states they mean nothing
    """
    xp = array_namespace(emissions)
    n, t, count = emissions.shape
    from_right = (columns[:, None] - 1 - np.arange(t)) % t  # each row's own columns turned round
    turned = xp.flip(_pick_columns(emissions, from_right), axis=2)
    starts = np.concatenate([np.zeros(n, np.intp), count - 1 - 2 * lengths])
    paths = _forward(xp.concat([emissions, turned]), np.concatenate([states, states[:, ::-1]]), starts)
    return paths[:n, ...], xp.flip(_pick_columns(paths[n:, ...], from_right), axis=2)


def _pick_columns(x: Array, index: _Integers) -> Array:
    """Return, for each row of x (N, T, L), its columns `index` (N, T)."""
    xp = array_namespace(x)
    n, t, count = x.shape
    flat = xp.asarray((index + t * np.arange(n)[:, None]).ravel())
    return xp.reshape(xp.take(xp.reshape(x, (n * t, count)), flat, axis=0), x.shape)


def _forward(emissions: Array, states: _Integers, starts: _Integers) -> Array:
    """Sum the paths up to each column and state that begin in state `starts` (N,) of their row or in the next one."""
    xp = array_namespace(emissions)
    n, t, count = emissions.shape
    # A path may skip the blank between two characters, unless these are the same.
    skips = np.full((n, count), _NEVER)
    skips[:, 2:][(states[:, 2:] != BLANK) & (states[:, 2:] != states[:, :-2])] = 0.0
    first = np.where(np.isin(np.arange(count) - starts[:, None], (0, 1)), 0.0, _NEVER)
    may_skip, may_begin = (xp.asarray(mask, dtype=emissions.dtype) for mask in (skips, first))
    by_column = xp.permute_dims(emissions, (1, 0, 2))
    # Two states that cannot be reached come first, so that every state has two before it.
    paths = xp.full((t, n, count + 2), _NEVER, dtype=emissions.dtype)
    paths[0, :, 2:] = may_begin + by_column[0, ...]
    for column in range(1, t):
        last = paths[column - 1, ...]
        stay, step, skip = last[:, 2:], last[:, 1:-1], last[:, :-2] + may_skip
        most = xp.maximum(xp.maximum(stay, step), skip)
        total = xp.exp(stay - most) + xp.exp(step - most) + xp.exp(skip - most)
        paths[column, :, 2:] = most + xp.log(total) + by_column[column, ...]
    return xp.permute_dims(paths[:, :, 2:], (1, 0, 2))


def _log_sum(x: Array) -> Array:
    """``log(sum(exp(x)))`` along the last axis."""
    xp = array_namespace(x)
    most = xp.max(x, axis=-1, keepdims=True)
    return most[..., 0] + xp.log(xp.sum(xp.exp(x - most), axis=-1))
