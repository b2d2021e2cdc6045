"""How much the beginning of a row reads like a language."""

from __future__ import annotations

from math import exp

import pytest

from app.ocr import Alphabet
from app.ocr.priors.date_forms import DATED
from app.ocr.priors.language import OF_LANGUAGE
from app.ocr.spelling.prefix_scorer import PrefixScorer, PrefixState

ALPHABET = Alphabet(" abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789,./-:(")


@pytest.fixture(scope="module")
def scorer(english):
    return PrefixScorer(english, ALPHABET)


def _classes(text):
    return (1 + ALPHABET.encode(text)).tolist()


def _gain(scorer, text):
    return exp(scorer.log_gain(scorer.extend(PrefixState(), _classes(text)), ended=True))


@pytest.mark.parametrize("text", ["hello", "HELLO", "the road", "milk,silk"])
def test_words_of_the_language_gain(scorer, text):
    assert _gain(scorer, text) > 10


@pytest.mark.parametrize("text", ["hx", "A1B2C3", "0131 496", "qvxkj zzz", ""])
def test_whatever_is_none_loses_no_more_than_that_it_might_have_been(scorer, text):
    least = (1 - OF_LANGUAGE) * (1 - DATED)
    assert least ** len(text.split()) <= _gain(scorer, text) + 1e-12
    assert _gain(scorer, text) <= 1


def test_the_end_of_a_row_is_that_of_a_word(scorer):
    assert _gain(scorer, "milk") == pytest.approx(_gain(scorer, "milk "))
    assert _gain(scorer, "mil") < _gain(scorer, "milk")


def test_a_word_of_the_list_gains_more_than_one_that_is_only_spelt_like_them(scorer):
    assert _gain(scorer, "world") > 3 * _gain(scorer, "worold")


def test_letters_with_a_digit_among_them_are_no_word_of_the_list(scorer):
    assert _gain(scorer, "wor1ld") < 2 < _gain(scorer, "world")


def test_a_beginning_counts_for_the_words_that_go_on_so(scorer):
    begun, astray = (scorer.log_gain(scorer.extend(PrefixState(), _classes(text))) for text in ("worl", "worr"))
    assert begun > astray + 1


def test_it_is_the_same_at_once_and_bit_by_bit(scorer):
    state = PrefixState()
    for label in _classes("Hello w0rld, the list"):
        state = scorer.extend(state, [label])
    assert state == pytest.approx(scorer.extend(PrefixState(), _classes("Hello w0rld, the list")))


@pytest.mark.parametrize(
    "texts, alike",
    [
        (("milk th", "malk th"), True),  # only what is done differs
        (("hello th", "hello ti"), False),
        (("hello", "hello "), False),
        (("hello", "qxllo"), False),  # which no word of the language begins with
        (("hello th", "HELLO TH"), True),
        (("12 ", "17 "), True),
        (("milk th", "silk th"), True),  # after which anything may come
        (("hello th", "the th"), False),
        (("hello, th", "the, th"), True),
        (("12/", "17/"), False),  # it may become a date
    ],
)
def test_prefixes_are_recombined_if_they_differ_only_by_what_is_done(scorer, texts, alike):
    one, other = (scorer.extend(PrefixState(), _classes(text)).recombination_key for text in texts)
    assert (one == other) == alike


@pytest.mark.parametrize("text", ["milk world", "hello,world", "hello, world", "hell0 world", "world hello"])
def test_words_count_one_by_one(text, scorer):
    one, other = text.replace(",", " ").split()
    assert _gain(scorer, text) == pytest.approx(_gain(scorer, one) * _gain(scorer, other))


def test_words_that_follow_one_another_count_more(scorer):
    assert _gain(scorer, "hello world") > 2 * _gain(scorer, "hello") * _gain(scorer, "world")
    assert _gain(scorer, "hello  HELLO WORLD") > 2 * _gain(scorer, "hello") ** 2 * _gain(scorer, "world")


def test_what_follows_counts_from_its_first_letter_on(scorer):
    def likelier(one, other):
        begun, astray = (scorer.log_gain(scorer.extend(PrefixState(), _classes(text))) for text in (one, other))
        return begun - astray

    assert likelier("the r", "the h") > likelier("milk r", "milk h") + 0.3


def test_spaces_alone_gain_nothing(scorer):
    assert _gain(scorer, "  , ") == 1


@pytest.mark.parametrize("text", ["28.10.25", "(04/05/2015,", "17:26 ", "2015-05-04.", "hello 2015-05-04", "on:17:26"])
def test_dates_gain(scorer, text):
    figures = scorer.extend(PrefixState(), _classes(text))
    assert scorer.log_gain(figures, ended=True) > 2


@pytest.mark.parametrize("text", ["A28.10.25", "28.10.25b", "28.10.251", "-.-"])
def test_what_only_has_a_date_in_it_does_not(scorer, text):
    assert _gain(scorer, text) <= 1


def test_a_date_counts_from_its_beginning(scorer):
    begun, other = (scorer.extend(PrefixState(), _classes(text)) for text in ("04/05/2", "0410512"))
    assert scorer.log_gain(begun) > scorer.log_gain(other) + 2
