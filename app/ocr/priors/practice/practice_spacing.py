"""Spaces between characters that are practised: A A A, or an alphabet, is not a word."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import compress

import numpy as np
from numpy.typing import NDArray

from app.ocr.line import Line
from app.ocr.priors.context import Weighed

# A page of practice has at least so many rows of practice, which hold at least this share of its glyphs. At least this
# share of the glyphs of its drills is the repeated character, more than in 2000 or 50000. And its rows in order are at
# least so long on average, rows that continue each other taken together, as 12345 is a number.
_LEAST_ROWS, _LEAST_SHARE, _PURE, _LONG = 2, 0.5, 0.9, 7
# In heights of the row; characters that are no farther apart stand as in a word. Joined alphabets by UNIPEN's writers
# are written more widely than their words (docs/notebook/practice.md).
_NEAR, _NEAR_IN_ORDER = 0.25, 0.37
# Gaps part the characters into groups if they are so many times as wide as others, in at least this share of the rows.
_WIDER, _GROUPED_ROWS = 2.0, 0.5
# On a page that is not practice, if at least this share of the gaps within alphabets look like spaces, all are spaces.
_SPACES_IN_ALPHABET = 1 / 3
_APART = 0.95  # probability of a space behind a letter of an alphabet whose letters stand alone
_LEAST_GAP = 0.05  # heights of the row; narrower ones are no measure


def set_apart(lines: Sequence[Line], spaces: list[NDArray[np.float64]], weighed: Weighed) -> list[NDArray[np.float64]]:
    """Set a space after every practised character: on a page of practice, and in alphabets on any page.

    Spaces stay as they are if the characters stand as near to each other as in words, or in groups.

    Parameters
    ----------
    spaces : (N - 1,) for each row, probability of a space after each character but the last
    weighed : what the characters of the rows are, and how far they are practice
    """
    spaces = _alphabets_apart(lines, spaces, weighed.in_alphabet)
    glyphs = np.array([len(line.boxes) for line in lines])
    ordered = weighed.in_order > np.maximum(weighed.repeated, 0.5)
    runs = ordered.sum() - (ordered[:-1] & ordered[1:] & weighed.goes_on).sum()
    if glyphs[ordered].sum() < _LONG * runs:
        ordered[:] = False
    practised = np.minimum(np.where(ordered, weighed.in_order, weighed.repeated), 1.0)
    practice = practised > 0.5
    if practice.sum() < _LEAST_ROWS or glyphs[practice].sum() < _LEAST_SHARE * glyphs.sum():
        return spaces
    if np.average(practised[practice], weights=glyphs[practice]) < _PURE:
        return spaces
    gaps = [line.gaps for line in compress(lines, practice)]
    wide = [p_space > 0.5 for p_space in compress(spaces, practice)]
    near = _NEAR_IN_ORDER if glyphs[practice & ordered].sum() > glyphs[practice & ~ordered].sum() else _NEAR
    if _are_near(np.concatenate(gaps), near) or _are_groups(gaps, wide):
        return spaces
    return [
        1 - (1 - p_space) * (1 - p) if alone else p_space
        for p_space, p, alone in zip(spaces, practised, practice, strict=True)
    ]


def _alphabets_apart(
    lines: Sequence[Line], spaces: list[NDArray[np.float64]], within: Sequence[NDArray[np.bool_]]
) -> list[NDArray[np.float64]]:
    """Set a space after every letter of an alphabet but the last, if enough of them have one already.

    Parameters
    ----------
    within : (N - 1,) for each row, which gaps are between letters of an alphabet
    """
    gaps = [line.gaps[own] for line, own in zip(lines, within, strict=True) if own.any()]
    wide = [p_space[own] > 0.5 for p_space, own in zip(spaces, within, strict=True) if own.any()]
    each = np.concatenate([np.zeros(0, bool), *wide])
    if not len(each) or each.mean() < _SPACES_IN_ALPHABET:
        return spaces
    if _are_near(np.concatenate(gaps), _NEAR_IN_ORDER) or _are_groups(gaps, wide):
        return spaces
    return [np.where(own, np.maximum(p_space, _APART), p_space) for p_space, own in zip(spaces, within, strict=True)]


def _are_near(gaps: NDArray[np.float64], near: float) -> bool:
    return not len(gaps) or float(np.median(gaps)) < near


def _are_groups(gaps: Sequence[NDArray[np.float64]], wide: Sequence[NDArray[np.bool_]]) -> bool:
    """Whether there are spaces in half of the rows or more that are much wider than the other gaps of their row."""
    each = np.concatenate([row / max(float(np.median(row)), _LEAST_GAP) for row in gaps if len(row)])
    is_wide = np.concatenate(wide)
    if not is_wide.any() or is_wide.all():
        return False
    rows = np.mean([row.any() for row in wide])
    return bool(rows >= _GROUPED_ROWS and np.median(each[is_wide]) >= _WIDER * np.median(each[~is_wide]))
