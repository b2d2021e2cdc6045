"""Where words end by the words themselves."""

from __future__ import annotations

import numpy as np
import pytest

from app.ocr import Alphabet
from app.ocr.spelling.prefix_scorer import PrefixScorer
from app.ocr.spelling.word_breaks import weigh_breaks

ALPHABET = Alphabet(" abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789.")
SPACE = 1


@pytest.fixture(scope="module")
def scorer(english):
    return PrefixScorer(english, ALPHABET)


def _weighed(text, scorer, doubt):
    """Weigh the breaks of a text that are as likely as not as `doubt` tells, all others being as the text has them."""
    chars = text.replace(" ", "")
    starts = np.cumsum([len(word) for word in text.split(" ")])[:-1] - 1
    p_space = np.zeros(len(chars) - 1)
    p_space[starts] = 1.0
    p_space[list(doubt)] = list(doubt.values())
    return weigh_breaks((1 + ALPHABET.encode(text)).tolist(), SPACE, p_space, scorer), p_space


@pytest.mark.parametrize("text, place", [("the wo rld list", 4), ("the world list", 4), ("WO RLD", 1)])
def test_a_break_within_a_word_goes(text, place, scorer):
    assert _weighed(text, scorer, {place: 0.8})[0][place] < 0.1


@pytest.mark.parametrize("text, place", [("the worldlist of", 7), ("the world list of", 7)])
def test_a_break_between_two_words_comes(text, place, scorer):
    assert _weighed(text, scorer, {place: 0.2})[0][place] > 0.9


def test_a_break_is_judged_by_the_words_beside_it_only(scorer):
    alone, among = (_weighed(text, scorer, {1: 0.5})[0][1] for text in ("worldq", "worldq xzq 17"))
    assert alone == pytest.approx(among)


@pytest.mark.parametrize("text", ["A1B2C3", "KX7 4Q", "0131 496"])
def test_codes_and_numbers_stay_as_they_look(text, scorer):
    weighed, p_space = _weighed(text, scorer, {2: 0.4})
    assert weighed == pytest.approx(p_space, abs=0.1)


def test_what_is_sure_is_not_put_in_question(scorer):
    weighed, p_space = _weighed("wo rld", scorer, {0: 0.001, 1: 0.999})
    assert weighed.tolist() == p_space.tolist()


def test_a_row_of_one_character_has_no_break(scorer):
    assert weigh_breaks([2], SPACE, np.zeros(0), scorer).tolist() == []


def test_no_more_of_a_row_is_looked_at_than_a_word_has(scorer):
    near, far = (_weighed(f"{'q' * more}world{'q' * more}", scorer, {more + 1: 0.5})[0][more + 1] for more in (40, 400))
    assert near == far
