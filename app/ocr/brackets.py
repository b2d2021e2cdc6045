"""A bracket wants its other half: what opens and is never closed is rather a 1 or an I, or a C."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

PAIRS = ("()", "[]", "{}")  # < and > stand alone in arrows and comparisons
_ALONE = 0.03  # how likely a bracket without its other half is beside one with it
_LABEL = 3  # 1) and a) and 12) open a row: so many characters at most, the bracket included


def log_bracket_prior(
    rows: Sequence[NDArray[np.float64]], pairs: Sequence[tuple[int, int]]
) -> list[NDArray[np.float64]]:
    """Log-probability of each class by whether there is another half for it, in its row or the one before or behind.

    Parameters
    ----------
    rows : (N, K) each, probabilities of the glyphs of each row of a page
    pairs : classes of an opening bracket and the closing one

    Returns
    -------
    (N, K) for each row; 0 for all that is no bracket
    """
    priors = [np.zeros_like(p) for p in rows]
    for opening, closing in pairs:
        never_closed = [_absent(p[:, closing][::-1])[::-1] for p in rows]
        never_opened = [_absent(p[:, opening]) for p in rows]
        for number, prior in enumerate(priors):
            behind = np.prod(1 - rows[number + 1][:, closing]) if number + 1 < len(rows) else 1.0
            before = np.prod(1 - rows[number - 1][:, opening]) if number else 1.0
            prior[:, opening] = _log_share(never_closed[number] * behind)
            prior[_LABEL:, closing] = _log_share(never_opened[number] * before)[_LABEL:]
    return priors


def _absent(p: NDArray[np.float64]) -> NDArray[np.float64]:
    """Probability (N,) that none of the glyphs before each one is of a class, which each is with `p` (N,)."""
    return np.concatenate([[1.0], np.cumprod(1 - p)[:-1]])


def _log_share(absent: NDArray[np.float64]) -> NDArray[np.float64]:
    return np.asarray(np.log(_ALONE + (1 - _ALONE) * (1 - absent)))
