"""Rows in alphabetical order, and those that only look like it."""

from __future__ import annotations

import numpy as np
import pytest

from app.ocr import Alphabet
from app.ocr.priors.page_rows import PageRows
from app.ocr.priors.practice.succession import Succession

ALPHABET = Alphabet("0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz.-")
SUCCESSION = Succession(ALPHABET)


def _seen(text, doubts=()):
    """What the glyphs of a row look like; of `doubts`, each (place, char, p), a part is another character's."""
    p = np.full((len(text), len(ALPHABET)), 1e-4)
    p[np.arange(len(text)), ALPHABET.encode(text)] = 1
    for place, char, share in doubts:
        p[place] *= 1 - share
        p[place, ALPHABET.encode(char)] += share
    return p / p.sum(axis=1, keepdims=True)


def _of_rows(*seen, succession=SUCCESSION):
    page, glyphs = PageRows.of(seen), np.concatenate(seen)
    in_order, expected = succession.of_rows(glyphs, page, np.full(glyphs.shape, 1 / glyphs.shape[1]))
    return in_order, page.split(expected)


def _of_row(seen):
    """As a page by itself."""
    [in_order], [expected] = _of_rows(seen)
    return in_order, expected


def _read(seen):
    together = seen * _of_row(seen)[1]
    return "".join(ALPHABET.chars[index] for index in together.argmax(axis=1))


@pytest.mark.parametrize("text", ["ABCDEFGH", "opqrstuvw", "XYZabcdef", "123456789", "4567890123", "ABCDXEFGH"])
def test_a_row_in_order_is_one_with_a_slip_or_a_new_start_in_it_too(text):
    assert _of_row(_seen(text))[0] > 0.99


@pytest.mark.parametrize(
    "text", ["HI", "DEFY", "NOPE", "1990", "AAAAAAA", "HGFEDCBA", "AaBbCcDd", "2024-12-13", "PRST", "A", "...."]
)
def test_words_numbers_and_other_rows_are_not(text):
    assert _of_row(_seen(text))[0] < 0.05


@pytest.mark.parametrize("place", [0, 3, 7])
def test_a_doubtful_letter_of_an_alphabet_is_the_one_whose_turn_it_is(place):
    text = "ABCDEFGH"
    seen = _seen(text[:place] + "Q" + text[place + 1 :], [(place, text[place], 0.05)])
    assert _read(seen) == text


def test_what_looks_like_nothing_else_stays():
    assert _read(_seen("ABCQEFGH")) == "ABCQEFGH"


def test_a_doubtful_letter_of_an_ordinary_row_stays():
    assert _read(_seen("GARDEQ", [(5, "F", 0.4)])) == "GARDEQ"


def test_what_is_expected_of_a_glyph_does_not_depend_on_itself():
    text = "ABCDEFGH"
    _, expected = _of_row(_seen(text))
    _, otherwise = _of_row(_seen(text[:4] + "7" + text[5:]))
    np.testing.assert_allclose(expected[4], otherwise[4])
    np.testing.assert_allclose(expected.sum(axis=1), 1.0)


def test_long_rows_are_no_surer_than_sure():
    assert _of_row(_seen("ABQXJ" * 150))[0] < 1e-6
    assert _of_row(_seen("ABCDEFGHIJKLMNOPQRSTUVWXYZ" * 30))[0] == pytest.approx(1)


def test_an_alphabet_without_letters_has_an_order_of_what_it_knows():
    digits = Alphabet("0123456789-")
    p = np.full((8, len(digits)), 1e-4)
    p[np.arange(8), digits.encode("12345678")] = 1
    [in_order], _ = _of_rows(p, succession=Succession(digits))
    assert in_order > 0.9


def test_a_short_row_is_one_on_a_page_of_such_rows():
    short, others = _seen("ABCD"), [_seen("FGHIJKLMNO"), _seen("PQRSTUVW")]
    assert _of_row(short)[0] < 0.5
    assert _of_rows(short, *others)[0][0] > 0.99
    assert _of_rows(_seen("HOUSE"), *others)[0][0] < 0.1
