"""How much the beginning of a row reads like a language, letter by letter: what a beam search is helped by.

References
----------
Graves, Jaitly (2014), Towards end-to-end speech recognition with recurrent neural networks, section 5.
Gulcehre et al. (2015), On using monolingual corpora in neural machine translation, for shallow fusion.
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


class Heard(NamedTuple):
    """What has been written so far.

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
    def ahead(self) -> tuple[float, int, bool, str | None]:
        """What tells how likely will be whatever is written next: all but what is done."""
        return self[1:]


class Fluency:
    """A language for the classes of a row network, of which 0 is the blank and class k + 1 character k."""

    def __init__(self, language: Language, alphabet: Alphabet) -> None:
        self._p_next = language.flat_p_next
        self._letters = [NO_LETTER, *letter_numbers(alphabet).tolist()]
        self._figures = ["", *(char if char in FIGURES else "" for char in alphabet.chars)]
        self._is_digit = [False, *(char.isdigit() for char in alphabet.chars)]

    def hear(self, heard: Heard, classes: Sequence[int]) -> Heard:
        """Return what has been written when more of it is."""
        log_done, odds, context, is_open, figures = heard
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
        return Heard(log_done, odds, context, is_open, figures)

    def log_gain(self, heard: Heard, *, ended: bool = False) -> float:
        """Return by how much a beginning, or with `ended` a whole row, becomes likelier by the language, in nats.

        Hardly less than 0, as words may be strange with a language, too.
        """
        log_done = heard.log_done + _log_gain_of_figures(heard.figures, ended=ended)
        odds = heard.odds
        if heard.is_open:
            if ended:
                odds *= self._p_next[heard.context * len(LETTERS)] / STRANGE_END
            log_done += _log_gain(odds)
        return _WEIGHT * log_done


def _log_gain_of_figures(figures: str | None, *, ended: bool) -> float:
    if not figures:
        return 0.0
    return log_gain(figures.rstrip(".") if ended else figures, ended=ended)  # which ends a sentence


def _log_gain(odds: float) -> float:
    return log(OF_LANGUAGE * odds + 1 - OF_LANGUAGE)
