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
from app.ocr.priors.language import (
    LETTERS,
    NO_LETTER,
    OF_LANGUAGE,
    STRANGE_CHARACTER,
    STRANGE_END,
    Language,
    letter_numbers,
)
from app.ocr.priors.prior import Decoded

_LISTED = 0.8  # of the words of the language, those in the list
_SURE = 0.998  # a letter that is likelier than this is not put in question
_CANDIDATES = 4  # letters of each glyph that are tried by how words are spelt
_HOPELESS = 15.0  # nats; a listed word so much less likely than the best beginning is not looked at any further
_LEAST_MARK = 0.01  # what is less likely than this to be a mark, or to be a letter, is not put in question
_LEAST_LETTERS = 3  # of the word before or behind it, or the language has nothing to say
# How likely a mark is between two words without a space, where the language explains the whole without it as well.
_INSIDE = 0.1

_Letters = NDArray[np.float64]


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
        explained, _ = _explain([letters for *_, letters in found], self._language)
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
        of_left, of_right, of_whole = _explain([*lefts, *rights, *wholes], self._language)[1].reshape(3, -1)
        is_inside = np.array([len(left) and len(right) for left, right in zip(lefts, rights, strict=True)], bool)
        log_odds = of_left + of_right - of_whole + np.log(np.where(is_inside & (of_whole > 0), _INSIDE, 1.0))
        before = marks[doubtful]
        odds = before / (1 - before) * np.exp(np.clip(log_odds, -_HOPELESS, _HOPELESS))
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


def _explain(words: Sequence[_Letters], language: Language) -> tuple[list[_Letters], NDArray[np.float64]]:
    """Weigh the letters (n, 27) of each word by all that it may be.

    Returns
    -------
    posteriors, each (n, 27); how much likelier (W,) the glyphs are than if words could be anything, in nats
    """
    posteriors, log_gain = list(words), np.zeros(len(words))
    there = [number for number, letters in enumerate(words) if len(letters)]
    if not there:
        return posteriors, log_gain
    spelt, log_spelt = _by_spelling([words[number] for number in there], language)
    for number, by_spelling, log_p_spelt in zip(there, spelt, log_spelt, strict=True):
        letters = words[number]
        listed, log_listed = _by_list(letters, language)
        log_strange = np.log(STRANGE_END) + len(letters) * np.log(STRANGE_CHARACTER)
        evidence = np.array(
            [
                np.log(1 - OF_LANGUAGE),
                np.log(OF_LANGUAGE * _LISTED) + log_listed - log_strange,
                np.log(OF_LANGUAGE * (1 - _LISTED)) + log_p_spelt - log_strange,
            ]
        )
        share = np.exp(evidence - evidence.max())
        log_gain[number] = evidence.max() + np.log(share.sum())
        share /= share.sum()
        posteriors[number] = share[0] * letters + share[1] * listed + share[2] * by_spelling
    return posteriors, log_gain


def _by_list(letters: _Letters, language: Language) -> tuple[_Letters, float]:
    """Weigh the letters (n, 27) of one word by all listed words of its length.

    Returns
    -------
    posterior (n, 27), log-probability of these glyphs and any listed word; -inf, and zeros, if it can be none
    """
    posterior = np.zeros_like(letters)
    if len(letters) not in language.letters:
        return posterior, -np.inf
    words, score = language.letters[len(letters)], language.log_p[len(letters)].astype(np.float64)
    with np.errstate(divide="ignore"):
        log_letters = np.log(letters)
    left = np.arange(len(score))
    for place in np.argsort(-letters.max(axis=1)):  # what is sure leaves few words for what is not
        score = score + log_letters[place].take(words[place].take(left))
        kept = np.flatnonzero(score > score.max(initial=-np.inf) - _HOPELESS)
        left, score = left.take(kept), score.take(kept)
    if not len(left):
        return posterior, -np.inf
    p = np.exp(score - score.max())
    total = p.sum()
    for place in range(len(letters)):
        posterior[place] = np.bincount(words[place].take(left), p / total, len(LETTERS))
    return posterior, float(score.max() + np.log(total))


def _by_spelling(words: Sequence[_Letters], language: Language) -> tuple[list[_Letters], NDArray[np.float64]]:
    """Weigh the letters (n, 27) of each word by which letters follow each other: forward-backward, all words at once.

    Only the likeliest few of each glyph are tried.

    Returns
    -------
    posteriors, each (n, 27); log-probability (W,) of the glyphs and anything that is spelt so, -inf where nothing can
    """
    longest_first = sorted(range(len(words)), key=lambda number: -len(words[number]))
    lengths = np.array([len(words[number]) for number in longest_first])
    columns = int(lengths[0]) + 1  # and the end of the word, which is NO_LETTER
    tried = np.zeros((columns, len(words), _CANDIDATES), np.intp)
    p_tried = np.zeros(tried.shape)
    p_tried[lengths, np.arange(len(words)), 0] = 1.0
    for place, number in enumerate(longest_first):
        letters = words[number]
        best = 1 + np.argsort(-letters[:, 1:], axis=1)[:, :_CANDIDATES]
        tried[: len(letters), place] = best
        p_tried[: len(letters), place] = np.take_along_axis(letters, best, axis=1)
    going_on = [int(np.count_nonzero(lengths >= column)) for column in range(columns)]  # words that are not yet over
    p_next = language.p_next.reshape(-1, len(LETTERS))
    before = [np.full((len(words), _CANDIDATES), NO_LETTER)] * 3
    state = np.zeros((len(words), *[_CANDIDATES] * 3))  # of the three letters before, 0 where nothing is before them
    state[:, 0, 0, 0] = 1.0
    forward, steps = [], []
    log_p = np.zeros(len(words))
    for column, count in enumerate(going_on):
        first, second, third = (each[:count] for each in before)
        place = (first[:, :, None, None] * len(LETTERS) + second[:, None, :, None]) * len(LETTERS) + third[
            :, None, None
        ]
        step = p_next[place[..., None], tried[column, :count, None, None, None]]
        step = step * p_tried[column, :count, None, None, None]
        state = (state[:count, ..., None] * step).sum(axis=1)
        total = state.sum(axis=(1, 2, 3), keepdims=True)
        state = np.divide(state, total, out=np.zeros_like(state), where=total > 0)
        with np.errstate(divide="ignore"):
            log_p[:count] += np.log(total.reshape(-1))
        forward.append(state)
        steps.append(step)
        before = [second, third, tried[column]]
    posteriors = np.zeros((columns, len(words), len(LETTERS)))
    backward = np.ones((len(words), *[_CANDIDATES] * 3))
    for column in range(columns - 1, -1, -1):
        count = going_on[column]
        p = (forward[column] * backward[:count]).sum(axis=(1, 2))
        p = np.divide(p, p.sum(axis=1, keepdims=True), out=np.zeros_like(p), where=p.any(axis=1, keepdims=True))
        np.put_along_axis(posteriors[column, :count], tried[column, :count], p, axis=1)
        there = (steps[column] * backward[:count, None]).sum(axis=4)
        there /= np.maximum(there.max(axis=(1, 2, 3), keepdims=True), np.finfo(np.float64).tiny)
        backward[:count] = there
    places = np.argsort(longest_first)
    return [posteriors[: len(letters), place] for letters, place in zip(words, places, strict=True)], log_p[places]
