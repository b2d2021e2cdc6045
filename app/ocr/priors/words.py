"""What a language says of the letters of a page, word by word: look-alikes become the letters that make a word.

A word is one of the list, or one that is spelt like them, or anything at all, such as a code, a number, or a name from
elsewhere. Each glyph's probabilities are weighed as these three explain the whole word: the third leaves them as they
are, so that what nobody could know stays as it looks. Words are taken one by one, and only where there is a doubt.
Where it is a mark or a letter that is in doubt, one word stands against two, or a shorter one.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from app.ocr.alphabet import APOSTROPHE, Alphabet, parting_marks
from app.ocr.priors.language import LETTERS, NO_LETTER, Language, letter_numbers
from app.ocr.priors.prior import Decoded
from app.ocr.priors.word_likelihood import explain

_SURE = 0.998  # a letter that is likelier than this is not put in question
_MOST_ODDS = 15.0  # nats, of one word against two; either way that is certain
_LEAST_MARK = 0.01  # what is less likely than this to be a mark, or to be a letter, is not put in question
_LEAST_LETTERS = 3  # of the word before or behind it, or the language has nothing to say
# How likely a mark is between two words without a space, where the language explains the whole without it as well.
_INSIDE = 0.1


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
        for p, row in zip(weighed, rows, strict=True):
            self._part(p, row.words)
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

    def _part(self, p: NDArray[np.float64], words: NDArray[np.intp]) -> None:
        """Weigh in a row (N, K), in place, what may be a mark as well as a letter: bag/wall is no baglwall."""
        marks = p @ self._parts_words
        letters, best = p @ self._member, p.argmax(axis=1)
        doubtful, lefts, rights, wholes = [], [], [], []
        for glyph in np.flatnonzero((marks > _LEAST_MARK) & (marks < 1 - _LEAST_MARK)).tolist():
            left, right = self._beside(best, words, glyph)
            unparted = (p[glyph] * ~self._parts_words) @ self._member / (1 - marks[glyph])
            if max(len(left), len(right)) >= _LEAST_LETTERS and unparted[NO_LETTER] < 0.5:
                doubtful.append(glyph)
                lefts.append(letters[left])
                rights.append(letters[right])
                wholes.append(np.concatenate([letters[left], unparted[None], letters[right]]))
        if not doubtful:
            return
        of_left, of_right, of_whole = explain([*lefts, *rights, *wholes], self._language)[1].reshape(3, -1)
        is_inside = np.array([len(left) and len(right) for left, right in zip(lefts, rights, strict=True)], bool)
        log_odds = of_left + of_right - of_whole + np.log(np.where(is_inside & (of_whole > 0), _INSIDE, 1.0))
        before = marks[doubtful]
        odds = before / (1 - before) * np.exp(np.clip(log_odds, -_MOST_ODDS, _MOST_ODDS))
        now = odds / (1 + odds)
        of_mark, of_letter = (now / before)[:, None], ((1 - now) / (1 - before))[:, None]
        p[doubtful] *= np.where(self._parts_words, of_mark, of_letter)

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
