"""The text of a row as a row network spells it: where each character is seen, and what else it may be."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray


@dataclass(frozen=True)
class Spelling:
    """What a row says, S characters without the spaces.

    Attributes
    ----------
    p : (S, K) probabilities of the alphabet's characters; what is left of 1 is that there is none, or a space
    columns : (S,) of the strip, where each is seen best
    p_space : (S - 1,) probability of a space after each character but the last
    """

    p: NDArray[np.float64]
    columns: NDArray[np.intp]
    p_space: NDArray[np.float64]
