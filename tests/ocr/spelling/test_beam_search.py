from __future__ import annotations

import numpy as np
import pytest

from app.nn import BLANK, ctc_loss, log_softmax
from app.ocr import Alphabet
from app.ocr.spelling.beam_search import beam_search
from app.ocr.spelling.prefix_scorer import PrefixScorer
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
def test_an_unlimited_beam_finds_the_likeliest_text_with_its_probability(columns, classes, sharpness, rng):
    for _ in range(20):
        log_p = log_softmax(sharpness * rng.normal(size=(columns, classes)))
        expected = all_texts(np.exp(log_p))
        text, value = beam_search(log_p, 10**6, least=0)
        assert expected[text] == max(expected.values()) == pytest.approx(np.exp(value))


def test_paths_of_one_text_count_together():
    """The best guess at each column is a blank, twice; but all paths with an A make it the likelier text."""
    assert beam_search(_row({BLANK: 0.6, 1: 0.4}, {BLANK: 0.6, 1: 0.4}), 4) == ((1,), pytest.approx(np.log(0.64)))


@pytest.mark.parametrize("between, text", [({BLANK: 1.0}, (1, 1)), ({1: 1.0}, (1,)), ({2: 1.0}, (1, 2, 1))])
def test_a_character_repeats_only_after_something_else(between, text):
    assert beam_search(_row({1: 1.0}, between, {1: 1.0}), 4) == (text, pytest.approx(0))


@pytest.mark.parametrize("columns", [1, 3])
def test_a_row_without_writing_is_no_text(columns):
    assert beam_search(_row(*[{BLANK: 0.9995, 1: 0.0005}] * columns), 4) == (
        (),
        pytest.approx(columns * np.log(0.9995)),
    )


def test_the_text_of_a_long_row_is_found_with_its_probability(rng):
    """300 columns, a clear character every sixth, and three of them in doubt."""
    text = rng.integers(1, 90, 50)
    p = np.full((300, 91), 1e-7)
    p[:, BLANK] = 1
    p[3::6, BLANK] = 1e-4
    p[np.arange(3, 300, 6), text] = 1
    for character in (5, 20, 35):
        p[3 + 6 * character, 90] = 0.2 + character / 100
    log_p = log_softmax(np.log(p).astype(np.float32))
    found, value = beam_search(log_p, 16)
    assert found == tuple(text)
    exact = -ctc_loss(log_p[None].astype(np.float64), np.array([300]), np.array([found]), np.array([50]))[0]
    assert exact - 0.02 < value <= exact + 1e-6


def test_a_narrow_beam_never_claims_more_than_there_is(rng):
    for _ in range(60):
        log_p = log_softmax(2 * rng.normal(size=(6, 3)))
        text, value = beam_search(log_p, 3, least=0.05)
        assert np.exp(value) <= all_texts(np.exp(log_p))[text] * (1 + 1e-12)


def test_parts_between_certain_blanks_that_spell_the_same_together_count_together():
    """A then nothing and nothing then A are both A, which neither of them alone makes the likeliest text."""
    doubt = {BLANK: 0.55, 1: 0.45}
    assert beam_search(_row(doubt, {BLANK: 1.0}, doubt), 8) == ((1,), pytest.approx(np.log(2 * 0.55 * 0.45)))


@pytest.mark.parametrize("beam_width, least", [(1, 0.0), (8, 0.5)])
def test_what_is_not_worth_it_does_not_go_on(beam_width, least):
    """After two columns an A is likelier than nothing, which it was not after the first."""
    log_p = _row({BLANK: 0.7, 1: 0.3}, {BLANK: 0.5, 1: 0.5})
    assert beam_search(log_p, 8)[0] == (1,)
    assert np.exp(beam_search(log_p, beam_width, least)[1]) < 0.65


def test_what_is_impossible_is_not_read(rng):
    log_p = log_softmax(rng.normal(size=(5, 4)))
    log_p[:, 2] = 5
    log_p = log_softmax(log_p)
    assert 2 in beam_search(log_p, 8)[0]
    log_p[:, 2] = -np.inf
    assert 2 not in beam_search(log_p, 8)[0]


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
    return "".join(WORDS.chars[label - 1] for label in found[0])


