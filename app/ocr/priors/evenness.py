"""White around what stands between two words, or within one: a dash has a space on both sides, or on neither."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

BETWEEN = "-&+="
"""Marks of that kind. At its start, a row has white before them; at its end, a dash may divide a word."""

_ONE_SIDED = 0.02  # of them, those with a space to the left only, and to the right only: the minus of a number


def evened(p_space: NDArray[np.float64], p_between: NDArray[np.floating]) -> NDArray[np.float64]:
    """Return how likely there is a space after each glyph of a row but the last, (N - 1,), in view of such marks.

    The four ways to have space around a mark are weighed together, by Bayes' rule.

    Parameters
    ----------
    p_space : (N - 1,), the same for each gap alone
    p_between : (N,), that each glyph is one of `BETWEEN`
    """
    left, right, between = np.append(1.0, p_space[:-1]), p_space, p_between[:-1]
    even = 0.5 - _ONE_SIDED
    both, neither = even * left * right, even * (1 - left) * (1 - right)
    only_left, only_right = _ONE_SIDED * left * (1 - right), _ONE_SIDED * (1 - left) * right
    total = both + neither + only_left + only_right
    weighed = right + between * ((both + only_right) / total - right)
    weighed[:-1] += (between * ((both + only_left) / total - left))[1:]
    return np.clip(weighed, 0.0, 1.0)
