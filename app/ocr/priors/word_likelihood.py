"""What a word is, given how likely each of its glyphs is each letter: in the list, spelt like those, or anything."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple, Self, TypeAlias

import numpy as np
from numpy.typing import NDArray

from app.ocr.priors.language import (
    LETTERS,
    LISTED,
    NO_LETTER,
    OF_LANGUAGE,
    ORDER,
    STRANGE_CHARACTER,
    STRANGE_END,
    Language,
)

_LOG_SHARES = np.log([1 - OF_LANGUAGE, OF_LANGUAGE * LISTED, OF_LANGUAGE * (1 - LISTED)])  # anything, listed, spelt
_CANDIDATES = 4  # letters of each glyph that are tried by how words are spelt
_HOPELESS = 15.0  # nats; a listed word so much less likely than the best beginning is not looked at any further

Letters: TypeAlias = NDArray[np.float64]
"""(n, 27), how likely each glyph of a word is each letter of `LETTERS`."""


def explain(words: Sequence[Letters], language: Language) -> tuple[list[Letters], NDArray[np.float64]]:
    """Weigh the letters (n, 27) of each word by all that it may be.

    ``p(glyphs) = (1 - a) p(glyphs | anything) + a (b p(glyphs | listed) + (1 - b) p(glyphs | spelt))``, where a is
    `OF_LANGUAGE` and b is `LISTED`. What each of the three makes of a letter counts as much as it explains of the
    glyphs.

    Returns
    -------
    posteriors, each (n, 27); how much likelier (W,) the glyphs are than if words could be anything, in nats
    """
    posteriors, log_gain = list(words), np.zeros(len(words))
    there = [number for number, letters in enumerate(words) if len(letters)]
    if not there:
        return posteriors, log_gain
    by_spelling, log_spelt = explain_by_spelling([words[number] for number in there], language)
    for number, spelt, log_p_spelt in zip(there, by_spelling, log_spelt, strict=True):
        letters = words[number]
        listed, log_p_listed = explain_by_list(letters, language)
        log_p_anything = np.log(STRANGE_END) + len(letters) * np.log(STRANGE_CHARACTER)
        evidence = _LOG_SHARES + [0.0, log_p_listed, log_p_spelt] - [0.0, log_p_anything, log_p_anything]
        share = np.exp(evidence - evidence.max())
        log_gain[number] = evidence.max() + np.log(share.sum())
        share /= share.sum()
        posteriors[number] = share[0] * letters + share[1] * listed + share[2] * spelt
    return posteriors, log_gain


def explain_by_list(letters: Letters, language: Language) -> tuple[Letters, float]:
    """Weigh the letters (n, 27) of one word by all listed words of its length.

    Returns
    -------
    posterior (n, 27), log-probability of these glyphs and any listed word; -inf, and zeros, if it can be none
    """
    posterior = np.zeros_like(letters)
    if len(letters) not in language.letters:
        return posterior, -np.inf
    words = language.letters[len(letters)]
    with np.errstate(divide="ignore"):
        log_letters = np.log(letters)
    surest, *others = np.argsort(-letters.max(axis=1))  # what is sure leaves few words for what is not
    score = language.log_p[len(letters)] + log_letters[surest].take(words[surest])
    left = np.flatnonzero(score > score.max() - _HOPELESS)
    score = score.take(left)
    for place in others:
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


def explain_by_spelling(words: Sequence[Letters], language: Language) -> tuple[list[Letters], NDArray[np.float64]]:
    """Weigh the letters (n, 27) of each word by which letters follow each other.

    A hidden Markov model whose states are the last three letters: its forward and backward passes go over all words at
    once, glyph by glyph. Only the likeliest few letters of each glyph are tried.

    Returns
    -------
    posteriors, each (n, 27); log-probability (W,) of the glyphs and anything that is spelt so, -inf where nothing can

    References
    ----------
    Rabiner (1989), A tutorial on hidden Markov models, section III.A (forward and backward probabilities).
    """
    trellis = _Trellis.of(words)
    states, steps, log_p = _forward(trellis, language.p_next.reshape(-1, len(LETTERS)))
    posteriors = _backward(trellis, states, steps)
    places = np.argsort(trellis.numbers)
    return [posteriors[: len(letters), place] for letters, place in zip(words, places, strict=True)], log_p[places]


class _Trellis(NamedTuple):
    """W words side by side, the longest first, in C columns: their glyphs, and the end of the word, which is NO_LETTER.

    Attributes
    ----------
    numbers : (W,), which word each is
    tried : (C, W, _CANDIDATES), the letters that are tried
    p : (C, W, _CANDIDATES), how likely the glyph is each
    going_on : (C,), how many words, the first ones, have this column
    """

    numbers: list[int]
    tried: NDArray[np.intp]
    p: NDArray[np.float64]
    going_on: list[int]

    @classmethod
    def of(cls, words: Sequence[Letters]) -> Self:
        numbers = sorted(range(len(words)), key=lambda number: -len(words[number]))
        lengths = np.array([len(words[number]) for number in numbers])
        columns = int(lengths[0]) + 1
        tried = np.zeros((columns, len(words), _CANDIDATES), np.intp)
        p = np.zeros(tried.shape)
        p[lengths, np.arange(len(words)), 0] = 1.0
        for place, number in enumerate(numbers):
            letters = words[number]
            best = 1 + np.argsort(-letters[:, 1:], axis=1)[:, :_CANDIDATES]
            tried[: len(letters), place] = best
            p[: len(letters), place] = np.take_along_axis(letters, best, axis=1)
        return cls(numbers, tried, p, [int(np.count_nonzero(lengths >= column)) for column in range(columns)])


def _forward(
    trellis: _Trellis, p_next: NDArray[np.float32]
) -> tuple[list[NDArray[np.float64]], list[NDArray[np.float64]], NDArray[np.float64]]:
    """Go along all words.

    Parameters
    ----------
    p_next : (27**3, 27), probability of a letter after three others

    Returns
    -------
    states : by column (W, c, c, c), probability of the last three letters by the glyphs so far, c being `_CANDIDATES`
    steps : by column (W, c, c, c, c), probability of the glyph and its letter after three others
    log_p : (W,), of all glyphs of each word
    """
    count = len(trellis.numbers)
    last = [np.full((count, _CANDIDATES), NO_LETTER)] * (ORDER - 1)
    state = np.zeros((count, *[_CANDIDATES] * (ORDER - 1)))
    state[:, 0, 0, 0] = 1.0
    states, steps, log_p = [], [], np.zeros(count)
    for tried, p, going_on in zip(trellis.tried, trellis.p, trellis.going_on, strict=True):
        first, second, third = (each[:going_on] for each in last)
        pair = first[:, :, None, None] * len(LETTERS) + second[:, None, :, None]
        place = pair * len(LETTERS) + third[:, None, None]
        step = p_next[place[..., None], tried[:going_on, None, None, None]] * p[:going_on, None, None, None]
        state = (state[:going_on, ..., None] * step).sum(axis=1)
        total = state.sum(axis=(1, 2, 3), keepdims=True)
        state = np.divide(state, total, out=np.zeros_like(state), where=total > 0)
        with np.errstate(divide="ignore"):
            log_p[:going_on] += np.log(total.reshape(-1))
        states.append(state)
        steps.append(step)
        last = [second, third, tried]
    return states, steps, log_p


def _backward(
    trellis: _Trellis, states: Sequence[NDArray[np.float64]], steps: Sequence[NDArray[np.float64]]
) -> NDArray[np.float64]:
    """Go back along all words; return the posterior (C, W, 27) of each glyph's letters."""
    posteriors = np.zeros((*trellis.tried.shape[:2], len(LETTERS)))
    behind = np.ones((len(trellis.numbers), *[_CANDIDATES] * (ORDER - 1)))  # likelihood of the glyphs still to come
    for column in range(len(posteriors) - 1, -1, -1):
        going_on = trellis.going_on[column]
        p = (states[column] * behind[:going_on]).sum(axis=(1, 2))
        p = np.divide(p, p.sum(axis=1, keepdims=True), out=np.zeros_like(p), where=p.any(axis=1, keepdims=True))
        np.put_along_axis(posteriors[column, :going_on], trellis.tried[column, :going_on], p, axis=1)
        there = (steps[column] * behind[:going_on, None]).sum(axis=4)
        there /= np.maximum(there.max(axis=(1, 2, 3), keepdims=True), np.finfo(np.float64).tiny)
        behind[:going_on] = there
    return posteriors