def _may_be_m(*after):
    """The letters b and a, then r and n or an m, which is a little likelier."""
    return _seen({"b": 1}, {"_": 1}, {"a": 1}, {"_": 1}, {"r": 0.45, "m": 0.55}, {"n": 0.45, "m": 0.55}, *after)


def test_a_language_decides_how_many_letters_there_are(english):
    log_p = _may_be_m()
    assert _text(beam_search(log_p, 8)) == "bam"
    assert _text(beam_search(log_p, 8, scorer=PrefixScorer(english, WORDS))) == "barn"


def test_the_probability_of_a_text_is_the_network_s_with_a_language_too(english):
    assert np.exp(beam_search(_may_be_m(), 8)[1]) == pytest.approx(0.55**2, rel=1e-6)
    _, log_p = beam_search(_may_be_m(), 8, scorer=PrefixScorer(english, WORDS))
    assert np.exp(log_p) == pytest.approx(0.45**2, rel=1e-6)


def test_a_language_makes_no_word_of_what_is_clear(english):
    log_p = _seen({"t": 0.99, "l": 0.01}, {"_": 1}, {"i": 1}, {"_": 1}, {"x": 0.995, "l": 0.005}, {"_": 1}, {"7": 1})
    assert _text(beam_search(log_p, 8, scorer=PrefixScorer(english, WORDS))) == "tix7"


def test_a_row_without_writing_is_no_text_with_a_language_too(english):
    assert beam_search(_seen({"_": 1}), 8, scorer=PrefixScorer(english, WORDS)) == ((), pytest.approx(0, abs=1e-6))


def test_a_language_has_its_say_at_the_end_of_the_longest_row(english):
    word = [{char: 1} for char in "barn "]
    log_p = _seen(*word * 400, {"b": 1}, {"a": 1}, {"r": 1}, {"n": 0.45, "m": 0.55})
    assert _text(beam_search(log_p, 8, scorer=PrefixScorer(english, WORDS))) == "barn " * 400 + "barn"


def test_a_word_without_end_is_text_as_any(english):
    log_p = _seen(*[{char: 1} for char in "barn"] * 400)
    assert _text(beam_search(log_p, 8, scorer=PrefixScorer(english, WORDS))) == "barn" * 400


def test_doubts_in_words_that_are_done_leave_the_beam_to_the_word_that_is_not(english):
    """Of two beginnings that a beam holds one must be "ba", not "bi" with another reading of the word before."""
    word = [{"b": 1}, {"_": 1}, {"a": 0.1, "i": 0.9}, {"_": 1}, {"r": 1}, {"_": 1}, {"n": 1}]
    log_p = _seen({"d": 0.52, "l": 0.48}, {"_": 1}, {"7": 1}, {" ": 1}, *word)
    assert _text(beam_search(log_p, 2, scorer=PrefixScorer(english, WORDS))) == "d7 barn"


def test_a_word_is_found_whose_letters_run_into_one_another(english):
    """No blank parts them, and at no column is its letter the likeliest."""
    log_p = _seen({"b": 0.4, "d": 0.6}, {"a": 0.4, "i": 0.6}, {"r": 0.4, "l": 0.6}, {"n": 0.4, "t": 0.3, "x": 0.3})
    assert _text(beam_search(log_p, 8)) == "diln"
    assert _text(beam_search(log_p, 3, scorer=PrefixScorer(english, WORDS))) == "barn"


def test_how_a_text_ends_counts(english):
    """As many words begin with "til" as with "till"; but the row is at its end."""
    log_p = _seen({"t": 1}, {"i": 1}, {"l": 1}, {"_": 1}, {"_": 0.7, "l": 0.3})
    assert _text(beam_search(log_p, 8)) == "til"
    assert _text(beam_search(log_p, 8, scorer=PrefixScorer(english, WORDS))) == "till"
