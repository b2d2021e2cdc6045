from __future__ import annotations

import numpy as np
import pytest

from app.nn import BLANK, ctc_loss, log_softmax
from app.ocr import Alphabet
from app.ocr.beam_search import beam_search
from app.ocr.fluency import Fluency
from tests.ocr.all_paths import all_texts


def _row(*columns):
    """Log-probabilities (T, K) of columns, each given as the classes that have a chance."""
    p = np.zeros((len(columns), 4))
    for row, chances in zip(p, columns, strict=True):
        for label, chance in chances.items():
            row[label] = chance
    with np.errstate(divide="ignore"):
        return np.log(p)


@pytest.mark.parametrize("columns, classes, sharpness", [(1, 3, 1), (4, 3, 1), (6, 2, 2), (5, 4, 2), (6, 3, 5)])
def test_an_unlimited_beam_finds_every_text_with_its_probability(columns, classes, sharpness, rng):
    log_p = log_softmax(sharpness * rng.normal(size=(columns, classes)))
    expected = all_texts(np.exp(log_p))
    found = beam_search(log_p, 10**6, most=10**6, least=0)
    assert {text: pytest.approx(np.exp(value)) for text, value in found} == {
        text: p for text, p in expected.items() if p > 0
    }
    assert [value for _, value in found] == sorted((value for _, value in found), reverse=True)
    assert sum(np.exp(value) for _, value in found) == pytest.approx(1)


def test_paths_of_one_text_count_together():
    """The best guess at each column is a blank, twice; but all paths with an A make it the likelier text."""
    assert beam_search(_row({BLANK: 0.6, 1: 0.4}, {BLANK: 0.6, 1: 0.4}), 4) == [((1,), pytest.approx(np.log(0.64)))]


@pytest.mark.parametrize("between, text", [({BLANK: 1.0}, (1, 1)), ({1: 1.0}, (1,)), ({2: 1.0}, (1, 2, 1))])
def test_a_character_repeats_only_after_something_else(between, text):
    assert beam_search(_row({1: 1.0}, between, {1: 1.0}), 4) == [(text, pytest.approx(0))]


@pytest.mark.parametrize("columns", [1, 3])
def test_a_row_without_writing_is_no_text(columns):
    assert beam_search(_row(*[{BLANK: 0.9995, 1: 0.0005}] * columns), 4) == [
        ((), pytest.approx(columns * np.log(0.9995)))
    ]


def test_parts_between_certain_blanks_that_spell_the_same_together_are_one_text():
    """A then nothing and nothing then A are both A."""
    doubt = {BLANK: 0.5, 1: 0.5}
    found = beam_search(_row(doubt, {BLANK: 1.0}, doubt), 8, most=8)
    assert dict(found) == {
        (1,): pytest.approx(np.log(0.5)),
        (1, 1): pytest.approx(np.log(0.25)),
        (): pytest.approx(np.log(0.25)),
    }


def test_the_best_texts_of_a_long_row_are_found_with_their_probability(rng):
    """300 columns, a clear character every sixth, and three of them in doubt: 8 texts that are known."""
    text = rng.integers(1, 90, 50)
    p = np.full((300, 91), 1e-7)
    p[:, BLANK] = 1
    p[3::6, BLANK] = 1e-4
    p[np.arange(3, 300, 6), text] = 1
    for character in (5, 20, 35):
        p[3 + 6 * character, 90] = 0.2 + character / 100
    log_p = log_softmax(np.log(p).astype(np.float32))
    found = beam_search(log_p, 16, most=8)
    assert found[0][0] == tuple(text)
    assert len({text for text, _ in found}) == 8
    assert all(sum(a != b for a, b in zip(other, text, strict=True)) <= 3 for other, _ in found)
    for other, value in found:
        exact = -ctc_loss(log_p[None].astype(np.float64), np.array([300]), np.array([other]), np.array([50]))[0]
        assert exact - 0.02 < value <= exact + 1e-6


def test_a_narrow_beam_never_claims_more_than_there_is(rng):
    for _ in range(20):
        log_p = log_softmax(2 * rng.normal(size=(6, 3)))
        exact = all_texts(np.exp(log_p))
        for text, value in beam_search(log_p, 3, most=3, least=0.05):
            assert np.exp(value) <= exact[text] * (1 + 1e-12)


def test_what_is_impossible_is_not_read(rng):
    log_p = log_softmax(rng.normal(size=(5, 4)))
    log_p[:, 2] = -np.inf
    assert all(2 not in text for text, _ in beam_search(log_p, 10**6, most=10**6, least=0))


# With a language


WORDS = Alphabet(" abdilmnrtx7")


def _seen(*columns):
    """Log-probabilities of columns, each the characters that have a chance, ``_`` for none."""
    p = np.full((len(columns), len(WORDS) + 1), 1e-9)
    for row, chances in zip(p, columns, strict=True):
        for char, chance in chances.items():
            row[BLANK if char == "_" else 1 + WORDS.chars.index(char)] = chance
    return np.log(p / p.sum(axis=1, keepdims=True))


def _text(found):
    return "".join(WORDS.chars[label - 1] for label in found[0][0])


def _may_be_m(*after):
    """The letters b and a, then r and n or an m, which is a little likelier."""
    return _seen({"b": 1}, {"_": 1}, {"a": 1}, {"_": 1}, {"r": 0.45, "m": 0.55}, {"n": 0.45, "m": 0.55}, *after)


def test_a_language_decides_how_many_letters_there_are(english):
    log_p = _may_be_m()
    assert _text(beam_search(log_p, 8)) == "bam"
    assert _text(beam_search(log_p, 8, fluency=Fluency(english, WORDS))) == "barn"


def test_the_probability_of_a_text_is_the_network_s_with_a_language_too(english):
    log_p = _may_be_m()
    alone = dict(beam_search(log_p, 8, most=8))
    for text, value in beam_search(log_p, 8, most=8, fluency=Fluency(english, WORDS)):
        assert value == pytest.approx(alone[text])


def test_a_language_makes_no_word_of_what_is_clear(english):
    log_p = _seen({"t": 0.99, "l": 0.01}, {"_": 1}, {"i": 1}, {"_": 1}, {"x": 0.995, "l": 0.005}, {"_": 1}, {"7": 1})
    assert _text(beam_search(log_p, 8, fluency=Fluency(english, WORDS))) == "tix7"


def test_a_row_without_writing_is_no_text_with_a_language_too(english):
    assert beam_search(_seen({"_": 1}), 8, fluency=Fluency(english, WORDS)) == [((), pytest.approx(0, abs=1e-6))]


def test_a_language_has_its_say_at_the_end_of_the_longest_row(english):
    word = [{char: 1} for char in "barn "]
    log_p = _seen(*word * 400, {"b": 1}, {"a": 1}, {"r": 1}, {"n": 0.45, "m": 0.55})
    assert _text(beam_search(log_p, 8, fluency=Fluency(english, WORDS))) == "barn " * 400 + "barn"


def test_a_word_without_end_is_text_as_any(english):
    log_p = _seen(*[{char: 1} for char in "barn"] * 400)
    assert _text(beam_search(log_p, 8, fluency=Fluency(english, WORDS))) == "barn" * 400
