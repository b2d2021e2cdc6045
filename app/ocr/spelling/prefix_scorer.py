"""How much the prefix of a text reads like a language, letter by letter: shallow fusion for a beam search.

References
----------
Graves, Jaitly (2014), Towards end-to-end speech recognition with recurrent neural networks, section 5.
Gulcehre et al. (2015), On using monolingual corpora in neural machine translation, where shallow fusion has its name.
Ortmanns, Ney, Eiden (1996), Language-model look-ahead for large vocabulary speech recognition: a word counts from its
first letter on, by all words that begin so.
"""

from __future__ import annotations

from collections.abc import Sequence
from math import log
from typing import NamedTuple

from app.ocr.alphabet import Alphabet
from app.ocr.patterns.syntax import SPACE
from app.ocr.priors.date_forms import FIGURES, log_gain
from app.ocr.priors.language import (
    LETTERS,
    LISTED,
    NO_LETTER,
    OF_LANGUAGE,
    ORDER,
    STRANGE_CHARACTER,
    STRANGE_END,
    Language,
    letter_numbers,
)
from app.ocr.priors.lexicon import NO_WORD

_DIGIT_IN_WORD = 1e-3  # as likely, within a word of the language, as a letter
_MOST_ODDS = 1e300  # nothing is surer: a word without end would exceed all numbers
_CONTEXTS = len(LETTERS) ** (ORDER - 1)


class PrefixState(NamedTuple):
    """What a language has to know of a prefix to score it with more behind it.

    Attributes
    ----------
    log_done : how much likelier the words that are complete are with the language than without, in nats
    odds : of the word that is not, spelt as those of the language are, against strange
    context : its last three letters as one number
    is_open : whether there is such a word
    word : its letters; None if no word of the list begins so
    figures : digits and marks that may begin a date; None from a letter to the next mark that no date has
    after : number of the word before a space; `NO_WORD` if there is none, or the language does not know what follows it
    """

    log_done: float = 0.0
    odds: float = 1.0
    context: int = 0
    is_open: bool = False
    word: bytes | None = b""
    figures: str | None = ""
    after: int = NO_WORD

    @property
    def recombination_key(self) -> tuple[float, int, bool, bytes | None, str | None, int]:
        """What decides how likely is whatever comes next: of prefixes with the same, the best one stays the best."""
        return self[1:]


class PrefixScorer:
    """A language for the classes of a row network, of which 0 is the blank and class k + 1 character k."""

    def __init__(self, language: Language, alphabet: Alphabet) -> None:
        self._p_next = language.flat_p_next
        self._lexicon = language.lexicon
        self._letters = [NO_LETTER, *letter_numbers(alphabet).tolist()]
        self._figures = ["", *(char if char in FIGURES else "" for char in alphabet.chars)]
        self._space = alphabet.chars.index(SPACE) + 1
        self._is_digit = [False, *(char.isdigit() for char in alphabet.chars)]

    def extend(self, state: PrefixState, classes: Sequence[int]) -> PrefixState:
        """Return the state of a prefix with some classes behind it."""
        log_done, odds, context, is_open, word, figures, after = state
        for label in classes:
            letter, figure = self._letters[label], self._figures[label]
            if figure and (figures or self._is_digit[label]):
                figures = None if figures is None else figures + figure
            elif letter != NO_LETTER:
                figures = None
            else:
                if figures:
                    log_done += _log_gain_of_figures(figures, ended=True)
                figures = ""
            if letter != NO_LETTER:
                place = context * len(LETTERS) + letter
                odds *= self._p_next[place] / STRANGE_CHARACTER
                if odds > _MOST_ODDS:  # which `min` says in twice the time
                    odds = _MOST_ODDS
                context, is_open = place % _CONTEXTS, True
                word = self._longer(word, letter, after)
            elif self._is_digit[label]:
                odds, context, is_open, word = odds * _DIGIT_IN_WORD, NO_LETTER, True, None
            else:
                if is_open:
                    log_done += self._log_gain_of_word(odds, context, word, after, ended=True)
                if label != self._space:
                    after = NO_WORD
                elif is_open:
                    after = self._lexicon.number(word) if word else NO_WORD
                odds, context, is_open, word = 1.0, NO_LETTER, False, b""
        return PrefixState(log_done, odds, context, is_open, word, figures, after)

    def log_gain(self, state: PrefixState, *, ended: bool = False) -> float:
        """Return by how much a prefix, or with `ended` a whole text, becomes likelier by the language, in nats.

        Hardly less than 0, as words may be strange with a language, too.
        """
        log_done = state.log_done
        if state.figures:
            log_done += _log_gain_of_figures(state.figures, ended=ended)
        if state.is_open:
            log_done += self._log_gain_of_word(state.odds, state.context, state.word, state.after, ended=ended)
        return log_done

    def _longer(self, word: bytes | None, letter: int, after: int) -> bytes | None:
        if word is None:
            return None
        longer = word + letter.to_bytes()
        return longer if self._lexicon.shares(longer, after)[0] else None

    def _log_gain_of_word(self, odds: float, context: int, word: bytes | None, after: int, *, ended: bool) -> float:
        """As `log_gain`, of one word or its beginning: it is in the list, or spelt like those there, or strange.

        How likely a word of the list is depends on the one before it.
        """
        listed = 0.0
        if word:
            begins, is_word = self._lexicon.shares(word, after)
            listed = (is_word / STRANGE_END if ended else begins) / STRANGE_CHARACTER ** len(word)
        if ended:
            odds *= self._p_next[context * len(LETTERS)] / STRANGE_END
        return log(OF_LANGUAGE * (LISTED * listed + (1 - LISTED) * odds) + 1 - OF_LANGUAGE)


def _log_gain_of_figures(figures: str, *, ended: bool) -> float:
    return log_gain(figures.rstrip(".") if ended else figures, ended=ended)  # which ends a sentence
