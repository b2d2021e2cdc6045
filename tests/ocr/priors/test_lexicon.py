"""The words of a language in their order."""

from __future__ import annotations

import weakref

import numpy as np
import pytest

from app.ocr import Language
from app.ocr.priors.language import LETTERS
from app.ocr.priors.lexicon import Lexicon
from app.training.fitting.language import build_language

COUNTS = {"a": 16, "an": 1, "and": 81, "bee": 1}


@pytest.fixture(scope="module")
def lexicon():
    card = {"architecture": {"name": "letters-and-words"}}
    return Language.from_card(card, build_language(COUNTS)).lexicon


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
    assert lexicon.shares(_letters(prefix)) == (_share(*begin), _share(*is_word))


def test_a_lexicon_is_freed_with_its_last_user():
    lexicon = Lexicon({1: np.array([[1]], np.uint8)}, {1: np.zeros(1, np.float32)})
    assert lexicon.shares(b"\x01") == (1.0, 1.0)
    freed = weakref.ref(lexicon)
    del lexicon
    assert freed() is None
