"""Rows on which one character is practised: the others of such a row say what a doubtful one is meant to be.

A sheet of letters to copy, a grid of digits that somebody collects. A row is either ordinary or a drill of one
character with a slip here and there; which, and of what character, follows by Bayes' rule from what its glyphs look
like. Evidence for a drill grows with each glyph that agrees, so that a row of few glyphs, or of different ones, stays
ordinary. Rows, too, are drawn as from Polya's urn: on a page of drills the next is readily taken for one.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from app.nn import softmax
from app.ocr.priors.page_rows import PageRows

# How many drills, and how many ordinary rows, are imagined on every page.
_DRILLS, _ORDINARY = 1e-5, 1.0
_NEW = 1.0  # drills of any shape that are imagined beside the page's, when it is asked of which shape one is
_SLIPS = 0.02  # of the glyphs of a drill, those that are something else after all
_ROUNDS = 3  # in which rows tell each other what they are


def log_drill_prior(
    seen: NDArray[np.float64], rows: PageRows, ordinary: NDArray[np.float64], practised: NDArray[np.float64]
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Tell for the R rows of a page which are drills, and what that says of their M glyphs.

    Parameters
    ----------
    seen : (M, G), what shape each glyph looks like, where none is likelier than another beforehand
    rows : where the rows are among the glyphs
    ordinary : (M, G), log-probability of each shape if the row is no drill
    practised : (G,), share of all drills that are of each shape, above 0

    Returns
    -------
    prior : (M, G), log-probability of each shape by what the other glyphs are
    drills : (R, G), probability that a row is a drill of each shape
    """
    support = np.log((1 - _SLIPS) * seen.shape[1] * seen + _SLIPS)
    evidence, count = rows.sums(support), len(rows.starts)
    drills = np.zeros_like(evidence)
    for _ in range(_ROUNDS):
        drills = _drills(evidence, drills.sum(axis=0) - drills, practised, count)
    others = drills.sum(axis=0) - drills
    by_others = _drills(evidence[rows.row] - support, others[rows.row], practised, count)
    return _mixed(by_others, ordinary), drills


def _drills(
    evidence: NDArray[np.float64], others: NDArray[np.float64], practised: NDArray[np.float64], rows: int
) -> NDArray[np.float64]:
    """Probability (..., G) that a row is a drill of each shape, given how many (..., G) of the other rows are."""
    of_any = others.sum(axis=-1, keepdims=True)
    among = (others + _NEW * practised) / (of_any + _NEW)
    drill = np.log(of_any + _DRILLS) + np.log(among) + evidence
    ordinary = np.log(np.maximum(rows - 1 - of_any, 0.0) + _ORDINARY)
    weights = np.concatenate([drill, np.broadcast_to(ordinary, (*drill.shape[:-1], 1))], axis=-1)
    return np.asarray(softmax(weights), np.float64)[..., :-1]


def _mixed(drills: NDArray[np.float64], ordinary: NDArray[np.float64]) -> NDArray[np.float64]:
    """Log-probability (M, G) of each shape by the probability (M, G) that the row around a glyph is a drill of it."""
    slips = 1 - (1 - _SLIPS) * drills.sum(axis=1, keepdims=True)
    return np.asarray(np.log((1 - _SLIPS) * drills + slips * np.exp(ordinary)))
