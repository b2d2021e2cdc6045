"""What kind a glyph is, digit, capital, small letter or punctuation, by the company it keeps: 0 in 107, O in TOP."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from app.ocr.alphabet import Alphabet
from app.ocr.priors.letter_case import LetterCase
from app.ocr.priors.page_rows import PageRows

_KINDS = (str.isdigit, str.isupper, str.islower)
# How much a glyph counts for another: next to it in the same word, elsewhere in the word, elsewhere in the row. With 1
# or 4 for a neighbour pages are read as well (docs/notebook/tried.md).
_NEIGHBOUR_WEIGHT, _WORD_WEIGHT, _ROW_WEIGHT = 2.0, 1.0, 0.25
_CAPITAL_FIRST = 0.5  # a word's small letters speak this much for a capital at its start
# Glyphs that are imagined in every word, so that a mixed one stays possible: of each kind by its share of the page's
# other rows, where so many of each are imagined in turn. Set by eye.
_IMAGINED, _IMAGINED_ON_PAGE = 0.9, 3.0
# Punctuation, of no kind, goes with all: it is this much as likely as the likeliest kind. Signs of programs and
# formulas hardly anybody writes by hand: a stroke among letters is an I, and no bar. Of ! and ? many are colons
# (docs/notebook/tried.md and ink.md).
_MARK, _MARKS = 0.5, {"\\^_`{|}~": 0.05, "!?": 0.12}


def kinds_of(alphabet: Alphabet) -> NDArray[np.bool_]:
    """Return (K, 3), True for a digit, a capital, a small letter; all False for punctuation."""
    return np.array([[is_kind(char) for is_kind in _KINDS] for char in alphabet.chars])


class KindPrior:
    """The kinds of the K characters of an alphabet."""

    def __init__(self, alphabet: Alphabet) -> None:
        self._kinds = kinds_of(alphabet)
        self._case = LetterCase(alphabet, self._kinds)
        self.log_marks = np.where(self._kinds.any(axis=1), 0.0, np.log([*map(_mark_share, alphabet.chars)]))

    def evenly(self, rows: PageRows) -> NDArray[np.float64]:
        """Return how many glyphs of each kind are imagined in the words of each row (R, 3), as many of each."""
        return np.full((len(rows.starts), len(_KINDS)), _IMAGINED / len(_KINDS))

    def by_page(self, p: NDArray[np.float64], rows: PageRows) -> NDArray[np.float64]:
        """Return the same by how many of each kind the other rows of the page hold."""
        of_rows = rows.sums(p @ self._kinds)
        of_others = of_rows.sum(axis=0) - of_rows + _IMAGINED_ON_PAGE
        return np.asarray(_IMAGINED * of_others / of_others.sum(axis=1, keepdims=True), np.float64)

    def log_p(
        self,
        p: NDArray[np.float64],
        looks: NDArray[np.float64],
        words: NDArray[np.intp],
        rows: PageRows,
        imagined: NDArray[np.float64],
    ) -> NDArray[np.float64]:
        """Log-probability (M, K) of each class by how common its kind is among the other glyphs of word and row.

        A kind has the share that it has of those, each of which counts by how near it is. The ring in 1O7 is between
        two digits: 2 + 2 + 0.3 imagined ones against 0.3 capitals, so that a zero is 14 times as likely as an O. How
        letters divide into capitals and small ones, `LetterCase` says.

        Parameters
        ----------
        p : (M, K), what the glyphs of the page are thought to be so far
        looks : (M, K), what each looks like where it stands, as probabilities
        words : (M,), number of the word on the page that each is in, ascending from 0
        rows : where the rows are among the glyphs
        imagined : (R, 3), as `evenly` or `by_page` returns it
        """
        of_kind = p @ self._kinds  # (M, 3)
        first = np.append(True, np.diff(words) > 0)
        in_word = np.add.reduceat(of_kind, np.flatnonzero(first), axis=0)[words]
        others = _WORD_WEIGHT * (in_word - of_kind) + _ROW_WEIGHT * (rows.sums(of_kind)[rows.row] - in_word)
        together = ~first[1:, None] * (_NEIGHBOUR_WEIGHT - _WORD_WEIGHT)
        others[1:] += together * of_kind[:-1]
        others[:-1] += together * of_kind[1:]
        others[first, 1] += _CAPITAL_FIRST * others[first, 2]
        others += imagined[rows.row]
        share = others / others.sum(axis=1, keepdims=True)
        letter = share[:, 1] + share[:, 2]
        capital = self._case.capital_share(p, looks, words, rows, share[:, 1] / letter)
        share[:, 1], share[:, 2] = letter * capital, letter * (1 - capital)
        log_share = np.log(share)
        of_marks = log_share.max(axis=1, keepdims=True) + self.log_marks
        return np.where(self._kinds.any(axis=1), log_share @ self._kinds.T, of_marks)


def _mark_share(char: str) -> float:
    return next((share for marks, share in _MARKS.items() if char in marks), _MARK)
