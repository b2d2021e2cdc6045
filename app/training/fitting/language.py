"""Make a model of a language (`app.ocr.Language`) from counts of words, and of pairs of adjacent words.

The probability of a letter after those before it is counted in the words, each weighted by its tempered frequency.
Where the letters before have been seen seldom, the estimate from one letter less counts more, and so on down (Witten
and Bell's interpolation). The probability that a word follows another is the share of the pair among all occurrences of
the first word.

References
----------
Witten, Bell (1991), The zero-frequency problem: estimating the probabilities of novel events in adaptive text
compression, method C. Chen, Goodman (1999), An empirical study of smoothing techniques for language modeling.
"""

from __future__ import annotations

import hashlib
import re
from collections import Counter
from collections.abc import Collection, Iterator, Mapping, Sequence
from pathlib import Path
from types import MappingProxyType
from typing import Any

import numpy as np
from numpy.typing import NDArray

from app.errors import InvalidInput, NotFound
from app.ocr import LANGUAGE_ARCHITECTURE, LETTERS, NO_LETTER, ORDER

# Each word counts by this power of its frequency: the commonest words of books are less common on forms, labels and
# lists, which have few articles. Set by eye.
_TEMPER = 0.75
# How much each different letter that was seen raises the probability of unseen ones; 1 is Witten and Bell's method, 2
# was set by eye.
_NEW_FOLLOWERS = 2.0
_LONGEST = 32  # letters of a word
# Pairs may have been counted in more books than words were; then words would be followed more often than they occur.
# Some words, as "depend" by "on", are indeed always followed by one of the list. So pairs are scaled down until at most
# a hundredth of the words is followed more often than it occurs. They are never scaled up: pairs that were counted in
# fewer books look just like a list that leaves most pairs out.
_NOT_ALWAYS = 0.99
_MOST_DIGITS = 15  # of a count: exact as a float, and sums of many stay far below the largest integer
_SHOWN = 60  # characters of a wrong line that a message shows
_HELD_OUT = 10  # one word in ten is held out, to measure how well the model predicts the spelling of unseen words


def read_word_list(path: Path) -> tuple[Counter[str], int]:
    """Read lines of a word and how often it occurs; apostrophes are dropped, and capitals made small.

    Words with characters other than the letters from a to z are left out, and overlong ones.

    Returns
    -------
    Counts by word, and how many lines were left out.

    Raises
    ------
    NotFound : there is no such file.
    InvalidInput : the file cannot be read, a line has another form, or no word is left.
    """
    counts: Counter[str] = Counter()
    left_out = 0
    for (word,), count in _read_list(path, words=1):
        if re.fullmatch(f"[{LETTERS.strip()}]{{1,{_LONGEST}}}", word):
            counts[word] += count
        else:
            left_out += 1
    if not counts:
        raise InvalidInput(f"{path}: expected words of the letters from a to z, got none")
    return counts, left_out


def read_pair_list(path: Path, known: Collection[str]) -> tuple[Counter[tuple[str, str]], int]:
    """Read lines of two words and how often the second follows the first, with the errors of `read_word_list`.

    Pairs with an unknown word are left out.

    Returns
    -------
    Counts by pair, and how many lines were left out.
    """
    counts: Counter[tuple[str, str]] = Counter()
    left_out = 0
    for (first, second), count in _read_list(path, words=2):
        if first in known and second in known:
            counts[first, second] += count
        else:
            left_out += 1
    if not counts:
        raise InvalidInput(f"{path}: expected pairs of words that the list of words has, got none")
    return counts, left_out


def _read_list(path: Path, words: int) -> Iterator[tuple[list[str], int]]:
    """Read from each line the given number of words, as the language spells them, and a count."""
    try:
        text = path.read_text(encoding="utf-8-sig")
    except FileNotFoundError as exc:
        raise NotFound(f"{path}: there is no such file") from exc
    except OSError as exc:
        raise InvalidInput(f"{path}: the file cannot be read: {exc.strerror}") from exc
    except UnicodeDecodeError as exc:
        raise InvalidInput(f"{path}: expected a list of words in UTF-8; {exc}") from exc
    expected = {1: "a word and how often it occurs", 2: "two words and how often the second follows the first"}[words]
    for number, line in enumerate(text.splitlines(), 1):
        *found, count = line.split() or [""]
        if len(found) != words or not re.fullmatch(rf"\d{{1,{_MOST_DIGITS}}}", count):
            detail = f"expected {expected}, in {_MOST_DIGITS} digits at most, got {line[:_SHOWN]!r}"
            raise InvalidInput(f"{path}, line {number}: {detail}")
        yield [word.lower().replace("'", "") for word in found], max(1, int(count))


