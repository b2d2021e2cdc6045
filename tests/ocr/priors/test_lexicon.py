"""The words of a language in their order."""

from __future__ import annotations

import weakref

import numpy as np
import pytest

from app.ocr import Language
from app.ocr.priors.language import LETTERS
from app.ocr.priors.lexicon import NO_WORD, Followers, Lexicon
from app.training.fitting.language import build_language

COUNTS = {"a": 16, "an": 1, "and": 81, "bee": 1}
PAIRS = {("a", "bee"): 12, ("and", "a"): 20, ("and", "an"): 10}


@pytest.fixture(scope="module")
def lexicon():
    card = {"architecture": {"name": "letters-and-words"}}
    return Language.from_card(card, build_language(COUNTS, PAIRS)).lexicon


def _letters(word):
    return bytes(LETTERS.index(char) for char in word)


def _share(*words):
    weights = {word: count**0.75 for word, count in COUNTS.items()}
    return pytest.approx(
        sum(weights[word] for word in words) / sum(weights.values()), rel=2e-3
    )  # kept in half precision


@pytest.mark.parametrize(
    "prefix, begin, is_word",
    [
        ("", COUNTS, ()),
        ("a", ("a", "an", "and"), ("a",)),
        ("an", ("an", "and"), ("an",)),
        ("and", ("and",), ("and",)),
        ("be", ("bee",), ()),
        ("ab", (), ()),
        ("andy", (), ()),
        ("z", (), ()),
    ],
)
def test_a_prefix_is_as_likely_as_all_words_that_begin_so(prefix, begin, is_word, lexicon):
    assert lexicon.shares(_letters(prefix), NO_WORD) == (_share(*begin), _share(*is_word))


def _after(lexicon, word, after):
    return lexicon.shares(_letters(word), lexicon.number(_letters(after)))


def test_a_word_is_likelier_after_one_that_it_often_follows(lexicon):
    is_word = lexicon.shares(_letters("bee"), NO_WORD)[1]
    assert _after(lexicon, "bee", "a")[1] > 3 * is_word
    assert _after(lexicon, "b", "a")[0] == _after(lexicon, "bee", "a")[1]


def test_other_words_are_as_much_less_likely(lexicon):
    followers, others = _after(lexicon, "bee", "a")[1], _after(lexicon, "a", "a")[0]
    assert followers + others == pytest.approx(1, abs=2e-3)


@pytest.mark.parametrize("after", COUNTS)
def test_all_words_add_up_to_one_after_any(after, lexicon):
    assert _after(lexicon, "", after)[0] == pytest.approx(1, abs=2e-3)
    assert sum(_after(lexicon, word, after)[1] for word in COUNTS) == pytest.approx(1, abs=2e-3)


@pytest.mark.parametrize("word", ["an", "bee", "ab", "zoo", ""])
def test_a_word_that_none_is_known_to_follow_has_no_number(word, lexicon):
    assert lexicon.number(_letters(word)) == NO_WORD


def test_a_lexicon_is_freed_with_its_last_user():
    none_follow = Followers(np.zeros(1, int), np.zeros(0, int), np.zeros(0))
    lexicon = Lexicon({1: np.array([[1]], np.uint8)}, {1: np.zeros(1, np.float32)}, none_follow)
    assert lexicon.shares(b"\x01", NO_WORD) == (1.0, 1.0)
    freed = weakref.ref(lexicon)
    del lexicon
    assert freed() is None
