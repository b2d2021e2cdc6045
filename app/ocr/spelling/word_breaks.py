"""Weighs the spaces of a row by the words that they make: ``bl ack`` becomes black, and ``runout`` run out."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from app.ocr.spelling.prefix_scorer import PrefixScorer, PrefixState

_LONGEST = 32  # letters that are looked at on either side of a break; hardly any word is longer
_SURE = 0.002  # a break is in question if it and its absence are likelier than this, as in `app.ocr.priors.words`


def weigh_breaks(
    text: Sequence[int], space: int, p_space: NDArray[np.float64], scorer: PrefixScorer
) -> NDArray[np.float64]:
    """Return the probability of a space after each character but the last, (S - 1,), given the words beside it.

    Bayes' rule is applied to one break at a time; all others are as in the text. The odds of a space are multiplied by
    how much likelier the language finds the two words than the one that they make together.

    Parameters
    ----------
    text : classes of the row's characters, spaces included
    space : the class of a space
    p_space : (S - 1,), what the network says, for the S characters that are not spaces
    """
    doubtful = np.flatnonzero((p_space > _SURE) & (p_space < 1 - _SURE)).tolist()
    if not doubtful:
        return p_space
    is_space = np.asarray(text) == space
    chars = [label for label in text if label != space]
    words = np.cumsum(is_space)[~is_space]  # (S,), the number of the word that each character is in, ascending
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
