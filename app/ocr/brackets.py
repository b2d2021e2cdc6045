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
    if not pairs:
        return priors
    opening, closing = (list(halves) for halves in zip(*pairs, strict=True))
    opened, closed = (_padded([p[:, halves] for p in rows]) for halves in (opening, closing))
    nothing = np.ones((1, len(pairs)))  # is before the first row and behind the last
    behind = np.concatenate([np.prod(1 - closed[1:], axis=1), nothing])
    before = np.concatenate([nothing, np.prod(1 - opened[:-1], axis=1)])
    open_prior = _log_share(_absent(closed[:, ::-1])[:, ::-1] * behind[:, None])
    close_prior = _log_share(_absent(opened) * before[:, None])
    for prior, of_opening, of_closing in zip(priors, open_prior, close_prior, strict=True):
        prior[:, opening] = of_opening[: len(prior)]
        prior[_LABEL:, closing] = of_closing[_LABEL : len(prior)]
    return priors


def _padded(rows: Sequence[NDArray[np.float64]]) -> NDArray[np.float64]:
    """Lay rows (N, P) into one array (R, most N, P), with zeros behind the shorter ones."""
    padded = np.zeros((len(rows), max(map(len, rows)), rows[0].shape[1]))
    for to, row in zip(padded, rows, strict=True):
        to[: len(row)] = row
    return padded


def _absent(p: NDArray[np.float64]) -> NDArray[np.float64]:
    """Probability (R, N, P) that none of the glyphs before each one is of a class, which each is with `p`."""
    return np.concatenate([np.ones_like(p[:, :1]), np.cumprod(1 - p, axis=1)[:, :-1]], axis=1)


def _log_share(absent: NDArray[np.float64]) -> NDArray[np.float64]:
    return np.asarray(np.log(_ALONE + (1 - _ALONE) * (1 - absent)))
