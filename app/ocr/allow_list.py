"""Read nothing but certain characters, and none fewer for it."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from app.errors import InvalidInput
from app.nn import BLANK, Array, log_softmax


def allow_only(log_p: Array, allowed: NDArray[np.bool_]) -> Array:
    """Share out each column's probability of some character among those that are allowed.

    The blank keeps what it has: where the network sees a character that is not allowed, an allowed one is read rather
    than none. So the space has to be allowed, too, or words are told apart by characters that nobody wrote.

    Parameters
    ----------
    log_p : ndarray of shape (T, K), log-probabilities of a row network's classes, `BLANK` among them
    allowed : bool (K,); what it says of the blank does not matter

    Returns
    -------
    ndarray of shape (T, K), normalised like `log_p`; -inf for what is not allowed

    Raises
    ------
    InvalidInput : no character is allowed.
    """
    if not np.delete(allowed, BLANK).any():
        raise InvalidInput("alphabet: expected at least one character, got none")
    characters = np.where(np.arange(len(allowed)) != BLANK, log_p, -np.inf)
    some = np.logaddexp.reduce(characters, axis=1, keepdims=True)
    shared = log_softmax(np.where(allowed, characters, -np.inf)) + some
    shared[:, BLANK] = log_p[:, BLANK]
    return shared
