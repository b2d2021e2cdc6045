"""How much the beginning of a row reads like a language."""

from __future__ import annotations

from math import exp

import pytest

from app.ocr import Alphabet
from app.ocr.priors.date_forms import DATED
from app.ocr.priors.language import OF_LANGUAGE
from app.ocr.spelling.fluency import _WEIGHT, Fluency, Heard

ALPHABET = Alphabet(" abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789,./-:(")


@pytest.fixture(scope="module")
def fluency(english):
    return Fluency(english, ALPHABET)


def _classes(text):
    return (1 + ALPHABET.encode(text)).tolist()


def _gain(fluency, text):
    return exp(fluency.log_gain(fluency.hear(Heard(), _classes(text)), ended=True))


@pytest.mark.parametrize("text", ["hello", "HELLO", "the road", "milk,silk"])
def test_words_of_the_language_gain(fluency, text):
    assert _gain(fluency, text) > 10


@pytest.mark.parametrize("text", ["hx", "A1B2C3", "0131 496", "qvxkj zzz", ""])
def test_whatever_is_none_loses_no_more_than_that_it_might_have_been(fluency, text):
    least = (1 - OF_LANGUAGE) * (1 - DATED)
    assert least ** (_WEIGHT * len(text.split())) <= _gain(fluency, text) + 1e-12
    assert _gain(fluency, text) <= 1


def test_the_end_of_a_row_is_that_of_a_word(fluency):
    assert _gain(fluency, "milk") == pytest.approx(_gain(fluency, "milk "))
    assert _gain(fluency, "mil") < _gain(fluency, "milk")


def test_it_is_the_same_heard_at_once_and_bit_by_bit(fluency):
    heard = Heard()
    for label in _classes("Hello w0rld, the list"):
        heard = fluency.hear(heard, [label])
    assert heard == pytest.approx(fluency.hear(Heard(), _classes("Hello w0rld, the list")))


@pytest.mark.parametrize(
    "texts, alike",
    [
        (("hello th", "hallo th"), True),  # only what is done differs
        (("hello th", "hello ti"), False),
        (("hello", "hello "), False),
        (("hello", "qxllo"), False),  # which no word of the language begins with
        (("12 ", "17 "), True),
        (("12/", "17/"), False),  # it may become a date
    ],
)
def test_what_is_ahead_differs_only_by_what_may_go_on(fluency, texts, alike):
    one, other = (fluency.hear(Heard(), _classes(text)).ahead for text in texts)
    assert (one == other) == alike


def test_words_count_one_by_one(fluency):
    assert _gain(fluency, "hello world") == pytest.approx(_gain(fluency, "hello") * _gain(fluency, "world"))


def test_spaces_alone_gain_nothing(fluency):
    assert _gain(fluency, "  , ") == 1


@pytest.mark.parametrize("text", ["28.10.25", "(04/05/2015,", "17:26 ", "2015-05-04.", "hello 2015-05-04", "on:17:26"])
def test_dates_gain(fluency, text):
    figures = fluency.hear(Heard(), _classes(text))
    assert fluency.log_gain(figures, ended=True) > 2


@pytest.mark.parametrize("text", ["A28.10.25", "28.10.25b", "28.10.251", "-.-"])
def test_what_only_has_a_date_in_it_does_not(fluency, text):
    assert _gain(fluency, text) <= 1


def test_a_date_counts_from_its_beginning(fluency):
    begun, other = (fluency.hear(Heard(), _classes(text)) for text in ("04/05/2", "0410512"))
    assert fluency.log_gain(begun) > fluency.log_gain(other) + 2
