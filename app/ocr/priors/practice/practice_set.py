"""What somebody practises: digits, capitals, small letters, several of these, or one character again and again.

The drills of a sheet tell each other. Among digits what looks like a bracket is a 1, among small letters what looks
like a 9 is a g. A sheet has one of a few sets, and each of its drills is of any character of that; which set it is
follows by Bayes' rule from what all drills look like. The glyphs of one row are by one hand, and where one is mistaken
the others mostly are as well, so that together they say no more than one of them.

All drills of a sheet are written in one size. A row of v is as high as one of n, and lower than one of b; alone, it
looks like V as much as like v.
"""

from __future__ import annotations

from collections.abc import Sequence
from string import ascii_lowercase, ascii_uppercase, digits

import numpy as np
from numpy.typing import NDArray

from app.nn import softmax
from app.ocr.alphabet import Alphabet
from app.ocr.priors.place import log_height_likelihood

PRACTISED_MARK = 1e-3
"""As likely as a letter or a digit, a mark is what somebody practises."""
_SETS = (
    digits,
    ascii_uppercase,
    digits + ascii_uppercase,
    ascii_lowercase,
    ascii_uppercase + ascii_lowercase,
    digits + ascii_uppercase + ascii_lowercase,
)
_OUTSIDE = 1e-3  # of the drills, those of any character although the sheet's set has it not
_MISREAD = 0.02  # of the drills, those that look like anything
_SHOWN = 1e-3  # a class with a smaller share of what a drill's glyphs look like is not what it is
_IN_TURNS = 0.1  # of the drills of a shape, those of several of its classes: C and c


class PracticeSets:
    """The sets that a sheet may have of the K characters of an alphabet.

    Parameters
    ----------
    extents : (K, 2), top and bottom of each class in em, cap line 0 and baseline 1
    """

    def __init__(self, alphabet: Alphabet, extents: NDArray[np.float64]) -> None:
        self._extents = extents
        any_one = np.array([1.0 if char.isalnum() else PRACTISED_MARK for char in alphabet.chars])
        some = np.array([[char in chars for char in alphabet.chars] for chars in _SETS], np.float64)
        self._members = np.concatenate([np.eye(len(alphabet)), some, any_one[None]])
        # One character again and again is as likely as any other set.
        self._weights = np.concatenate([any_one / any_one.sum(), np.ones(len(some) + 1)])

    def of_rows(self, rows: Sequence[NDArray[np.float64]], heights: NDArray[np.float64]) -> NDArray[np.float64]:
        """Return of which class (R, K) the R drills of a page are, as probabilities, in view of each other.

        Parameters
        ----------
        rows : (N, K) for each drill, what its glyphs look like; a class that is 0 for all of a page is impossible
        heights : (R,), how high its glyphs are, in pixels
        """
        shown = np.array([row.mean(axis=0) for row in rows])
        size = shown.shape[1]
        likely = np.exp([np.log((1 - _MISREAD) * size * row + _MISREAD).mean(axis=0) for row in rows])
        likely *= (shown > _SHOWN) | (shown == shown.max(axis=1, keepdims=True))
        members = self._members * shown.any(axis=0)
        known = members.any(axis=1)
        members = members[known] / members[known].sum(axis=1, keepdims=True)
        members = (1 - _OUTSIDE) * members + _OUTSIDE / size
        likely = likely * np.exp(log_height_likelihood(heights, self._extents))  # (E, R, K), for each em
        by_set = likely @ members.T  # (E, R, sets)
        log_p = np.log(self._weights[known]) + np.log(by_set).sum(axis=1)
        sets = softmax(log_p.reshape(1, -1)).reshape(len(log_p), 1, -1)  # each with each em
        return np.asarray((likely * ((sets / by_set) @ members)).sum(axis=0), np.float64)


def in_turns(p: NDArray[np.float64]) -> float:
    """Return how likely the glyphs of a row are of several of the n classes of one shape, such as C and c in turns.

    Parameters
    ----------
    p : (N, n), probability of each class
    """
    classes = p.shape[1]
    if classes == 1:
        return 0.0
    throughout = np.log((1 - _MISREAD) * classes * p + _MISREAD).sum(axis=0)
    of_one = np.logaddexp.reduce(throughout) + np.log((1 - _IN_TURNS) / classes)
    return float(np.exp(np.log(_IN_TURNS) - np.logaddexp(of_one, np.log(_IN_TURNS))))
