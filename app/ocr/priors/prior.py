"""The types that the priors share: a row of characters as decided so far, and what can weigh it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple, Protocol

import numpy as np
from numpy.typing import NDArray


class Decoded(NamedTuple):
    """The N characters of one row.

    Attributes
    ----------
    p : (N, K), probability of each class
    p_space : (N - 1,), probability of a space after each character but the last
    """

    p: NDArray[np.float64]
    p_space: NDArray[np.float64]

    @property
    def words(self) -> NDArray[np.intp]:
        """Return (N,), number of the word that each character is in, ascending from 0."""
        return word_numbers(self.p_space)


class Prior(Protocol):
    """Prior knowledge of whole words, such as a language or dates."""

    def weigh(self, rows: Sequence[Decoded]) -> list[NDArray[np.float64]]:
        """Return the probabilities (N, K) of each row's characters in view of the words that they may make."""
        ...


def word_numbers(p_space: NDArray[np.float64]) -> NDArray[np.intp]:
    """Return (N,) as `Decoded.words` of the probability (N - 1,) of a space after each character but the last."""
    return np.concatenate([[0], np.cumsum(p_space > 0.5)]).astype(np.intp)
