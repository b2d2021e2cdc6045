"""What is known of a language, and which models are none."""

from __future__ import annotations

import numpy as np
import pytest

from app.errors import CorruptModel
from app.ocr import LANGUAGE_ARCHITECTURE, LETTERS, NO_LETTER, Alphabet, Language
from app.ocr.priors.language import letter_numbers
from app.training import build_language

CARD = {"architecture": {"name": LANGUAGE_ARCHITECTURE}}
ARRAYS = build_language({"a": 5, "at": 2, "tea": 1, "tee": 1}, {("a", "tea"): 2, ("at", "a"): 1})
PAIRS = ("follower_counts", "followers", "log_follows")


def test_the_words_come_back_by_their_length_with_their_probabilities():
    language = Language.from_card(CARD, ARRAYS)
    words = {
        "".join(LETTERS[letter] for letter in word): p
        for n, letters in language.letters.items()
        for word, p in zip(letters.T, np.exp(language.log_p[n]), strict=True)
    }
    assert words.keys() == {"a", "at", "tea", "tee"}
    assert sum(words.values()) == pytest.approx(1, abs=1e-2)
    assert words["a"] > words["at"] > words["tea"] == words["tee"]


def test_what_may_follow_adds_up_to_one():
    np.testing.assert_allclose(Language.from_card(CARD, ARRAYS).p_next.sum(axis=-1), 1, atol=2e-3)


def test_single_numbers_are_those_of_the_table():
    language = Language.from_card(CARD, ARRAYS)
    t, e, a = (LETTERS.index(char) for char in "tea")
    assert language.flat_p_next[((t * 27 + e) * 27 + a) * 27] == language.p_next[t, e, a, 0]


def test_cases_are_one_letter_and_all_else_is_none():
    assert letter_numbers(Alphabet("aAzZ0-")).tolist() == [1, 1, 26, 26, NO_LETTER, NO_LETTER]


@pytest.mark.parametrize("card", [{}, {"architecture": {"name": "row-resnet"}}])
def test_a_model_of_something_else_is_refused(card):
    with pytest.raises(CorruptModel, match="expected the architecture"):
        Language.from_card(card, ARRAYS)


def test_a_model_that_lacks_an_array_is_refused():
    with pytest.raises(CorruptModel, match="expected an array 'log_p'"):
        Language.from_card(CARD, {name: array for name, array in ARRAYS.items() if name != "log_p"})


def test_a_language_may_know_nothing_of_what_follows():
    words = {name: array for name, array in ARRAYS.items() if name not in PAIRS}
    assert len(Language.from_card(CARD, words).followers.words) == 0


@pytest.mark.parametrize("lacking", PAIRS)
def test_half_of_what_follows_is_refused(lacking):
    with pytest.raises(CorruptModel, match=f"expected an array '{lacking}'"):
        Language.from_card(CARD, {name: array for name, array in ARRAYS.items() if name != lacking})


@pytest.mark.parametrize(
    "name, change",
    [
        ("follower_counts", lambda counts: counts[1:]),
        ("follower_counts", lambda counts: counts + 1),
        ("follower_counts", lambda counts: counts * [-1, 3, 0, 0]),
        ("followers", lambda followers: followers[1:]),
        ("followers", lambda followers: followers + 4),
        ("followers", lambda followers: followers - 9),
        ("log_follows", lambda log_p: log_p[1:]),
    ],
)
def test_pairs_that_do_not_fit_together_are_refused(name, change):
    with pytest.raises(CorruptModel, match="words that follow others"):
        Language.from_card(CARD, {**ARRAYS, name: change(ARRAYS[name])})


def test_pairs_of_fewer_than_none_are_refused():
    none = {name: ARRAYS[name][:0] for name in PAIRS}
    with pytest.raises(CorruptModel, match="words that follow others"):
        Language.from_card(CARD, {**ARRAYS, **none, "follower_counts": np.array([1, -1, 0, 0], np.int32)})


@pytest.mark.parametrize(
    "name, change",
    [
        ("log_next", lambda table: table[1:]),
        ("lengths", lambda lengths: lengths + 1),
        ("letters", lambda letters: letters[:-1]),
        ("letters", lambda letters: letters + 20),
        ("log_p", lambda log_p: log_p[:-1]),
    ],
)
def test_arrays_that_do_not_fit_together_are_refused(name, change):
    with pytest.raises(CorruptModel, match="words of letters"):
        Language.from_card(CARD, {**ARRAYS, name: change(ARRAYS[name])})
