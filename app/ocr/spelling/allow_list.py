"""Restrict a row to an allow-list of characters, without losing any character of it."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from app.errors import InvalidInput
from app.nn import BLANK, Array, log_softmax


def allow_only(log_p: Array, allowed: NDArray[np.bool_], kept: Sequence[int] = (BLANK,)) -> Array:
    """Give each column's probability of characters that are not allowed to the allowed ones, in proportion.

    The blank keeps its probability, so where the network sees a character that is not allowed, an allowed one is read
    rather than none. The space should be among `kept` as well: otherwise it would often be read in place of a character
    that is not allowed.

    Parameters
    ----------
    log_p : ndarray of shape (T, K), log-probabilities of a row network's classes, `BLANK` among them
    allowed : bool (K,), which classes may be read; the entries of `kept` are ignored
    kept : classes whose probability does not change

    Returns
    -------
    ndarray of shape (T, K), normalised like `log_p`; -inf for classes that are not allowed

    Raises
    ------
    InvalidInput : no character is allowed.
    """
    shared = np.ones(len(allowed), bool)
    shared[list(kept)] = False
    if not (allowed & shared).any():
        raise InvalidInput("alphabet: expected at least one character, got none")
    some = np.logaddexp.reduce(log_p[:, shared], axis=1, keepdims=True)
    among = log_softmax(np.where(allowed & shared, log_p, -np.inf)) + some
    return np.where(shared, among, log_p)
