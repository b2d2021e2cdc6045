"""What a language makes of the letters of a word, beside trying every word."""

from __future__ import annotations

from itertools import product

import numpy as np
import pytest

from app.ocr import LETTERS
from app.ocr.priors.word_likelihood import explain_by_list, explain_by_spelling


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
    posterior, log_p = explain_by_list(letters, english)
    expected, log_total = _expected(letters, lambda word: known.get(tuple(map(int, word)), -np.inf))
    np.testing.assert_allclose(posterior, expected, atol=1e-6)
    assert log_p == pytest.approx(log_total, abs=1e-6)


def test_spellings_are_weighed_as_by_trying_each(letters, english):
    def log_p_of(word):
        spelt = [0, 0, 0, *word, 0]
        return sum(np.log(english.p_next[tuple(spelt[at : at + 4])]) for at in range(len(spelt) - 3))

    [posterior], [log_p] = explain_by_spelling([letters], english)
    expected, log_total = _expected(letters, log_p_of)
    np.testing.assert_allclose(posterior, expected, atol=1e-6)
    assert log_p == pytest.approx(log_total, abs=1e-5)


def test_how_a_word_is_spelt_is_weighed_alike_beside_others(letters, english):
    words = [letters[:2], np.vstack([letters, letters[:2]]), letters, letters[:1]]
    posteriors, log_p = explain_by_spelling(words, english)
    for word, posterior, log_p_of_word in zip(words, posteriors, log_p, strict=True):
        [alone], [log_p_alone] = explain_by_spelling([word], english)
        np.testing.assert_array_equal(posterior, alone)
        assert log_p_of_word == log_p_alone


def test_no_listed_word_is_of_an_unknown_length(english):
    posterior, log_p = explain_by_list(np.full((40, len(LETTERS)), 1 / 27), english)
    assert log_p == -np.inf
    assert not posterior.any()
