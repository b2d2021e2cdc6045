"""Decides what the characters of a page are if its rows should fit a pattern."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from app.ocr.decode_lines import decode_lines
from app.ocr.line import Line
from app.ocr.patterns.automaton import MOST_COST, Pattern
from app.ocr.priors.context import Context
from app.ocr.priors.prior import Decoded, Prior


def decode_fitting(
    lines: Sequence[Line],
    slope: float,
    context: Context,
    pattern: Pattern,
    substitutions: NDArray[np.float64],
    priors: Sequence[Prior] = (),
) -> tuple[list[Line], list[Decoded]]:
    """Decode a page, and make each row fit a pattern if a fitting text is likely enough.

    Parameters
    ----------
    lines, slope, context, priors : as for `decode_lines`
    substitutions : (K, K), see `substitution_matrix`

    Returns
    -------
    lines : as given, but `Line.otherwise` for rows in which nothing fits well
    decoded : what their characters are
    """
    lines = list(lines)
    decoded = decode_lines(lines, slope, context, priors, may_be_practice=False)
    fitting = [_fit(each, pattern, substitutions) for each in decoded]
    otherwise = [line.otherwise if fit is None else None for line, fit in zip(lines, fitting, strict=True)]
    if any(otherwise):
        lines = [other or line for line, other in zip(lines, otherwise, strict=True)]
        decoded = decode_lines(lines, slope, context, priors, may_be_practice=False)
        fitting = [_fit(each, pattern, substitutions) for each in decoded]
    return lines, [fit or free for fit, free in zip(fitting, decoded, strict=True)]


def _fit(row: Decoded, pattern: Pattern, substitutions: NDArray[np.float64]) -> Decoded | None:
    """Give the probability of each glyph to the characters that fit in its place, the rest of the row unchanged."""
    softened = row.p @ substitutions
    fit = pattern.fit(softened, row.p_space)
    if fit is None or fit.cost > MOST_COST * len(softened):
        return None
    p = np.where(pattern.exchangeable(fit), softened, 0.0)
    return Decoded(p / p.sum(axis=1, keepdims=True), fit.is_space.astype(np.float64))
