"""What is known of a language: which letters follow each other in its words, how common each word is, and what follows.

Upper and lower case are one, so that there are 26 letters; all that is none of them ends a word. Nothing here says that
what is written must be of the language: see `app.ocr.priors.words` and `app.ocr.spelling.prefix_scorer` for how much it
may say.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any, Self

import numpy as np
from numpy.typing import NDArray

from app.errors import CorruptModel
from app.ocr.alphabet import Alphabet
from app.ocr.priors.lexicon import Followers, Lexicon

LETTERS = " abcdefghijklmnopqrstuvwxyz"
"""Letters by number; 0 is the end of a word, and its beginning."""

NO_LETTER = 0
ORDER = 4
"""A letter is told by the three before it."""

ARCHITECTURE = "letters-and-words"
_OF_PAIRS = ("follower_counts", "followers", "log_follows")  # arrays that a list of words alone does not have

# A word that is not of the language: after each character comes another with this probability, and all of these are as
# likely. Thus words that are in no list stay what they look like, however strange.
_GOES_ON, _CHARACTERS = 0.8, 29
STRANGE_CHARACTER = _GOES_ON / _CHARACTERS
STRANGE_END = (1 - _GOES_ON) / _GOES_ON
"""Probability of a strange word of n characters: STRANGE_END * STRANGE_CHARACTER**n."""

OF_LANGUAGE = 0.1
"""How many of all words that are written are of the language; from 0.07 to 0.3 it hardly matters."""

LISTED = 0.8
"""Of the words of the language, those in the list; set by eye."""


@dataclass(frozen=True)
class Language:
    """A model of words.

    Attributes
    ----------
    p_next : float32 (27, 27, 27, 27), the probability of a letter after three others; those before a word are 0
    letters : by the length n of words, uint8 (n, W), the letters of all W words that are so long
    log_p : by length (W,), logarithm of the probability of each among words of every length
    followers : of all words, the shortest first
    """

    p_next: NDArray[np.float32]
    letters: Mapping[int, NDArray[np.uint8]]
    log_p: Mapping[int, NDArray[np.float32]]
    followers: Followers

    @classmethod
    def from_card(cls, card: Mapping[str, Any], arrays: Mapping[str, NDArray[Any]]) -> Self:
        """Take the arrays of a stored model.

        Raises
        ------
        CorruptModel : it is no model of a language, or its arrays do not fit together.
        """
        name = card.get("architecture", {}).get("name")
        if name != ARCHITECTURE:
            raise CorruptModel(f"the card cannot be used: expected the architecture {ARCHITECTURE}, got {name!r}")
        try:
            log_next, letters, lengths, log_p = (arrays[key] for key in ("log_next", "letters", "lengths", "log_p"))
            followers = _followers(arrays) if arrays.keys() & {*_OF_PAIRS} else _none_follow(len(log_p))
        except KeyError as exc:
            raise CorruptModel(f"the model cannot be used: expected an array {exc}, got {sorted(arrays)}") from exc
        sizes = lengths * np.arange(len(lengths))
        fits = log_next.shape == (len(LETTERS),) * ORDER and lengths.sum() == len(log_p) and sizes.sum() == len(letters)
        if not fits or (letters >= len(LETTERS)).any():
            raise CorruptModel("the model cannot be used: expected words of letters, each with a probability")
        if not followers.fit(len(log_p)):
            raise CorruptModel("the model cannot be used: expected words that follow others, each with a probability")
        by_length = np.split(letters, np.cumsum(sizes)[:-1])
        p_by_length = np.split(log_p.astype(np.float32), np.cumsum(lengths)[:-1])
        return cls(
            np.exp(log_next, dtype=np.float32),
            {n: some.reshape(n, -1) for n, some in enumerate(by_length) if len(some)},
            {n: some for n, some in enumerate(p_by_length) if len(some)},
            followers,
        )

    @cached_property
    def lexicon(self) -> Lexicon:
        """Return the words in the order of a dictionary."""
        return Lexicon(self.letters, self.log_p, self.followers)

    @cached_property
    def flat_p_next(self) -> memoryview:
        """Return `p_next` as a flat sequence, of which single numbers are taken much faster than of an array."""
        return np.ascontiguousarray(self.p_next).reshape(-1).data


def _followers(arrays: Mapping[str, NDArray[Any]]) -> Followers:
    counts, words, log_p = (arrays[key] for key in _OF_PAIRS)
    return Followers(counts, words, np.exp(log_p, dtype=np.float32))


def _none_follow(words: int) -> Followers:
    """Return that nothing is known of which words follow, as of a language that is a list of words and no more."""
    return Followers(np.zeros(words, np.int32), np.zeros(0, np.int32), np.zeros(0, np.float32))


def letter_numbers(alphabet: Alphabet) -> NDArray[np.intp]:
    """Return (K,), the letter that each class is, `NO_LETTER` for what is none."""
    return np.array([max(LETTERS.find(char.lower()), NO_LETTER) for char in alphabet.chars], np.intp)
