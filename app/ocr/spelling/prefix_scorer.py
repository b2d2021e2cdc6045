"""Scores prefixes of texts by a language, letter by letter, for the beam search (shallow fusion).

The score of a prefix is its log-gain: by how many nats the language makes it likelier than it would be as a row of
strange characters. A word counts from its first letter on. Its beginning is likely if words of the list begin so, or if
its letters follow each other as in words of the language; or it is strange.

References
----------
Graves, Jaitly (2014), Towards end-to-end speech recognition with recurrent neural networks, section 5.
Gulcehre et al. (2015), On using monolingual corpora in neural machine translation, where shallow fusion has its name.
Ortmanns, Ney, Eiden (1996), Language-model look-ahead for large vocabulary speech recognition, for counting a word from
its first letter on, by all words that begin so.
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

_DIGIT_IN_WORD = 1e-3  # factor on the odds of a word for each digit in it
_MOST_ODDS = 1e300  # the odds of a very long word would overflow
_CONTEXTS = len(LETTERS) ** (ORDER - 1)


class PrefixState(NamedTuple):
    """What a scorer remembers of a prefix, so that it can score any longer one. The default is that of no text.

    Attributes
    ----------
    log_done : log-gain of the complete words and dates, in nats
    odds : how likely the letters of the incomplete word are as a spelling of the language, divided by how likely they
        are as a strange word; 1 without such a word
    context : the last letters of the incomplete word, which predict the next one, as one number
    is_open : whether there is an incomplete word: whether the prefix ends in a letter or a digit
    word : letters of the incomplete word; None if no word of the list begins so
    figures : digits and marks at the end of the prefix with which a date may begin; None from a letter to the next
        character that is neither a letter nor a digit
    after : number of the word before the incomplete one; `NO_WORD` if there is none, or if the language does not know
        what follows it
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
        """All that affects the score of what follows: of prefixes with the same key, the best one remains the best."""
        return self[1:]


class PrefixScorer:
    """Scores prefixes by a language. Class 0 is the blank of a row network, k + 1 is character k of the alphabet."""

    def __init__(self, language: Language, alphabet: Alphabet) -> None:
        self._p_next = language.flat_p_next
        self._lexicon = language.lexicon
        self._letters = [NO_LETTER, *letter_numbers(alphabet).tolist()]
        self._figures = ["", *(char if char in FIGURES else "" for char in alphabet.chars)]
        self._space = alphabet.chars.index(SPACE) + 1
        self._is_digit = [False, *(char.isdigit() for char in alphabet.chars)]

    def extend(self, state: PrefixState, classes: Sequence[int]) -> PrefixState:
        """Return the state of a prefix with further characters behind it."""
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
                if odds > _MOST_ODDS:  # `min` would take twice the time
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
        """Return by how many nats the language makes a prefix likelier.

        It is never far below 0, since the language allows for strange words as well.

        Parameters
        ----------
        ended : whether the text ends here, so that its last word and date are complete
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
        """Return the log-gain of one word, or of its beginning; the parameters are as in `PrefixState`.

        It mixes three explanations: a word of the list, which depends on the word before it; one spelt as those of the
        list are; a strange one.
        """
        listed = 0.0
        if word:
            begins, is_word = self._lexicon.shares(word, after)
            listed = (is_word / STRANGE_END if ended else begins) / STRANGE_CHARACTER ** len(word)
        if ended:
            odds *= self._p_next[context * len(LETTERS)] / STRANGE_END
        return log(OF_LANGUAGE * (LISTED * listed + (1 - LISTED) * odds) + 1 - OF_LANGUAGE)


def _log_gain_of_figures(figures: str, *, ended: bool) -> float:
    return log_gain(figures.rstrip(".") if ended else figures, ended=ended)  # the last stop ends a sentence, not a date
