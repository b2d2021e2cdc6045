"""What a language says of the letters of a page, word by word: look-alikes become the letters that make a word.

A word is one of the list, or one that is spelt like them, or anything at all, such as a code, a number, or a name from
elsewhere. Each glyph's probabilities are weighed as these three explain the whole word: the third leaves them as they
are, so that what nobody could know stays as it looks. Words are taken one by one, and only where there is a doubt.
Where it is a mark or a letter that is in doubt, one word stands against two, or a shorter one.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from app.ocr.alphabet import APOSTROPHE, Alphabet, parting_marks
from app.ocr.priors.language import LETTERS, NO_LETTER, Language, letter_numbers
from app.ocr.priors.prior import Decoded
from app.ocr.priors.word_likelihood import Letters, explain

_SURE = 0.998  # a letter that is likelier than this is not put in question
_MOST_ODDS = 15.0  # nats, of one word against two; either way that is certain
_LEAST_MARK = 0.01  # what is less likely than this to be a mark, or to be a letter, is not put in question
_LEAST_LETTERS = 3  # of the word before or behind it, or the language has nothing to say
# How likely a mark is between two words without a space, where the language explains the whole without it as well.
_INSIDE = 0.1


class _Doubt(NamedTuple):
    """A glyph that is a mark, as likely as `p_mark`, or a letter: words before and behind it, or one with it inside."""

    glyph: int
    p_mark: float
    left: Letters
    right: Letters
    whole: Letters


class WordPrior:
    """A language for the classes of an alphabet; changes nothing of itself, so threads may share one."""

    def __init__(self, language: Language, alphabet: Alphabet) -> None:
        self._language = language
        numbers = letter_numbers(alphabet)
        self._member = (numbers[:, None] == np.arange(len(LETTERS))).astype(np.float64)  # (K, 27)
        self._parts_words = parting_marks(alphabet)
        self._apostrophe = np.array([char == APOSTROPHE for char in alphabet.chars])

    def weigh(self, rows: Sequence[Decoded]) -> list[NDArray[np.float64]]:
        """See `Prior`."""
        weighed = [row.p.copy() for row in rows]
        self._part(weighed, rows)
        found = [
            (p, word, letters)
            for p, row in zip(weighed, rows, strict=True)
            for word in self._words(p, row.words)
            if (letters := p[word] @ self._member).max(axis=1).min() < _SURE
        ]
        explained, _ = explain([letters for *_, letters in found], self._language)
        for (p, word, letters), together in zip(found, explained, strict=True):
            factor = np.divide(together, letters, out=np.zeros_like(letters), where=letters > 0)
            p[word] *= factor @ self._member.T
        return weighed

    def _part(self, weighed: Sequence[NDArray[np.float64]], rows: Sequence[Decoded]) -> None:
        """Weigh in all rows (N, K), in place, what may be a mark as well as a letter: bag/wall is no baglwall."""
        found = [(p, doubt) for p, row in zip(weighed, rows, strict=True) for doubt in self._doubts(p, row.words)]
        if not found:
            return
        doubts = [doubt for _, doubt in found]
        words = [doubt.left for doubt in doubts] + [doubt.right for doubt in doubts] + [doubt.whole for doubt in doubts]
        of_left, of_right, of_whole = explain(words, self._language)[1].reshape(3, -1)
        is_inside = np.array([len(doubt.left) and len(doubt.right) for doubt in doubts], bool)
        log_odds = of_left + of_right - of_whole + np.log(np.where(is_inside & (of_whole > 0), _INSIDE, 1.0))
        before = np.array([doubt.p_mark for doubt in doubts])
        odds = before / (1 - before) * np.exp(np.clip(log_odds, -_MOST_ODDS, _MOST_ODDS))
        now = odds / (1 + odds)
        for (p, doubt), of_mark, of_letter in zip(found, now / before, (1 - now) / (1 - before), strict=True):
            p[doubt.glyph] *= np.where(self._parts_words, of_mark, of_letter)

    def _doubts(self, p: NDArray[np.float64], words: NDArray[np.intp]) -> Iterator[_Doubt]:
        """Yield which glyphs of a row (N, K) are a mark or a letter, and what they part or join."""
        marks = p @ self._parts_words
        letters, best = p @ self._member, p.argmax(axis=1)
        for glyph in np.flatnonzero((marks > _LEAST_MARK) & (marks < 1 - _LEAST_MARK)).tolist():
            left, right = self._beside(best, words, glyph)
            unparted = (p[glyph] * ~self._parts_words) @ self._member / (1 - marks[glyph])
            if max(len(left), len(right)) >= _LEAST_LETTERS and unparted[NO_LETTER] < 0.5:
                whole = np.concatenate([letters[left], unparted[None], letters[right]])
                yield _Doubt(glyph, float(marks[glyph]), letters[left], letters[right], whole)

    def _beside(
        self, best: NDArray[np.intp], words: NDArray[np.intp], glyph: int
    ) -> tuple[NDArray[np.intp], NDArray[np.intp]]:
        """Find the glyphs before and behind one up to the next mark, as `_words` does; `best` (N,) is what each is."""
        others = np.flatnonzero(words == words[glyph])
        ends = others[self._parts_words[best[others]] & (others != glyph)]
        first, last = ends[ends < glyph].max(initial=-1), ends[ends > glyph].min(initial=len(best))
        inside = others[(others > first) & (others < last) & (others != glyph) & ~self._apostrophe[best[others]]]
        return inside[inside < glyph], inside[inside > glyph]

    def _words(self, p: NDArray[np.float64], words: NDArray[np.intp]) -> list[NDArray[np.intp]]:
        """Find the glyphs of each word, without the punctuation around them and the apostrophes in them."""
        best = p.argmax(axis=1)
        parting = self._parts_words[best]
        number = words + np.cumsum(parting)  # what follows a mark is another word
        inside = np.flatnonzero(~parting & ~self._apostrophe[best])
        return np.split(inside, np.flatnonzero(np.diff(number[inside])) + 1) if len(inside) else []
