"""Where the words of a page end: by what a network says of each row, the white of all rows together, and by marks.

A network knows no more than its row, and takes the narrow spaces of type, say, for white between letters. The widths of
the page's gaps fall into two kinds. Which kind is which, and where one ends, is learnt from both by expectation
maximisation, so that a few spaces that the network is sure of find those that it is not sure of. A mark such as a dash
has a space on both sides, or on neither.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from app.nn import softmax
from app.ocr.line import Line
from app.ocr.priors.cell_spacing import space_between_cells, space_between_squares
from app.vision import GapModel

# How much the page's gaps count for a space beside the row network, in log-odds, of which neither has more than this;
# and how much where the two do not see the same gaps as wide.
_GAP_WEIGHT, _DISPUTED_WEIGHT, _MOST_ODDS = 0.4, 0.1, 9.0
_LEAST_EXTRA = 0.1  # heights of the writing; by less, what is called spaces is no wider than what is called letter gaps
_STEPS = 4  # of expectation maximisation

# Where so large a share of the characters have a space behind them, as in a grid of letters, each stands for itself,
# and squares that they were written into say nothing.
_MOSTLY_APART = 0.8

MARKS_BETWEEN = "-&+="
"""Marks between two words, or within one. At its start, a row has white before them; at its end, a dash may divide a
word."""
_ONE_SIDED = 0.02  # of them, those with a space to the left only, and to the right only: the minus of a number


def space_probabilities(lines: Sequence[Line], is_mark_between: NDArray[np.bool_]) -> list[NDArray[np.float64]]:
    """Return how likely there is a space after each character but the last, (N - 1,) for each row of a page.

    Rows without an opinion of a row network are judged by their gaps alone, and by marks.

    Parameters
    ----------
    is_mark_between : (K,), which classes are `MARKS_BETWEEN`
    """
    return [
        even_around_marks(p_space, softmax(line.log_p) @ is_mark_between)
        for line, p_space in zip(lines, _without_marks(lines), strict=True)
    ]


def _without_marks(lines: Sequence[Line]) -> list[NDArray[np.float64]]:
    """As `space_probabilities`, what the characters are left aside."""
    by_cells = [space_between_cells(line) for line in lines]
    free = [np.isnan(own) for own in by_cells]
    gaps = np.concatenate([np.zeros(0), *(line.gaps[own] for line, own in zip(lines, free, strict=True))])
    model, weight = GapModel.fit(gaps), _GAP_WEIGHT
    opinions = [line.p_space[own] for line, own in zip(lines, free, strict=True) if line.p_space is not None]
    # Where letters are spaced out, the network takes white between them for spaces, so it cannot say which is which.
    if len(opinions) == len(lines) and not model.is_spaced_out:
        labelled = _fit_labelled(gaps, np.concatenate([np.zeros(0), *opinions]))
        # In a grid of single characters the network sees only some of the spaces, and others that are no wider.
        if labelled.is_spaced_out or np.diff(labelled.means) < _LEAST_EXTRA:
            weight = _DISPUTED_WEIGHT
        else:
            model = labelled
    by_white = [_of_row(line, model.space_probability(line.gaps), weight) for line in lines]
    spaces = [np.where(own, p, fixed) for own, p, fixed in zip(free, by_white, by_cells, strict=True)]
    are_spaces = np.concatenate([np.zeros(0), *by_white]) > 0.5
    if any(line.cells for line in lines) or np.count_nonzero(are_spaces) > _MOSTLY_APART * len(are_spaces):
        return spaces
    return [np.where(np.isnan(fixed), p, fixed) for p, fixed in zip(spaces, space_between_squares(lines), strict=True)]


def _fit_labelled(gaps: NDArray[np.float64], by_rows: NDArray[np.float64]) -> GapModel:
    """Fit all gaps (N,) of a page, beginning with what the row network says of each (N,)."""
    opinion = by_rows
    for _ in range(_STEPS):
        model = GapModel.fit_labelled(gaps, opinion)
        opinion = join_spaces(by_rows, model.space_probability(gaps))
    return model


def _of_row(line: Line, by_gaps: NDArray[np.float64], weight: float) -> NDArray[np.float64]:
    return by_gaps if line.p_space is None else join_spaces(line.p_space, by_gaps, weight)


def join_spaces(
    by_row: NDArray[np.floating], by_gaps: NDArray[np.floating], weight: float = _GAP_WEIGHT
) -> NDArray[np.float64]:
    """Return how likely there is a space after each character but the last, (N - 1,) as both are.

    A weighted mean of log-odds: where the network is sure it decides, where it is not the widths of the gaps do.

    Parameters
    ----------
    weight : of the gaps, from 0 to 1
    """
    odds = (1 - weight) * _log_odds(by_row) + weight * _log_odds(by_gaps)
    return np.asarray(1 / (1 + np.exp(-odds)))


def _log_odds(p: NDArray[np.floating]) -> NDArray[np.float64]:
    with np.errstate(divide="ignore"):
        return np.clip(np.log(p) - np.log1p(-p), -_MOST_ODDS, _MOST_ODDS)


def even_around_marks(p_space: NDArray[np.float64], p_mark: NDArray[np.floating]) -> NDArray[np.float64]:
    """Return how likely there is a space after each character of a row but the last, (N - 1,), in view of its marks.

    The four ways to have space around a mark are weighed together, by Bayes' rule.

    Parameters
    ----------
    p_space : (N - 1,), the same for each gap alone
    p_mark : (N,), that each character is one of `MARKS_BETWEEN`
    """
    left, right, mark = np.append(1.0, p_space[:-1]), p_space, p_mark[:-1]
    even = 0.5 - _ONE_SIDED
    both, neither = even * left * right, even * (1 - left) * (1 - right)
    only_left, only_right = _ONE_SIDED * left * (1 - right), _ONE_SIDED * (1 - left) * right
    total = both + neither + only_left + only_right
    weighed = right + mark * ((both + only_right) / total - right)
    weighed[:-1] += (mark * ((both + only_left) / total - left))[1:]
    return np.clip(weighed, 0.0, 1.0)
