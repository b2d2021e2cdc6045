"""Brackets come in pairs: one that is never closed is more likely a 1, an I or a C."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from app.ocr.priors.page_rows import PageRows

PAIRS = ("()", "[]", "{}")  # < and > stand alone in arrows and comparisons
_ALONE = 0.03  # how likely a bracket without its other half is, compared with one that has it
_SURE = 1 - 1e-12  # the highest probability that is taken, so that the logarithm of its complement is finite
_LABEL = 3  # 1) and a) and 12) open a row: so many characters at most, the bracket included


def log_bracket_prior(p: NDArray[np.float64], rows: PageRows, pairs: Sequence[tuple[int, int]]) -> NDArray[np.float64]:
    """Log-probability of each class by whether a bracket has its other half, in its row or the row before or after.

    Parameters
    ----------
    p : (M, K), what the glyphs of a page are thought to be so far
    rows : where the rows are among the glyphs
    pairs : for each kind of bracket, the class that opens and the one that closes

    Returns
    -------
    (M, K); 0 for classes that are no brackets
    """
    prior = np.zeros_like(p)
    if not pairs:
        return prior
    opening, closing = (list(halves) for halves in zip(*pairs, strict=True))
    # Log-probabilities that there is no such bracket: among the glyphs before each one in its row, and in each row.
    opened, of_opened = _absent(p[:, opening], rows)
    closed, of_closed = _absent(p[:, closing], rows)
    nothing = np.zeros((1, len(pairs)))  # before the first row and after the last there is none
    behind = (of_closed + np.append(of_closed[1:], nothing, axis=0))[rows.row] - closed - _log_absent(p[:, closing])
    before = opened + np.append(nothing, of_opened[:-1], axis=0)[rows.row]
    prior[:, opening] = _log_share(np.exp(behind))
    is_label = np.arange(len(p)) - rows.starts[rows.row] < _LABEL
    prior[:, closing] = np.where(is_label[:, None], 0.0, _log_share(np.exp(before)))
    return prior


def _log_absent(p: NDArray[np.float64]) -> NDArray[np.float64]:
    return np.asarray(np.log1p(-np.minimum(p, _SURE)), np.float64)


def _absent(p: NDArray[np.float64], rows: PageRows) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Add up `_log_absent` of glyphs (M, P): of those before each one in its row, and of each whole row (R, P)."""
    log_p = _log_absent(p)
    of_rows = rows.sums(log_p)
    rows_before = np.cumsum(of_rows, axis=0) - of_rows
    return np.cumsum(log_p, axis=0) - log_p - rows_before[rows.row], of_rows


def _log_share(absent: NDArray[np.float64]) -> NDArray[np.float64]:
    return np.asarray(np.log(_ALONE + (1 - _ALONE) * (1 - absent)))
