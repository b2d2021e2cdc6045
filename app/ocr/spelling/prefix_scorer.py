"""How much the prefix of a text reads like a language, letter by letter: shallow fusion for a beam search.

References
----------
Graves, Jaitly (2014), Towards end-to-end speech recognition with recurrent neural networks, section 5.
Gulcehre et al. (2015), On using monolingual corpora in neural machine translation, where shallow fusion has its name.
"""

from __future__ import annotations

from collections.abc import Sequence
from math import log
from typing import NamedTuple

from app.ocr.alphabet import Alphabet
from app.ocr.priors.date_forms import FIGURES, log_gain
from app.ocr.priors.language import (
    LETTERS,
    NO_LETTER,
    OF_LANGUAGE,
    ORDER,
    STRANGE_CHARACTER,
    STRANGE_END,
    Language,
    letter_numbers,
)

_WEIGHT = 0.7  # of the language beside the network
_DIGIT_IN_WORD = 1e-3  # as likely, within a word of the language, as a letter
_MOST_ODDS = 1e300  # nothing is surer: a word without end would exceed all numbers
_CONTEXTS = len(LETTERS) ** (ORDER - 1)


class PrefixState(NamedTuple):
    """What a language has to know of a prefix to score it with more behind it.

    Attributes
    ----------
    log_done : how much likelier the words that are complete are with the language than without, in nats
    odds : of the word that is not, of the language against strange
    context : its last three letters as one number
    is_open : whether there is such a word
    figures : digits and marks that may begin a date; None from a letter to the next mark that no date has
    """

    log_done: float = 0.0
    odds: float = 1.0
    context: int = 0
    is_open: bool = False
    figures: str | None = ""

    @property
    def recombination_key(self) -> tuple[float, int, bool, str | None]:
        """What decides how likely is whatever comes next: of prefixes with the same, the best one stays the best."""
        return self[1:]


class PrefixScorer:
    """A language for the classes of a row network, of which 0 is the blank and class k + 1 character k."""

    def __init__(self, language: Language, alphabet: Alphabet) -> None:
        self._p_next = language.flat_p_next
        self._letters = [NO_LETTER, *letter_numbers(alphabet).tolist()]
        self._figures = ["", *(char if char in FIGURES else "" for char in alphabet.chars)]
        self._is_digit = [False, *(char.isdigit() for char in alphabet.chars)]

    def extend(self, state: PrefixState, classes: Sequence[int]) -> PrefixState:
        """Return the state of a prefix with some classes behind it."""
        log_done, odds, context, is_open, figures = state
        for label in classes:
            letter, figure = self._letters[label], self._figures[label]
            if figure and (figures or self._is_digit[label]):
                figures = None if figures is None else figures + figure
            elif letter != NO_LETTER:
                figures = None
            else:
                log_done += _log_gain_of_figures(figures, ended=True)
                figures = ""
            if letter != NO_LETTER:
                place = context * len(LETTERS) + letter
                odds = min(odds * self._p_next[place] / STRANGE_CHARACTER, _MOST_ODDS)
                context, is_open = place % _CONTEXTS, True
            elif self._is_digit[label]:
                odds, context, is_open = odds * _DIGIT_IN_WORD, NO_LETTER, True
            else:
                if is_open:
                    odds *= self._p_next[context * len(LETTERS)] / STRANGE_END
                    log_done += _log_gain(odds)
                odds, context, is_open = 1.0, NO_LETTER, False
        return PrefixState(log_done, odds, context, is_open, figures)

    def log_gain(self, state: PrefixState, *, ended: bool = False) -> float:
        """Return by how much a prefix, or with `ended` a whole text, becomes likelier by the language, in nats.

        Hardly less than 0, as words may be strange with a language, too.
        """
        log_done = state.log_done + _log_gain_of_figures(state.figures, ended=ended)
        odds = state.odds
        if state.is_open:
            if ended:
                odds *= self._p_next[state.context * len(LETTERS)] / STRANGE_END
            log_done += _log_gain(odds)
        return _WEIGHT * log_done


def _log_gain_of_figures(figures: str | None, *, ended: bool) -> float:
    if not figures:
        return 0.0
    return log_gain(figures.rstrip(".") if ended else figures, ended=ended)  # which ends a sentence


def _log_gain(odds: float) -> float:
    return log(OF_LANGUAGE * odds + 1 - OF_LANGUAGE)
