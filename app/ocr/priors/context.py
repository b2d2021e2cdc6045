"""Weighs every glyph of a page by its surroundings: its place in the row, its word, the characters of the page.

Shape alone cannot tell s from S, a comma from an apostrophe or O from 0. Nothing here is a hard rule: the networks'
probabilities are weighed, and no character is ever ruled out.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import NamedTuple, Self

import numpy as np
from numpy.typing import NDArray

from app.nn import softmax
from app.ocr.alphabet import Alphabet
from app.ocr.priors.brackets import PAIRS, log_bracket_prior
from app.ocr.priors.kind import KindPrior
from app.ocr.priors.page_rows import PageRows
from app.ocr.priors.place import SEEN_SPREAD, SPREAD, log_place_likelihood
from app.ocr.priors.practice.practice import Practice
from app.ocr.priors.spacing import MARKS_BETWEEN

# Rounds of mean field in all, and those at the beginning that leave other rows out, so that each row settles first. Set
# by eye.
_ROUNDS, _ROUNDS_ALONE = 4, 2


class RowGlyphs(NamedTuple):
    """The N glyphs of a row, as the networks see them, without any context.

    Attributes
    ----------
    log_p : (N, K), what each looks like; -inf for a class that is not allowed
    places : (N, 3), its middle from the left, its top and its bottom, in pixels
    words : (N,), number of the word that it is in, ascending
    """

    log_p: NDArray[np.floating]
    places: NDArray[np.floating]
    words: NDArray[np.integer]


class _Page(NamedTuple):
    """The M glyphs of all rows of a page, row after row.

    Attributes
    ----------
    log_p, places : (M, K) and (M, 3), see `RowGlyphs`
    words : (M,), numbered through the page
    rows : where they are among the glyphs
    """

    log_p: NDArray[np.float64]
    places: NDArray[np.float64]
    words: NDArray[np.intp]
    rows: PageRows

    @classmethod
    def of(cls, glyphs: Sequence[RowGlyphs]) -> Self:
        log_p, places, words = (np.concatenate(each) for each in zip(*glyphs, strict=True))
        rows = PageRows.of([row.words for row in glyphs])
        begins = np.append(True, (np.diff(words) != 0) | (np.diff(rows.row) != 0))
        return cls(np.asarray(log_p, np.float64), np.asarray(places, np.float64), np.cumsum(begins) - 1, rows)


class Weighed(NamedTuple):
    """The glyphs of the R rows of a page in view of each other.

    Attributes
    ----------
    p : (N, K) for each row, probability of each class
    repeated : (R,), share of the glyphs of each row that are the letter or digit it repeats; 0 if it repeats none
    in_order : (R,), probability that the row is an alphabet or digits in order
    goes_on : (R - 1,), for each row but the last, whether the next row goes on with the alphabet where it ended
    in_alphabet : (N - 1,) for each row, whether a character and the one after it are neighbours in an alphabet
    """

    p: list[NDArray[np.float64]]
    repeated: NDArray[np.float64]
    in_order: NDArray[np.float64]
    goes_on: NDArray[np.bool_]
    in_alphabet: list[NDArray[np.bool_]]


class Context:
    """What is known of the K characters of an alphabet, apart from their shapes.

    Parameters
    ----------
    extents : top and bottom of each character in em, cap line 0 and baseline 1

    Attributes
    ----------
    is_mark_between : (K,), whether one stands between words, or within one
    """

    def __init__(self, alphabet: Alphabet, extents: Mapping[str, tuple[float, float]]) -> None:
        chars = alphabet.chars
        self.is_mark_between = np.array([char in MARKS_BETWEEN for char in chars])
        self._extents = np.array([extents[char] for char in chars], np.float64)
        self._practice = Practice(alphabet, self._extents)
        self._kind = KindPrior(alphabet)
        self._brackets = [(chars.index(pair[0]), chars.index(pair[1])) for pair in PAIRS if set(pair) <= set(chars)]

    def weigh(self, glyphs: Sequence[RowGlyphs], *, places_seen: bool = False) -> Weighed:
        """Weigh the glyphs of all rows of a page by each other.

        This is a mean-field approximation: in each round a glyph is weighed by all others, each of which counts as
        every class in proportion to its present probability. `app.ocr.priors` explains the terms.

        Parameters
        ----------
        glyphs : of each row
        places_seen : whether the network that saw the glyphs also saw how high they are in their rows
        """
        if not glyphs:
            return Weighed([], np.zeros(0), np.zeros(0), np.zeros(0, bool), [])
        log_seen, places, words, rows = _Page.of(glyphs)
        # If an allow-list has only one half of a pair, nothing can be said about it.
        brackets = [pair for pair in self._brackets if np.isfinite(log_seen[:, pair]).any(axis=0).all()]
        spread = SEEN_SPREAD if places_seen else SPREAD
        seen = p = _normalised(log_seen)
        expected, imagined = self._practice.nothing(rows), self._kind.evenly(rows)
        for number in range(_ROUNDS):
            if number >= _ROUNDS_ALONE:
                expected, imagined = self._practice.expected(seen, p, rows), self._kind.by_page(p, rows)
            log_looks = log_seen + log_place_likelihood(p, places, rows, self._extents, spread)
            looks = _normalised(log_looks)
            log_p = log_looks + self._kind.log_p(p, looks, words, rows, imagined) + expected.log_p
            p = _normalised(log_p + log_bracket_prior(p, rows, brackets))
        repeated = self._practice.repeated(p, rows, expected.drills)
        p = self._practice.agreed(p, seen, np.ptp(places[:, 1:], axis=1), rows, expected.drills)
        goes_on, in_alphabet = self._practice.goes_on(p, rows), self._practice.in_alphabet(p, rows)
        return Weighed(rows.split(p), repeated, expected.in_order, goes_on, in_alphabet)


def _normalised(log_p: NDArray[np.float64]) -> NDArray[np.float64]:
    return np.asarray(softmax(log_p), np.float64)
