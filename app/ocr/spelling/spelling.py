"""The text of a row as the row network spells it: where each character is, and what else it may be."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray


@dataclass(frozen=True)
class Spelling:
    """The S characters of a row, without spaces.

    Attributes
    ----------
    p : (S, K), probabilities of the alphabet's characters. What is missing to 1 is the probability that there is no
        character, or a space
    columns : (S,), the column of the strip in which the network sees each character best
    p_space : (S - 1,), probability of a space after each character but the last
    """

    p: NDArray[np.float64]
    columns: NDArray[np.intp]
    p_space: NDArray[np.float64]
