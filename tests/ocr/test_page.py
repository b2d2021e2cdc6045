from __future__ import annotations

from dataclasses import FrozenInstanceError

import pytest

from app.ocr import Break, Glyph, Page, Row, Word
from app.vision import Box

INSIDE, SPACE, END = Break("none", 2.0, 0.1), Break("space", 20.0, 0.9), Break("row", 0.0, 1.0)


def _glyph(char, left, confidence=0.5, after=INSIDE, top=10):
    return Glyph(char, confidence, Box(top, left, 30, left + 8), after)


A_WORD = Word((_glyph("T", 0, 0.9), _glyph("O", 10, 0.4, SPACE)))
LAST = Word((_glyph("d", 40, 0.8), _glyph("o", 50, 0.1, END, top=18)))
PAGE = Page(100, 60, 0.0, (Row((A_WORD, LAST)), Row((Word((_glyph("!", 0, 1.0, END),)),))))


def test_text_has_spaces_between_words_and_line_feeds_between_rows():
    assert [word.text for word in PAGE.rows[0].words] == ["TO", "do"]
    assert PAGE.rows[0].text == "TO do"
    assert PAGE.text == "TO do\n!"


def test_a_page_without_rows_has_no_text():
    assert Page(100, 60, 0.0, ()).text == ""


def test_a_box_holds_all_boxes_inside():
    assert LAST.box == Box(10, 40, 30, 58)
    assert PAGE.rows[0].box == Box(10, 0, 30, 58)


def test_confidence_is_the_geometric_mean_of_the_glyphs():
    assert A_WORD.confidence == pytest.approx(0.6)
    assert PAGE.rows[0].confidence == pytest.approx((0.9 * 0.4 * 0.8 * 0.1) ** 0.25)
    assert Word((_glyph("x", 0, 0.0), _glyph("y", 0))).confidence == 0.0


def test_confidence_does_not_depend_on_how_long_a_row_is():
    row = Row((Word((_glyph("x", 0, 0.05),) * 300),))
    assert row.confidence == pytest.approx(0.05)


def test_what_was_read_cannot_be_changed():
    with pytest.raises(FrozenInstanceError):
        PAGE.width = 5
