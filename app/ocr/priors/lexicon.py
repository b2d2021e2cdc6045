"""The words of a language in the order of a dictionary: how likely one is, or any that begins like it."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Mapping
from functools import lru_cache

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
        self._words = [words[number] for number in order]
        self._p_before = np.append(0.0, np.cumsum(p[order])).data  # of all words before each one
        self.shares = lru_cache(maxsize=_REMEMBERED)(self._shares)
        """See `_shares`."""

    def _shares(self, prefix: bytes) -> tuple[float, float]:
        """Return the probabilities of all words that begin with some letters, and of the word that is just these.

        Parameters
        ----------
        prefix : numbers of its letters, see `LETTERS`; the first is 0 if no word begins so
        """
        first = bisect_left(self._words, prefix)
        behind = bisect_left(self._words, prefix + _AFTER_ALL, first)
        if first == behind:
            return 0.0, 0.0
        begins = self._p_before[behind] - self._p_before[first]
        is_word = self._words[first] == prefix
        return begins, self._p_before[first + 1] - self._p_before[first] if is_word else 0.0
