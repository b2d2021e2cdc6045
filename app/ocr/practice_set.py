"""What somebody practises: digits, capitals, small letters, several of these, or one character again and again.

The drills of a sheet tell each other. Among digits what looks like a bracket is a 1, among small letters what looks
like a 9 is a g. A sheet has one of a few sets, and each of its drills is of any character of that; which set it is
follows by Bayes' rule from what all drills look like. The glyphs of one row are by one hand, and where one is mistaken
the others mostly are as well, so that together they say no more than one of them.
"""

from __future__ import annotations

from collections.abc import Sequence
from string import ascii_lowercase, ascii_uppercase, digits

import numpy as np
from numpy.typing import NDArray

from app.nn import softmax
from app.ocr.alphabet import Alphabet

_SETS = (
    digits,
    ascii_uppercase,
    digits + ascii_uppercase,
    ascii_lowercase,
    ascii_uppercase + ascii_lowercase,
    digits + ascii_uppercase + ascii_lowercase,
)
_MARK = 1e-3  # as likely as a letter or a digit, a mark is what somebody practises
_OUTSIDE = 1e-3  # of the drills, those of any character although the sheet's set has it not
_MISREAD = 0.02  # of the glyphs, those that look like anything
_IN_TURNS = 0.1  # of the drills of a shape, those of several of its classes: C and c


class PracticeSets:
    """The sets that a sheet may have of the K characters of an alphabet."""

    def __init__(self, alphabet: Alphabet) -> None:
        size = len(alphabet)
        any_one = np.array([1.0 if char.isalnum() else _MARK for char in alphabet.chars])
        some = np.array([[char in chars for char in alphabet.chars] for chars in _SETS], np.float64)
        members = np.concatenate([np.eye(size), some, any_one[None]])
        # One character again and again is as likely as any other set.
        weights = np.concatenate([any_one / any_one.sum(), np.ones(len(some) + 1)])
        known = members.any(axis=1)
        members = members[known] / members[known].sum(axis=1, keepdims=True)
        self._log_members = np.log((1 - _OUTSIDE) * members + _OUTSIDE / size)
        self._log_weights = np.log(weights[known])

    def of_rows(self, rows: Sequence[NDArray[np.float64]]) -> NDArray[np.float64]:
        """Return of which class (R, K) the R drills of a page are, as probabilities, in view of each other.

        Parameters
        ----------
        rows : (N, K) for each drill, what its glyphs look like; a class that is 0 for all of them is impossible
        """
        size = self._log_members.shape[1]
        says = np.array([np.log((1 - _MISREAD) * size * row + _MISREAD).mean(axis=0) for row in rows])
        possible = np.array([row.any(axis=0) for row in rows])
        # Of each row, its set and its class; no set is without possible ones, as each may be left.
        joint = np.exp(says[:, None, :] + self._log_members) * possible[:, None, :]
        by_set = joint.sum(axis=2)
        sets = np.asarray(softmax(self._log_weights + np.log(by_set).sum(axis=0)), np.float64)
        return np.asarray(np.einsum("s,rsk->rk", sets, joint / by_set[:, :, None]), np.float64)


def in_turns(p: NDArray[np.float64]) -> float:
    """Return how likely the glyphs of a row are of several of the n classes of one shape, such as C and c in turns.

    Parameters
    ----------
    p : (N, n), probability of each class
    """
    classes = p.shape[1]
    throughout = np.log((1 - _MISREAD) * classes * p + _MISREAD).sum(axis=0)
    of_one = np.logaddexp.reduce(throughout) + np.log((1 - _IN_TURNS) / classes)
    return float(np.exp(np.log(_IN_TURNS) - np.logaddexp(of_one, np.log(_IN_TURNS))))
