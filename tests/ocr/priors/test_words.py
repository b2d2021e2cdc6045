"""Look-alikes become the letters that make a word, and what is no word stays as it looks."""

from __future__ import annotations

import numpy as np
import pytest

from app.ocr import Alphabet
from app.ocr.priors.prior import Decoded
from app.ocr.priors.words import WordPrior
from tests.ocr.looks import looks, read

ALPHABET = Alphabet("0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz.,'-!")


@pytest.fixture(scope="module")
def prior(english):
    return WordPrior(english, ALPHABET)


def _looks(text):
    return looks(text, ALPHABET)


def _read(prior, text, words=None):
    return read(prior, text, ALPHABET, words)


@pytest.mark.parametrize(
    "seen, text",
    [
        ("HELL[0O]", "HELLO"),
        ("[hb]ello", "hello"),
        ("MI[1I]K", "MIIK"),
        ("mi[1l]k", "milk"),
        ("RO[HA]D", "ROAD"),
        ("C[O0][OD]E", "CODE"),
    ],
)
def test_a_look_alike_becomes_the_letter_that_makes_a_word(prior, seen, text):
    assert _read(prior, seen) == text


@pytest.mark.parametrize(
    "seen, text",
    [
        ("code[i!]", "code!"),
        ("road[l,]list", "road,list"),
        ("hel[-l]o", "hello"),
        ("mil[k-]", "milk"),
        ("Kof[i!]", "Kofi"),  # no word either way
        ("A[1!]", "A1"),
        ("35[1.]42", "35142"),
        ("INV[-I]2020", "INV-2020"),
        ("www[.i]foo", "www.foo"),
        ("XKR[.i]4711", "XKR.4711"),
    ],
)
def test_what_may_be_a_letter_or_a_mark_is_what_leaves_words(prior, seen, text):
    assert _read(prior, seen) == text


def test_the_case_stays_what_it_looks_like(prior):
    assert _read(prior, "M[il]LK") == "MiLK"


@pytest.mark.parametrize(
    "seen, text",
    [
        ("A[1I]B2C3", "A1B2C3"),
        ("5[5S]-0131", "55-0131"),
        ("[0O]496", "0496"),
        ("HX[0O]", "HX0"),
        ("2[2Z]B7", "22B7"),
        ("[1l]4-08", "14-08"),
    ],
)
def test_codes_and_numbers_stay_as_they_look(prior, seen, text):
    assert _read(prior, seen) == text


@pytest.mark.parametrize("word", ["Zinfindale", "QVXKJ", "Rosalez"])
def test_a_word_that_nobody_knows_survives(prior, word):
    assert _read(prior, word) == word


def test_a_sure_letter_is_no_matter_of_language(prior):
    assert _read(prior, "HELLA") == "HELLA"


def test_a_common_word_is_preferred_to_a_rare_one(prior):
    assert _read(prior, "cod[ae]") == "code"


def test_punctuation_and_spaces_part_words_and_an_apostrophe_does_not(prior):
    assert _read(prior, "[tl]he,ro[ou]d!") == "the,rood!"
    assert _read(prior, "road[1l]ist", words=[4, 4]) == "roadlist"
    assert _read(prior, "do[hn]'t") == "don't"


def test_what_is_not_allowed_stays_impossible(prior):
    p = _looks("HELL[0O]")
    p[:, ALPHABET.encode("O")] = 0
    [weighed] = prior.weigh([Decoded(p / p.sum(axis=1, keepdims=True), np.zeros(4))])
    assert (weighed[:, ALPHABET.encode("O")] == 0).all()
    np.testing.assert_allclose(weighed.sum(axis=1), 1.0)


def test_words_of_digits_alone_stay_what_they_are_where_only_digits_are_allowed(prior):
    p = _looks("1[70]5")
    p[:, ALPHABET.encode(ALPHABET.chars[10:])] = 0
    p /= p.sum(axis=1, keepdims=True)
    [weighed] = prior.weigh([Decoded(p, np.zeros(2))])
    np.testing.assert_allclose(weighed, p)


def test_rows_are_weighed_one_by_one_and_left_as_they_were(prior):
    rows = [Decoded(_looks(text), np.zeros(len(_looks(text)) - 1)) for text in ("HELL[0O]", "7-9", "!", "mi[1l]k")]
    before = [row.p.copy() for row in rows]
    together = prior.weigh(rows)
    for row, p, alone in zip(rows, before, together, strict=True):
        np.testing.assert_array_equal(row[0], p)
        np.testing.assert_allclose(prior.weigh([row])[0], alone)
    assert prior.weigh([]) == []
