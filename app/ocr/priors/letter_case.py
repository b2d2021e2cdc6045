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

from app.nn import softmax
from app.ocr.alphabet import Alphabet, parting_marks
from app.ocr.priors.page_rows import PageRows

_SLIPS = 0.02  # of letters that are not as their word is written
# However the others are written, a letter may be a capital, as in McDonald or iPhone; it is more seldom small: PhD.
_LEAST_CAPITAL, _LEAST_SMALL = 0.05, 0.01
_DIGITS_IN_SMALL = 0.05  # how likely digits are in a word of small letters, beside one in capitals
# How many words of each way are imagined on every page: small or with a capital first, in capitals, anyhow.
_IMAGINED = np.array([1.0, 1.0, 0.1])
# Of words in small letters, those with a capital first: at the start of a sentence, of a row, and elsewhere; and how
# many of each are imagined.
_CAPITALISED = np.array([0.8, 0.4, 0.15])
_IMAGINED_PLACES = 2.0
_ROUNDS = 2  # in which words tell each other how they are written


class LetterCase:
    """The letters and marks among the K characters of an alphabet.

    Parameters
    ----------
    kinds : (K, 3), see `kinds_of`
    """

    def __init__(self, alphabet: Alphabet, kinds: NDArray[np.bool_]) -> None:
        self._kinds = kinds
        self._parts_words = parting_marks(alphabet)
        self._ends_sentence, self._closes = (
            np.array([char in some for char in alphabet.chars]) for some in (".!?", "\"')")
        )

    def capital_share(
        self,
        p: NDArray[np.float64],
        looks: NDArray[np.float64],
        words: NDArray[np.intp],
        rows: PageRows,
        usual: NDArray[np.float64],
    ) -> NDArray[np.float64]:
        """Return for each glyph (M,) of a page the probability that it is a capital, given that it is a letter.

        Parameters
        ----------
        p, looks, words, rows : see `KindPrior.log_p`
        usual : (M,), as of `capital_share`
        """
        return capital_share(self._letters(p, looks, words, rows), usual)

    def _letters(
        self, p: NDArray[np.float64], looks: NDArray[np.float64], words: NDArray[np.intp], rows: PageRows
    ) -> Letters:
        """Part words at their marks, and find where sentences and rows begin."""
        best = p.argmax(axis=1)
        is_mark, closes = self._parts_words[best], self._closes[best]
        begins = np.append(True, np.diff(words) > 0)
        starts = np.flatnonzero((begins | np.append(False, is_mark[:-1])) & ~is_mark)
        starts = np.union1d(0, starts)
        start_of_word = np.flatnonzero(begins)[words[starts]]
        # A bracket or a quotation mark may stand before a sentence, and behind the end of the one before.
        is_first = (starts == start_of_word) | ((starts == start_of_word + 1) & is_mark[start_of_word])
        end = start_of_word - 1
        # Index -1, before the first word of the page, counts as the end of a sentence.
        ends = np.append(p @ self._ends_sentence, 1.0)[end - (closes[end] & (end > 0))]
        sentence = np.where(is_first, ends, 0.0)
        begins_row = np.isin(np.flatnonzero(begins), rows.starts)
        has_letter = np.bincount(words, self._kinds[best, 1:].any(axis=1)) > 0
        begins_row |= np.append(False, (begins_row & ~has_letter)[:-1])  # what follows a label such as "3:"
        row = np.where(is_first & begins_row[words[starts]], 1 - sentence, 0.0)
        return Letters(looks @ self._kinds, starts, np.stack([sentence, row, 1 - sentence - row], axis=1))


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
    """Return for each glyph (M,) the probability that it is a capital, given that it is a letter, by its surroundings.

    Parameters
    ----------
    usual : (M,) the probability that holds in words of mixed case, and in words of fewer than two letters
    """
    looks, starts, places = letters
    word = np.repeat(np.arange(len(starts)), np.diff(np.append(starts, len(looks))))
    is_first = np.zeros(len(looks), bool)
    is_first[starts] = True
    digit, capital, small = looks.T
    mark = np.maximum(1 - looks.sum(axis=1), 0.0)
    digits = np.maximum(np.add.reduceat(digit, starts), 1.0)
    in_small = small + mark + digit * (_DIGITS_IN_SMALL ** (1 / digits))[word]
    as_written = np.stack([in_small, np.where(is_first, capital + mark, in_small), capital + mark + digit], axis=1)
    anyhow = usual * capital + (1 - usual) * small + mark + digit
    # (M, 4), of each glyph if its word is small, with a capital first, in capitals, anyhow.
    log_likelihood = np.log((1 - _SLIPS) * np.concatenate([as_written, anyhow[:, None]], axis=1) + _SLIPS / 2)
    of_word = np.add.reduceat(log_likelihood, starts, axis=0)
    has_case = np.add.reduceat(capital + small, starts) > 1.5
    ways = np.zeros_like(of_word)
    for _ in range(_ROUNDS):
        prior = np.log(_prior(ways * has_case[:, None], places))
        ways = softmax(of_word + prior)
    by_others = softmax(of_word[word] - log_likelihood + prior[word])
    share = by_others[:, 2] + by_others[:, 1] * is_first + by_others[:, 3] * usual
    return np.where(has_case[word], _LEAST_CAPITAL + (1 - _LEAST_CAPITAL - _LEAST_SMALL) * share, usual)


def _prior(ways: NDArray[np.float64], places: NDArray[np.float64]) -> NDArray[np.float64]:
    """Probability (W, 4) of how each word is written, by how (W, 4) the others are."""
    in_small = ways[:, 0] + ways[:, 1]
    counts = np.stack([in_small, ways[:, 2], ways[:, 3]], axis=1)
    by_page = counts.sum(axis=0) - counts + _IMAGINED
    by_page /= by_page.sum(axis=1, keepdims=True)
    with_capital, of_place = places * ways[:, 1:2], places * in_small[:, None]
    shares = (with_capital.sum(axis=0) - with_capital + _IMAGINED_PLACES * _CAPITALISED) / (
        of_place.sum(axis=0) - of_place + _IMAGINED_PLACES
    )
    share = (places * shares).sum(axis=1)
    return np.stack([by_page[:, 0] * (1 - share), by_page[:, 0] * share, by_page[:, 1], by_page[:, 2]], axis=1)