def build_language(
    counts: Mapping[str, int], pairs: Mapping[tuple[str, str], int] = MappingProxyType({})
) -> dict[str, NDArray[Any]]:
    """Return the arrays of a language, as `app.ocr.Language.from_card` takes them.

    Parameters
    ----------
    counts : by word, at least one, of the letters from a to z, how often it occurs; at least 1
    pairs : by two words of `counts`, how often the second follows the first
    """
    words = sorted(counts, key=lambda word: (len(word), word))
    weights = np.array([counts[word] for word in words], np.float64) ** _TEMPER
    weights /= weights.sum()
    lengths = np.bincount([len(word) for word in words])
    by_length = np.split(np.array(words), np.cumsum(lengths)[:-1])
    letters = [
        np.array([[LETTERS.index(char) for char in word] for word in some.tolist()], np.uint8).T.reshape(-1)
        for some in by_length
    ]
    arrays: dict[str, NDArray[Any]] = {
        "log_next": np.log(_followers(words, weights)).astype(np.float16),
        "letters": np.concatenate(letters),
        "lengths": lengths.astype(np.int32),
        "log_p": np.log(weights).astype(np.float16),
    }
    return arrays | _pairs(words, counts, pairs)


def _pairs(
    words: list[str], counts: Mapping[str, int], pairs: Mapping[tuple[str, str], int]
) -> dict[str, NDArray[Any]]:
    """Return how many words follow each of W, (W,), and which, and how likely, (P,)."""
    number = {word: place for place, word in enumerate(words)}
    known = sorted((number[v], number[w], count) for (v, w), count in pairs.items())
    firsts, seconds, times = np.array(known, np.int64).reshape(-1, 3).T
    followed = np.bincount(firsts, times, len(words))  # how often by any word of the list
    seen = np.array([counts[word] for word in words], np.float64)
    scale = max(1.0, np.quantile((followed / seen)[followed > 0], _NOT_ALWAYS)) if len(known) else 1.0
    always = np.maximum(scale * seen, followed)
    return {
        "follower_counts": np.bincount(firsts, minlength=len(words)).astype(np.int32),
        "followers": seconds.astype(np.int32),
        "log_follows": np.log(times / always[firsts]).astype(np.float16),
    }


def describe_language(
    counts: Mapping[str, int],
    pairs: Mapping[tuple[str, str], int],
    files: Sequence[Path],
    *,
    source: str,
    licence: str,
    attribution: str,
) -> dict[str, Any]:
    """Return the card of the language that is built of one list or two.

    Parameters
    ----------
    counts, pairs : as of `build_language`
    files : the list of words, and that of pairs if there is one; their digest goes into the card
    source, licence, attribution : of the words
    """
    digest = hashlib.sha256(b"".join(path.read_bytes() for path in files))
    following = ", and which words follow" if pairs else ""
    return {
        "description": f"Tells which letters make a word{following}: decides between look-alikes.",
        "licence": licence,  # the counts are the words', ours is only the program
        "architecture": {"name": LANGUAGE_ARCHITECTURE, "order": ORDER},
        "alphabet": LETTERS,
        "hyper_parameters": {"temper": _TEMPER, "new_followers": _NEW_FOLLOWERS},
        "data": {
            "name": ", ".join(path.name for path in files),
            "source": source,
            "licence": licence,
            "attribution": attribution,
            "fingerprint": f"sha256:{digest.hexdigest()}",
            "words": len(counts),
            **({"pairs": len(pairs)} if pairs else {}),
        },
        "metrics": {"valid": {"bits_a_letter": _bits_a_letter(counts)}},
    }


def _bits_a_letter(counts: Mapping[str, int]) -> float:
    """Return the cross-entropy of held-out words, in bits a letter, their ends counted as letters; all words alike."""
    words = sorted(counts)
    kept_out = words[::_HELD_OUT]
    known = sorted(set(words) - set(kept_out)) or words
    p_next = _followers(known, np.array([counts[word] for word in known], np.float64) ** _TEMPER)
    places = np.concatenate([_places(word) for word in kept_out])
    return float(-np.log2(p_next.reshape(-1)[places]).mean())


def _followers(words: list[str], weights: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return an array with `ORDER` axes of 27: the probability of each letter (last axis) after those before it."""
    spelt = [_places(word) for word in words]
    places = np.concatenate(spelt)
    weight = np.repeat(weights, [len(one) for one in spelt])
    size = len(LETTERS)
    p_next = np.full(size, 1 / size)
    for order in range(1, ORDER + 1):
        seen = np.bincount(places % size**order, minlength=size**order).reshape([size] * order)
        mass = np.bincount(places % size**order, weight, size**order).reshape([size] * order)
        total = seen.sum(axis=-1, keepdims=True)
        trust = total / np.maximum(total + _NEW_FOLLOWERS * (seen > 0).sum(axis=-1, keepdims=True), 1)
        share = np.divide(mass, mass.sum(axis=-1, keepdims=True), out=np.zeros_like(mass), where=total > 0)
        p_next = trust * share + (1 - trust) * p_next
    return p_next


def _places(word: str) -> NDArray[np.intp]:
    """Return (n + 1,), the index in the flat table of `_followers` for each letter of a word, and for its end."""
    spelt = np.array([NO_LETTER] * (ORDER - 1) + [LETTERS.index(char) for char in word] + [NO_LETTER])
    windows = np.lib.stride_tricks.sliding_window_view(spelt, ORDER)
    return np.asarray(windows @ len(LETTERS) ** np.arange(ORDER - 1, -1, -1))
