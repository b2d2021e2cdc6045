"""The words of a language in the order of a dictionary: how likely one is, or any that begins like it."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Mapping, Sequence
from functools import lru_cache, partial

import numpy as np
from numpy.typing import NDArray

_AFTER_ALL = b"\xff"  # sorts behind every letter
_REMEMBERED = 50_000  # beginnings of words, some 10 MB; a page asks for a few hundred, most of them again and again


class Lexicon:
    """All words with one beginning follow one another, so that two places in the list tell how likely they are.

    Parameters
    ----------
    letters, log_p : as of `Language`
    """

    def __init__(self, letters: Mapping[int, NDArray[np.uint8]], log_p: Mapping[int, NDArray[np.float32]]) -> None:
        words: list[bytes] = []
        for length, of_length in letters.items():
            text = of_length.T.tobytes()
            words += [text[start : start + length] for start in range(0, len(text), length)]
        p = np.exp(np.concatenate([np.zeros(0), *log_p.values()]))
        order = sorted(range(len(words)), key=words.__getitem__)
        in_order = [words[number] for number in order]
        p_before = np.append(0.0, np.cumsum(p[order])).data  # of all words before each one
        # Nothing remembered refers to `self`: a language that no longer serves is freed at once.
        self.shares = lru_cache(maxsize=_REMEMBERED)(partial(_shares, in_order, p_before))
        """See `_shares`."""


def _shares(words: Sequence[bytes], p_before: Sequence[float], prefix: bytes) -> tuple[float, float]:
    """Return the probabilities of all words that begin with some letters, and of the word that is just these.

    Parameters
    ----------
    words : in the order of a dictionary
    p_before : of all words before each one
    prefix : numbers of its letters, see `LETTERS`; the first is 0 if no word begins so
    """
    first = bisect_left(words, prefix)
    behind = bisect_left(words, prefix + _AFTER_ALL, first)
    if first == behind:
        return 0.0, 0.0
    begins = p_before[behind] - p_before[first]
    return begins, p_before[first + 1] - p_before[first] if words[first] == prefix else 0.0
