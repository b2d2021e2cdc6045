"""Read nothing but certain characters, and none fewer for it."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from app.errors import InvalidInput
from app.nn import BLANK, Array, log_softmax


def allow_only(log_p: Array, allowed: NDArray[np.bool_], kept: Sequence[int] = (BLANK,)) -> Array:
    """Share out each column's probability of some character among those that are allowed.

    The blank keeps what it has: where the network sees a character that is not allowed, an allowed one is read rather
    than none. So does the space, if it is named: it would swallow what is not allowed.

    Parameters
    ----------
    log_p : ndarray of shape (T, K), log-probabilities of a row network's classes, `BLANK` among them
    allowed : bool (K,); what it says of `kept` does not matter
    kept : classes that keep what they have

    Returns
    -------
    ndarray of shape (T, K), normalised like `log_p`; -inf for what is not allowed

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
