"""What kind a glyph is by the company it keeps, computed by hand."""

from __future__ import annotations

import numpy as np
import pytest

from app.ocr import Alphabet
from app.ocr.priors.kind import KindPrior
from app.ocr.priors.page_rows import PageRows

ALPHABET = Alphabet("017ABOo.!|")
KIND = KindPrior(ALPHABET)


def _sure(text):
    return np.eye(len(ALPHABET))[ALPHABET.encode(text)]


def _log_p(rows, p, words, imagined=None):
    return KIND.log_p(p, p, np.array(words), rows, KIND.evenly(rows) if imagined is None else imagined)


def test_a_ring_between_two_digits_is_fourteen_times_as_likely_a_zero_as_an_o():
    p = _sure("1O7")
    p[1, ALPHABET.encode("0O")] = 0.5
    ring = np.exp(_log_p(PageRows.of(["1O7"]), p, [0, 0, 0])[1])
    # Both neighbours are digits and count 2; of each of three kinds 0.3 are imagined: 4.3, 0.3 and 0.3 of 4.9.
    zero, capital, small, stop = ring[ALPHABET.encode("0Oo.")]
    assert zero == pytest.approx(4.3 / 4.9)
    assert capital == pytest.approx(0.3 / 4.9)
    assert small == pytest.approx(0.3 / 4.9)
    assert stop == pytest.approx(0.5 * 4.3 / 4.9)  # half as likely as the likeliest kind
    assert zero / capital == pytest.approx(14, abs=0.5)


def test_other_words_of_the_row_count_an_eighth_of_a_neighbour():
    ring = np.exp(_log_p(PageRows.of(["1071"]), _sure("1071"), [0, 0, 1, 1])[0])
    # Of digits 2 beside it, 2 * 0.25 in the next word, and 0.3 imagined; of capitals and small letters 0.3 each.
    assert ring[ALPHABET.encode("0")[0]] == pytest.approx(2.8 / 3.4)


def test_a_word_has_imagined_glyphs_of_the_kinds_that_the_other_rows_have():
    rows = PageRows.of(["107", "AB"])
    # Three of each kind are imagined there: beside 107 are 3, 3 + 2 and 3, of 11; beside AB are 3 + 3, 3 and 3, of 12.
    expected = 0.9 * np.array([[3 / 11, 5 / 11, 3 / 11], [6 / 12, 3 / 12, 3 / 12]])
    np.testing.assert_allclose(KIND.by_page(_sure("107AB"), rows), expected)


def test_exclamation_marks_are_less_likely_than_full_stops_and_more_so_than_bars():
    of_full_stop, of_exclamation_mark, of_bar = KIND.log_marks[ALPHABET.encode(".!|")]
    assert of_full_stop > of_exclamation_mark > of_bar
