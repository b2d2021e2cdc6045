"""Look-alikes become the letters that make a word, and what is no word stays as it looks."""

from __future__ import annotations

from itertools import product

import numpy as np
import pytest

from app.ocr import LETTERS, Alphabet
from app.ocr.priors.prior import Decoded
from app.ocr.priors.words import WordPrior, _by_list, _by_spelling
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


@pytest.fixture
def letters(rng):
    """Probabilities of four letters, few of which have a chance; what is left of 1 is no letter."""
    p = np.zeros((4, len(LETTERS)))
    for row, chars in zip(p, ("mbt", "iao", "lr", "lnkm"), strict=True):
        row[[LETTERS.index(char) for char in chars]] = rng.uniform(0.1, 0.2, len(chars))
    p[:, 0] = 1 - p.sum(axis=1)
    return p


def _expected(letters, log_p_of):
    """Posterior and probability by trying every word that the letters may be."""
    posterior, total = np.zeros_like(letters), 0.0
    for word in product(*(np.flatnonzero(row[1:]) + 1 for row in letters)):
        p = np.exp(log_p_of(word)) * np.prod(letters[np.arange(len(word)), list(word)])
        posterior[np.arange(len(word)), list(word)] += p
        total += p
    return posterior / total, np.log(total)


def test_listed_words_are_weighed_as_by_trying_each(letters, english):
    known = {tuple(word): p for word, p in zip(english.letters[4].T.tolist(), english.log_p[4], strict=True)}
    posterior, log_p = _by_list(letters, english)
    expected, log_total = _expected(letters, lambda word: known.get(tuple(map(int, word)), -np.inf))
    np.testing.assert_allclose(posterior, expected, atol=1e-6)
    assert log_p == pytest.approx(log_total, abs=1e-6)


def test_spellings_are_weighed_as_by_trying_each(letters, english):
    def log_p_of(word):
        spelt = [0, 0, 0, *word, 0]
        return sum(np.log(english.p_next[tuple(spelt[at : at + 4])]) for at in range(len(spelt) - 3))

    [posterior], [log_p] = _by_spelling([letters], english)
    expected, log_total = _expected(letters, log_p_of)
    np.testing.assert_allclose(posterior, expected, atol=1e-6)
    assert log_p == pytest.approx(log_total, abs=1e-5)


def test_how_a_word_is_spelt_is_weighed_alike_beside_others(letters, english):
    words = [letters[:2], np.vstack([letters, letters[:2]]), letters, letters[:1]]
    posteriors, log_p = _by_spelling(words, english)
    for word, posterior, log_p_of_word in zip(words, posteriors, log_p, strict=True):
        [alone], [log_p_alone] = _by_spelling([word], english)
        np.testing.assert_array_equal(posterior, alone)
        assert log_p_of_word == log_p_alone


def test_no_listed_word_is_of_an_unknown_length(english):
    posterior, log_p = _by_list(np.full((40, len(LETTERS)), 1 / 27), english)
    assert log_p == -np.inf
    assert not posterior.any()
