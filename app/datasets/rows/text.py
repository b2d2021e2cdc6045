"""Texts of imagined rows: words in every case, numbers, codes, dates, or random characters.

A row network learns the language of what it sees, and would come to read words that are not there. So half of these
texts have no meaning.
"""

from __future__ import annotations

from collections.abc import Sequence
from string import ascii_uppercase, digits
from typing import NamedTuple

import numpy as np

_ONSETS = ("b", "br", "c", "ch", "d", "f", "fl", "g", "h", "j", "k", "l", "m", "n", "p", "pl", "qu", "r", "s", "st")
_VOWELS = ("a", "e", "i", "o", "u", "ee", "oo", "ai", "ou", "ea")
_CODAS = ("", "", "b", "ck", "d", "ff", "g", "ll", "m", "n", "ng", "p", "r", "s", "ss", "st", "t", "tt", "x", "ze")
_SEPARATORS = "-/.:"


class ImaginedText(NamedTuple):
    """A text that may stand in a row."""

    text: str
    at_random: bool
    """Whether its characters are random, as nobody writes: then none tells anything about another."""


def imagine_text(rng: np.random.Generator, vocabulary: Sequence[str], chars: str) -> ImaginedText:
    """Imagine a text that may stand in a row.

    Parameters
    ----------
    vocabulary : words to choose from; if there are none, words are made of syllables
    chars : the characters of random texts
    """
    kind = rng.choice(5, p=(0.52, 0.13, 0.13, 0.12, 0.1))
    if kind == 3:
        return ImaginedText(_at_random(rng, chars), at_random=True)
    if kind == 0:
        text = _words(rng, vocabulary, int(rng.integers(1, 5)))
    elif kind == 1:
        text = "".join(rng.choice(list(ascii_uppercase + digits), rng.integers(2, 9)))
    elif kind == 2:
        text = _number(rng)
    else:
        text = f"{_words(rng, vocabulary, 1)} {_number(rng)}"
    return ImaginedText(text, at_random=False)


def imagine_word(rng: np.random.Generator) -> str:
    """Return a pronounceable word of one to three syllables without a meaning."""
    parts = (_ONSETS, _VOWELS, _CODAS)
    return "".join(str(rng.choice(part)) for _ in range(rng.integers(1, 4)) for part in parts)


def _words(rng: np.random.Generator, vocabulary: Sequence[str], count: int) -> str:
    chosen = [
        vocabulary[int(rng.integers(len(vocabulary)))] if len(vocabulary) else imagine_word(rng) for _ in range(count)
    ]
    case = rng.integers(4)
    if case == 0:
        chosen = [word.upper() for word in chosen]
    elif case == 1:
        chosen = [word.lower() for word in chosen]
    elif case == 2:
        chosen = [word.capitalize() for word in chosen]
    if rng.uniform() < 0.25:
        place = int(rng.integers(count))
        chosen[place] += str(rng.choice(list(".,!?:;")))
    return " ".join(chosen)


def _at_random(rng: np.random.Generator, chars: str) -> str:
    """Return random characters; sometimes only a few different ones, sometimes with spaces between them."""
    some = list(chars) if rng.uniform() < 0.8 else rng.choice(list(chars), rng.integers(1, 4)).tolist()
    return (" " if rng.uniform() < 0.2 else "").join(rng.choice(some, rng.integers(1, 12)))


def _number(rng: np.random.Generator) -> str:
    """Return a count, an amount, a date, a time or a telephone number: groups of digits with something between."""
    groups = ["".join(rng.choice(list(digits), rng.integers(1, 5))) for _ in range(rng.integers(1, 4))]
    between = " " if rng.uniform() < 0.3 else _SEPARATORS[rng.integers(len(_SEPARATORS))]
    return between.join(groups)
