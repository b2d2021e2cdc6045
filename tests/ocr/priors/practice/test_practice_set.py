"""What the drills of a page say of each other, beyond what each looks like."""

from __future__ import annotations

import numpy as np
import pytest

from app.datasets import char_extents
from app.ocr import Alphabet
from app.ocr.priors.practice.practice_set import PracticeSets, in_turns

ALPHABET = Alphabet("0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz.,()-")
EXTENTS = char_extents(ALPHABET.chars)


def _row(shares, glyphs=8):
    """A drill whose glyphs look like these characters, in such shares, and a little like anything."""
    p = np.full((glyphs, len(ALPHABET)), 1e-4)
    for char, share in shares.items():
        p[:, ALPHABET.chars.index(char)] = share
    return p / p.sum(axis=1, keepdims=True)


def _sets(alphabet=ALPHABET):
    return PracticeSets(alphabet, np.array([EXTENTS[char] for char in alphabet.chars]))


def _heights(written, em=40.0):
    """How high rows of these characters are in one hand, in pixels."""
    return em * np.array([np.ptp(EXTENTS[char]) for char in written])


def _of_rows(rows, heights=None):
    """What the drills are, which are all as high as capitals if nothing else is said."""
    return _sets().of_rows(rows, _heights("H" * len(rows)) if heights is None else heights)


def _read(*rows, heights=None):
    p = _of_rows([_row(shares) for shares in rows], heights)
    return "".join(ALPHABET.chars[best] for best in p.argmax(axis=1))


def test_of_each_row_it_is_a_probability():
    p = _of_rows([_row({"A": 0.9}, 3), _row({"7": 0.5, "1": 0.4}, 5)])
    assert p.shape == (2, len(ALPHABET))
    np.testing.assert_allclose(p.sum(axis=1), 1.0)


@pytest.mark.parametrize(
    "others, likely, meant",
    [
        ("23578", {"(": 0.9, "1": 0.02}, "1"),
        ("2357", {"O": 0.7, "0": 0.3}, "0"),
        ("abehkmr", {"9": 0.7, "g": 0.3}, "g"),
        ("ABEHKMR", {"5": 0.6, "S": 0.4}, "S"),
        ("ABeh2345", {"5": 0.9, "S": 0.1}, "5"),
    ],
)
def test_a_row_is_of_the_set_that_the_others_are_of(others, likely, meant):
    sure = [{char: 0.99} for char in others]
    assert _read(*sure, likely, heights=_heights(others + meant)) == others + meant


@pytest.mark.parametrize("em", [12.0, 90.0])
@pytest.mark.parametrize("text", ["nuvycx", "bxhz", "TxNC", "2vCu", "PQRS"])
def test_the_other_rows_tell_by_their_height_which_is_of_capitals(text, em):
    rows = [{char.upper(): 0.9, char: 0.09} if char in "uvcxz" else {char: 0.99} for char in text]
    assert _read(*rows, heights=_heights(text, em)) == text


def test_a_row_whose_height_would_say_otherwise_is_what_it_clearly_looks_like():
    rows = [{char: 0.99} for char in "nbhA"]
    assert _read(*rows, heights=_heights("nbha")) == "nbhA"


def test_a_row_alone_is_what_it_looks_like_most_unless_that_is_a_mark():
    assert _read({"9": 0.7, "g": 0.3}) == "9"
    assert _read({"(": 0.9, "1": 0.02}) == "1"


def test_a_page_may_be_of_one_character_again_and_again():
    assert _read(*[{"T": 0.9}] * 6, {"J": 0.7, "T": 0.1}) == "T" * 7


@pytest.mark.parametrize("others", ["23", "2357", "2357014689", "AAAAA", "abcdefgh", "AAAARRBB"])
@pytest.mark.parametrize("clear", ["K", "-", "("])
def test_what_looks_like_nothing_else_stays_though_the_set_has_it_not(others, clear):
    p = _of_rows([*[_row({char: 0.99}) for char in others], _row({clear: 0.999})])[-1]
    assert p[ALPHABET.chars.index(clear)] > 0.9


def test_a_glyph_or_two_that_look_like_something_else_do_not_say_what_a_row_is():
    row = _row({"O": 0.6, "0": 0.4}, 8)
    row[:2] = _row({"Q": 0.99}, 2)
    assert ALPHABET.chars[_of_rows([*[_row({char: 0.99}) for char in "ABEHKMR"], row])[-1].argmax()] == "O"


def test_an_allow_list_narrows_the_sets():
    allowed = ALPHABET.mask("ac")
    rows = [_row({"a": 0.99}), _row({"a": 0.99}), _row({"c": 0.9, "a": 0.1})]
    among_all = _of_rows(rows)
    among_two = _of_rows([row * allowed for row in rows])
    assert not among_two[:, ~allowed].any()
    c = ALPHABET.chars.index("c")
    assert among_two[2, c] > 0.5 > among_all[2, c]


def test_many_glyphs_of_a_row_say_no_more_than_few():
    few, many = (_of_rows([_row({"5": 0.9, "S": 0.1}, glyphs)])[0] for glyphs in (3, 30))
    np.testing.assert_allclose(few, many)


def test_an_alphabet_that_lacks_whole_sets_has_the_others():
    digits = _sets(Alphabet("0123456789"))
    p = np.full((4, 10), 0.01)
    p[:, 3] = 0.91
    assert digits.of_rows([p], _heights("3")).argmax() == 3


def test_glyphs_that_lean_to_one_class_are_of_one_and_those_of_two_in_turns_of_both():
    assert in_turns(np.array([[0.6, 0.4]] * 5 + [[0.4, 0.6]])) < 0.5
    assert in_turns(np.array([[0.9, 0.1], [0.1, 0.9]] * 4)) > 0.8
    assert in_turns(np.ones((6, 1))) == 0
