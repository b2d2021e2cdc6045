"""From lines of glyphs to words: which characters stand alone."""

from __future__ import annotations

import numpy as np
import pytest

from app.datasets import char_extents
from app.ocr import Alphabet, Context
from app.ocr.decode_lines import decode_lines
from app.ocr.line import Line
from app.vision import Box

ALPHABET = Alphabet("".join(map(chr, range(33, 127))))
CONTEXT = Context(ALPHABET, char_extents(ALPHABET.chars))
HEIGHT = 20


def _line(text, gap, p_space=0.2):
    """Write a line with so much white, in heights of it, behind each glyph, and more behind those before a blank.

    Glyphs differ in width, or they would seem to stand in the squares of squared paper.
    """
    chars, boxes, left = text.replace(" ", ""), [], 0
    for char in text:
        if char == " ":
            left += 2 * HEIGHT
            continue
        width = 7 + 5 * ord(char) % 13
        boxes.append(Box(0, left, HEIGHT, left + width))
        left += width + round(gap * HEIGHT)
    p = np.full((len(chars), len(ALPHABET)), 1e-5)
    p[np.arange(len(chars)), ALPHABET.encode(chars)] = 1
    before_blank = np.array([text[place + 1] == " " for place, char in enumerate(text[:-1]) if char != " "])
    return Line(boxes, np.log(p / p.sum(axis=1, keepdims=True)), float(HEIGHT), np.where(before_blank, 0.99, p_space))


def _read(*texts, gap=0.5, **options):
    lines = [_line(text, gap, **options) for text in texts]
    rows = []
    for decoded in decode_lines(lines, 0.0, CONTEXT):
        chars = [ALPHABET.chars[index] for index in decoded.p.argmax(axis=1)]
        spaces = [" " if p > 0.5 else "" for p in decoded.p_space] + [""]
        rows.append("".join(char + space for char, space in zip(chars, spaces, strict=True)))
        assert decoded.words.tolist() == np.cumsum([0, *(space == " " for space in spaces[:-1])]).tolist()
    return rows


def test_characters_of_a_page_of_drills_stand_alone():
    assert _read("AAAAAA", "777777") == ["A A A A A A", "7 7 7 7 7 7"]


def test_so_do_those_of_an_alphabet():
    assert _read("ABCDEFGHIJ", "KLMNOPQRST") == ["A B C D E F G H I J", "K L M N O P Q R S T"]


def test_so_do_those_of_one_that_goes_on_from_row_to_row():
    assert _read("ABCDE", "FGHIJ", "KLMNO", "PQRST") == ["A B C D E", "F G H I J", "K L M N O", "P Q R S T"]


@pytest.mark.parametrize(
    "rows",
    [
        ["ABCDEFGHIJ 123456789", "KLMNOPQRST 123456789"],
        ["ABC DEF GHI", "JKL MNO PQR"],
        ["123 456 789", "123 456 789"],
        ["11111 11111", "22222 22222"],
    ],
)
def test_what_wider_white_parts_from_others_is_a_word(rows):
    assert _read(*rows) == rows


def test_spaces_here_and_there_part_no_groups():
    assert _read("AAAAAA", "BBBBBB", "CCC CCC", "DDDDDD")[2] == "C C C C C C"


def test_low_letters_that_seem_farther_apart_than_high_ones_are_no_groups():
    lines = [_line("aaaaaa", 1.2, p_space=0.9), _line("MMMMMM", 0.5), _line("cccccc", 1.2, p_space=0.9)]
    assert all(decoded.words.tolist() == list(range(6)) for decoded in decode_lines(lines, 0.0, CONTEXT))


def test_a_row_of_one_character_is_no_group():
    assert _read("AAA AAA", "BBB BBB", "B") == ["AAA AAA", "BBB BBB", "B"]


def test_a_dash_has_white_on_both_sides_or_on_neither():
    assert _read("IT IS -NOT", "IT IS +NOT", gap=0.3, p_space=0.4) == ["IT IS - NOT", "IT IS + NOT"]


def test_an_alphabet_written_closely_is_one_word():
    rows = ["ABCDEFGHIJ", "KLMNOPQRST"]
    assert _read(*rows, gap=0.3) == rows
    assert _read("AAAAAA", "777777", gap=0.3) == ["A A A A A A", "7 7 7 7 7 7"]


def test_where_a_pattern_says_what_words_are_nothing_stands_alone():
    lines = [_line("AAAAAA", 0.5), _line("777777", 0.5)]
    for decoded in decode_lines(lines, 0.0, CONTEXT, may_be_practice=False):
        assert decoded.words.tolist() == [0] * 6


def _note_with(*alphabets, gap, spaces):
    """Read a note that ends with rows of an alphabet, a share of whose gaps the row network takes for spaces."""
    lines = [_line(text, 0.05, 0.01) for text in ("WATER THE PLANTS", "BEFORE NOON", "AND RING TWICE")]
    for text in alphabets:
        seen = np.where(np.arange(len(text) - 1) % 5 < 5 * spaces, 0.9, 0.001)
        lines.append(_line(text, gap, seen))
    decoded = decode_lines(lines, 0.0, CONTEXT)[3:]
    return [np.flatnonzero(row.p_space < 0.5).tolist() for row in decoded]


def test_letters_of_an_alphabet_stand_alone_in_a_note_too():
    assert _note_with("ABCDEFG", "HIJKLMN", gap=0.7, spaces=0.6) == [[], []]


def test_what_precedes_an_alphabet_in_its_row_has_its_own_spaces():
    assert _note_with("WALTZABCDEFG", gap=0.7, spaces=0.6) == [[3, 4]]


@pytest.mark.parametrize("alphabet", ["ABCD", "ABDEGH", "123456789"])
def test_what_is_no_alphabet_or_too_short_for_one_has_the_spaces_that_are_seen(alphabet):
    assert _note_with(alphabet, gap=0.7, spaces=0.4)[0]


def test_an_alphabet_without_spaces_is_a_word_in_a_note_too():
    assert _note_with("ABCDEFG", gap=0.7, spaces=0.0) == [[*range(6)]]
    assert _note_with("ABCDEFGHIJK", gap=0.2, spaces=0.6)[0]


@pytest.mark.parametrize(
    "texts",
    [
        ["AAAAAA"],
        ["AAAAAA", "BOILER ROOM", "SECOND FLOOR"],
        ["1000", "2000"],
        ["2000", "3000", "4000"],
        ["50000", "20000"],
        ["100000", "200000"],
        ["1112", "1113", "1114", "1115"],
        ["12345", "23456"],
        ["ABCDE", "ABCDE"],
        ["1234", "5678"],
        ["12345", "67890"],
        ["-----", "....."],
    ],
)
def test_a_page_with_little_practice_has_its_words(texts):
    assert _read(*texts) == texts


def test_drills_whose_characters_touch_stay_together():
    assert _read("AAAAAA", "777777", gap=0.1) == ["AAAAAA", "777777"]
