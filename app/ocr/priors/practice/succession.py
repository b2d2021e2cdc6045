"""Rows on which characters follow each other in order: an alphabet, the digits.

Somebody writes them to practise, to show a hand, or to collect samples of it. What stands between C and E is a D, also
where it looks like an O. Such a row is a Markov chain whose next character is nearly always the successor of the last;
whether a row is one, or ordinary, follows by Bayes' rule from what its glyphs look like. Evidence grows with each glyph
that comes in its turn, so that "HI" and "1990" stay ordinary. So do a few pairs such as "AaBbCc", and what is counted
down. On a page of such rows the next is readily taken for one, though it be short.

References
----------
Rabiner (1989), A tutorial on hidden Markov models, section III.A (forward and backward probabilities).
"""

from __future__ import annotations

from itertools import pairwise
from string import ascii_lowercase, ascii_uppercase, digits

import numpy as np
from numpy.typing import NDArray

from app.ocr.alphabet import Alphabet
from app.ocr.priors.page_rows import PageRows

# How many rows that are such a succession, and how many others, are imagined on every page.
_ROWS, _ORDINARY = 1e-6, 1.0
_ROUNDS = 2  # in which rows tell each other what they are
_STEP = 0.95  # of the characters, those whose successor comes next; after the others comes any
_SLIPS = 0.02  # of the glyphs, those that are something else after all
_STEPS = 3  # that a row has to go by itself for those of the page to speak for it
_CHANCE = 0.2  # where the likeliest characters follow each other more seldom than this, nothing is computed


class Succession:
    """The order of the K characters of an alphabet."""

    def __init__(self, alphabet: Alphabet) -> None:
        size = len(alphabet)
        self._next = np.full((size, size), 1 / size)
        for order in (ascii_uppercase, ascii_lowercase, digits + digits[0]):
            known = [alphabet.chars.find(char) for char in order]
            for char, successor in pairwise(known):
                if char >= 0 and successor >= 0:
                    self._next[char] *= 1 - _STEP
                    self._next[char, successor] += _STEP

    def follows(self, chars: NDArray[np.intp], successors: NDArray[np.intp]) -> NDArray[np.bool_]:
        """Whether classes come right after others."""
        return np.asarray(self._next[chars, successors] > 0.5)

    def of_rows(
        self, seen: NDArray[np.float64], rows: PageRows, ordinary: NDArray[np.float64]
    ) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
        """Find how likely each of the R rows of a page is a succession, and what each of its M glyphs is likely to be.

        Parameters
        ----------
        seen : (M, K), what each glyph looks like, where none is likelier than another beforehand; the classes of one
            shape look alike
        rows : where the rows are among the glyphs
        ordinary : (M, K), probability of each class if the row is none

        Returns
        -------
        (R,), probability of a succession; (M, K), probability of each class by what the other glyphs of its row are
        """
        by_row = [*zip(rows.split(seen), rows.split(ordinary), strict=True)]
        in_order, expected = np.zeros(len(by_row)), rows.split(ordinary)
        for _ in range(_ROUNDS):
            others = in_order.sum() - in_order
            log_odds = np.log((others + _ROWS) / (len(by_row) - 1 - others + _ORDINARY))
            for number, row in enumerate(by_row):
                in_order[number], expected[number] = self._of_row(*row, float(log_odds[number]))
        return in_order, np.concatenate(expected)

    def _of_row(
        self, seen: NDArray[np.float64], ordinary: NDArray[np.float64], log_odds: float
    ) -> tuple[float, NDArray[np.float64]]:
        """As `of_rows` for one row (N, K), given the odds beforehand, in nats, that it is a succession."""
        follows = (seen > 0.5 * seen.max(axis=1, keepdims=True)).astype(np.float64)
        steps = (follows[:-1] @ (self._next > 0.5) * follows[1:]).any(axis=1)
        if not len(steps) or steps.mean() < _CHANCE:
            return 0.0, ordinary
        if steps.sum() < _STEPS:
            log_odds = min(log_odds, float(np.log(_ROWS / _ORDINARY)))
        by_chance = seen.sum(axis=1, keepdims=True) / np.count_nonzero(seen.any(axis=0))
        shown = (1 - _SLIPS) * seen + _SLIPS * by_chance
        before, log_p = self._forward(shown)
        turn = before * self._backward(shown)
        turn /= turn.sum(axis=1, keepdims=True)
        odds = log_odds + log_p - np.log(by_chance).sum()
        others = odds - np.log((turn * shown).sum(axis=1, keepdims=True) / by_chance)  # without the glyph itself
        share = _probability(others)
        expected = (1 - _SLIPS) * turn + _SLIPS / seen.shape[1]
        return float(_probability(odds)), share * expected + (1 - share) * ordinary

    def _forward(self, seen: NDArray[np.float64]) -> tuple[NDArray[np.float64], float]:
        """Probability (N, K) of each glyph by all before it; log-probability of the row."""
        before = np.empty_like(seen)
        state, log_p = np.full(seen.shape[1], 1 / seen.shape[1]), 0.0
        for number, glyph in enumerate(seen):
            before[number] = state
            state = state * glyph
            total = state.sum()
            log_p += float(np.log(total))
            state = (state / total) @ self._next
        return before, log_p

    def _backward(self, seen: NDArray[np.float64]) -> NDArray[np.float64]:
        """Likelihood (N, K) of all glyphs behind each one, up to a factor."""
        behind = np.empty_like(seen)
        state = np.ones(seen.shape[1])
        for number in range(len(seen) - 1, -1, -1):
            behind[number] = state
            state = self._next @ (state * seen[number])
            state /= state.sum()
        return behind


def _probability(log_odds: NDArray[np.float64] | float) -> NDArray[np.float64]:
    return np.asarray(np.exp(-np.logaddexp(0.0, -np.asarray(log_odds))))
