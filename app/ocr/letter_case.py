"""Which letters are capitals, by how words are written: small throughout, with a capital first, in capitals, or anyhow.

Of C and c, S and s only the height tells, and that not surely. A word of which one letter is clearly small is hardly
ever a capital in its middle; one that begins a sentence mostly begins with a capital. Which of the four a word is
follows by Bayes' rule from how its letters look, and each letter hears what the others say. How common each is, the
page's other words tell.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

_SLIPS = 0.02  # of letters that are not as their word is written
_DIGIT_IN_SMALL = 0.05  # how likely a digit is in a word of small letters, beside one in capitals
# How many words of each kind are imagined on every page: small or with a capital first, in capitals, anyhow.
_IMAGINED = np.array([1.0, 1.0, 0.1])
# Of words in small letters, those with a capital first: at the start of a sentence, of a row, and elsewhere; and how
# many of each are imagined.
_CAPITALISED = np.array([0.8, 0.4, 0.15])
_IMAGINED_PLACES = 2.0
_ROUNDS = 2  # in which words tell each other how they are written


class Letters(NamedTuple):
    """The M glyphs of a page as far as case is concerned.

    Attributes
    ----------
    looks : (M, 3) how much each looks like a digit, a capital, a small letter; what is left of 1 is punctuation
    starts : (W,) the first glyph of each word, from which marks have been parted
    places : (W, 3) how likely each word is at the start of a sentence, at that of a row, and elsewhere
    """

    looks: NDArray[np.float64]
    starts: NDArray[np.intp]
    places: NDArray[np.float64]


def capital_share(letters: Letters, usual: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return for each glyph (M,) how likely it is a capital, if it is a letter, by what is around it.

    Parameters
    ----------
    usual : (M,) the same for words written anyhow, and for such as have one letter
    """
    looks, starts, places = letters
    lengths = np.diff(np.append(starts, len(looks)))
    word = np.repeat(np.arange(len(starts)), lengths)
    first = np.zeros(len(looks), bool)
    first[starts] = True
    digit, capital, small = looks.T
    mark = np.maximum(1 - looks.sum(axis=1), 0.0)
    in_small = small + mark + _DIGIT_IN_SMALL * digit
    as_written = np.stack([in_small, np.where(first, capital + mark, in_small), capital + mark + digit], axis=1)
    anyhow = usual * capital + (1 - usual) * small + mark + digit
    # Of small, capital first, capitals, anyhow; what each glyph says of its word.
    said = np.log(np.concatenate([(1 - _SLIPS) * as_written, (1 - _SLIPS) * anyhow[:, None]], axis=1) + _SLIPS / 2)
    of_word = np.add.reduceat(said, starts, axis=0)
    counted = (lengths > 1)[:, None]
    kinds = np.zeros_like(of_word)
    for _ in range(_ROUNDS):
        prior = np.log(_prior(kinds * counted, places))
        kinds = _shares(of_word + prior)
    by_others = _shares(of_word[word] - said + prior[word])
    share = by_others @ [0.0, 0.0, 1.0, 0.0] + by_others[:, 1] * first + by_others[:, 3] * usual
    return np.where(lengths[word] > 1, _SLIPS / 2 + (1 - _SLIPS) * share, usual)


def _prior(kinds: NDArray[np.float64], places: NDArray[np.float64]) -> NDArray[np.float64]:
    """Probability (W, 4) of how each word is written, by how (W, 4) the others are."""
    groups = np.stack([kinds[:, 0] + kinds[:, 1], kinds[:, 2], kinds[:, 3]], axis=1)
    group = groups.sum(axis=0) - groups + _IMAGINED
    group /= group.sum(axis=1, keepdims=True)
    capitalised, all_small = places * kinds[:, 1:2], places * groups[:, :1]
    share = (capitalised.sum(axis=0) - capitalised + _IMAGINED_PLACES * _CAPITALISED) / (
        all_small.sum(axis=0) - all_small + _IMAGINED_PLACES
    )
    first = (places * share).sum(axis=1)
    return np.stack([group[:, 0] * (1 - first), group[:, 0] * first, group[:, 1], group[:, 2]], axis=1)


def _shares(log_weights: NDArray[np.float64]) -> NDArray[np.float64]:
    weights = np.exp(log_weights - log_weights.max(axis=1, keepdims=True))
    return np.asarray(weights / weights.sum(axis=1, keepdims=True), np.float64)
