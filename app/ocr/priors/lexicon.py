"""The words of a language, sorted: how likely a word is after another one, or any word with a certain beginning."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Mapping, Sequence
from functools import lru_cache, partial
from typing import NamedTuple, Self

import numpy as np
from numpy.typing import NDArray

NO_WORD = -1
"""Stands for no word, and for a word of which it is not known which words follow it."""

_AFTER_ALL = b"\xff"  # sorts after every letter
_REMEMBERED = 50_000  # beginnings of words, some 10 MB; a page asks for a few hundred, most of them again and again
# Share of writing in which words follow each other as they do in books; in lists and forms they merely stand side by
# side. Set by eye; 0.8 makes little difference.
_RUNS_ON = 0.5


class Followers(NamedTuple):
    """Which of W words follow one another often, P pairs.

    Attributes
    ----------
    counts : (W,), how many pairs each word begins
    words : (P,), the numbers of their second words, the first word's pairs first
    p : (P,), the probability of the second word after the first; for each first word they add up to 1 at most
    """

    counts: NDArray[np.integer]
    words: NDArray[np.integer]
    p: NDArray[np.floating]

    def fit(self, words: int) -> bool:
        """Whether these are pairs of so many words."""
        return (
            len(self.counts) == words
            and int(self.counts.sum()) == len(self.words) == len(self.p)
            and bool((self.counts >= 0).all() and ((self.words >= 0) & (self.words < words)).all())
        )


class _Pairs(NamedTuple):
    """Pairs in the order of a dictionary: `starts` (W + 1,) has those of each first word, `p_before` adds them up."""

    starts: Sequence[int]
    seconds: Sequence[int]
    p_before: Sequence[float]

    @classmethod
    def of(cls, followers: Followers, place: NDArray[np.intp]) -> Self:
        """Bring pairs into order; `place` (W,) is that of each word in the dictionary."""
        firsts, seconds = np.repeat(place, followers.counts), place[followers.words]
        order = np.lexsort((seconds, firsts))
        starts = np.searchsorted(firsts[order], np.arange(len(place) + 1))
        p_before = np.append(0.0, np.cumsum(_RUNS_ON * followers.p[order].astype(np.float64)))
        return cls(starts.data, seconds[order].data, p_before.data)


class Lexicon:
    """A sorted list of words, in which all words with the same beginning are neighbours.

    So a sum over them is the difference of two running sums.

    Parameters
    ----------
    letters, log_p : as of `Language`
    followers : of the same words, in the same order
    """

    def __init__(
        self,
        letters: Mapping[int, NDArray[np.uint8]],
        log_p: Mapping[int, NDArray[np.float32]],
        followers: Followers,
    ) -> None:
        words: list[bytes] = []
        for length, of_length in letters.items():
            text = of_length.T.tobytes()
            words += [text[start : start + length] for start in range(0, len(text), length)]
        p = np.exp(np.concatenate([np.zeros(0), *log_p.values()]))
        order = np.array(sorted(range(len(words)), key=words.__getitem__), np.intp)
        self._words = [words[number] for number in order]
        self._pairs = _Pairs.of(followers, np.argsort(order))
        p_before = np.append(0.0, np.cumsum(p[order])).data  # of all words before each one
        # Nothing remembered refers to `self`: a language that no longer serves is freed at once.
        self.shares = lru_cache(maxsize=_REMEMBERED)(partial(_shares, self._words, p_before, self._pairs))
        """See `_shares`."""

    def number(self, word: bytes) -> int:
        """Return the number of a word in the dictionary, `NO_WORD` if it is not known what follows it."""
        place = bisect_left(self._words, word)
        is_known = place < len(self._words) and self._words[place] == word
        return place if is_known and self._pairs.starts[place] < self._pairs.starts[place + 1] else NO_WORD


def _shares(
    words: Sequence[bytes], p_before: Sequence[float], pairs: _Pairs, prefix: bytes, after: int
) -> tuple[float, float]:
    """Return the probabilities of all words that begin with some letters, and of the word that is just these.

    With q(w | v) the probability of a pair's second word, and r being `_RUNS_ON`, a word w after v has the probability
    ``r q(w | v) + (1 - r sum over all u of q(u | v)) p(w)``.

    Parameters
    ----------
    words : in the order of a dictionary
    p_before : of all words before each one
    prefix : numbers of its letters, see `LETTERS`; the first is 0 if no word begins so
    after : number of the word before, or `NO_WORD`; always given, for answers are remembered as they are asked for
    """
    first = bisect_left(words, prefix)
    behind = bisect_left(words, prefix + _AFTER_ALL, first)
    if first == behind:
        return 0.0, 0.0
    begins = p_before[behind] - p_before[first]
    whole = p_before[first + 1] - p_before[first] if words[first] == prefix else 0.0
    if after == NO_WORD:
        return begins, whole
    start, stop = pairs.starts[after], pairs.starts[after + 1]
    left = bisect_left(pairs.seconds, first, start, stop)
    right = bisect_left(pairs.seconds, behind, left, stop)
    others = 1 - (pairs.p_before[stop] - pairs.p_before[start])
    is_pair = left < right and pairs.seconds[left] == first and words[first] == prefix
    return (
        pairs.p_before[right] - pairs.p_before[left] + others * begins,
        (pairs.p_before[left + 1] - pairs.p_before[left] if is_pair else 0.0) + others * whole,
    )
