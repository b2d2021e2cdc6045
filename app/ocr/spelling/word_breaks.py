"""Where the words of a row end by the words themselves: ``bl ack`` is black, and ``runout`` is run out."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from app.ocr.spelling.prefix_scorer import PrefixScorer, PrefixState

_LONGEST = 32  # letters on either side that are looked at; hardly any word is longer
_SURE = 0.002  # as in `app.ocr.priors.words`: a break less likely than this, or as surely there, is not in question


def weigh_breaks(
    text: Sequence[int], space: int, p_space: NDArray[np.float64], scorer: PrefixScorer
) -> NDArray[np.float64]:
    """Return how likely there is a space after each character but the last, in view of the words on both sides of it.

    Each break is put in question alone, all others being as the text has them, by Bayes' rule.

    Parameters
    ----------
    text : classes of the row, its spaces among them
    space : their class
    p_space : (S - 1,) for the S characters that are none, as they look
    """
    doubtful = np.flatnonzero((p_space > _SURE) & (p_space < 1 - _SURE)).tolist()
    if not doubtful:
        return p_space
    is_space = np.asarray(text) == space
    chars = [label for label in text if label != space]
    words = np.cumsum(is_space)[~is_space]  # (S,), the number of the word that each is in, ascending
    log_odds = []
    for place in doubtful:
        first, last = words.searchsorted(words[place]), words.searchsorted(words[place + 1], side="right")
        left, right = chars[max(first, place + 1 - _LONGEST) : place + 1], chars[place + 1 : last][:_LONGEST]
        parted, whole = (scorer.extend(PrefixState(), label) for label in ([*left, space, *right], left + right))
        log_odds.append(scorer.log_gain(parted, ended=True) - scorer.log_gain(whole, ended=True))
    weighed = p_space.copy()
    odds = p_space[doubtful] / (1 - p_space[doubtful]) * np.exp(log_odds)
    weighed[doubtful] = odds / (1 + odds)
    return weighed
