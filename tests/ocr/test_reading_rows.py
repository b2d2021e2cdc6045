"""A page read by both networks: the one for rows is told what the page says."""

from __future__ import annotations

from dataclasses import replace
from io import BytesIO

import numpy as np
import pytest
from PIL import Image

from app.datasets.pens.hand import Hand
from app.errors import CorruptModel, InvalidInput
from app.nn import BLANK, log_softmax
from app.ocr import Alphabet, ReadOptions, RowReader, build_network
from tests.conftest import TINY_ROWS
from tests.ocr.conftest import CAPITALS
from tests.vision.conftest import write_page

ALPHABET = Alphabet(" " + CAPITALS.chars)
LINES = ["HELLO WORLD", "OF PRINT"]
PAGE = write_page(LINES, hand=Hand(letter_gap=0.05, word_gap=0.6))


class Told(RowReader):
    """Knows where each character of the page is, and says another text there; of another page it knows nothing."""

    def __init__(self, texts):
        super().__init__(build_network({**TINY_ROWS, "classes": 28}), ALPHABET)
        self._texts = texts

    def predict(self, strips):
        if len(strips) != len(PAGE.boxes):
            return super().predict(strips)
        return [self._said(*each) for each in zip(strips, self._texts, PAGE.boxes, strict=True)]

    def _said(self, strip, text, boxes):
        log_p = np.full((strip.columns, 28), -9.0)
        log_p[:, 0] = 0
        middles = [(box[1] + box[3]) / 2 for box in boxes]
        columns = [strip.column(x) for x in middles]
        places = iter(columns)
        last = 0
        for char in text:
            column = (last + columns[columns.index(last) + 1]) // 2 if char == " " else next(places)
            log_p[column, [0, 1 + ALPHABET.chars.index(char)]] = -9, 0
            last = column
        return log_p


def _read(by, **options):
    file = BytesIO()
    Image.fromarray(PAGE.grey).save(file, "PNG")
    return by.read(file.getvalue(), ReadOptions(**options))


def test_the_rows_say_what_is_written_if_they_alone_are_asked(reader):
    page = _read(replace(reader, rows=Told(["HALLO WELTX", "AM PRINT"])), reader="rows")
    assert page.text == "HALLO WELTX\nAM PRINT"
    assert "classify" not in page.timing_ms


def test_boxes_are_those_of_the_glyphs(reader):
    by_rows, by_glyphs = (_read(replace(reader, rows=Told(LINES)), reader=which) for which in ("rows", "glyphs"))
    for row, other in zip(by_rows.rows, by_glyphs.rows, strict=True):
        for word, other_word in zip(row.words, other.words, strict=True):
            assert [glyph.box for glyph in word.glyphs] == [glyph.box for glyph in other_word.glyphs]


def test_glyphs_alone_are_read_as_if_there_were_no_other_network(reader):
    with_both, alone = _read(replace(reader, rows=Told(["X" * 11, "X" * 8])), reader="glyphs"), _read(reader)
    assert with_both.rows == alone.rows
    assert "spell" not in with_both.timing_ms


def test_the_glyphs_have_a_say_where_a_row_is_doubtful(reader):
    """The row network is hardly sure of how its rows end, that for glyphs of all."""

    class Unsure(Told):
        def predict(self, strips):
            said = super().predict(strips)
            for log_p in said:
                log_p[-len(log_p) // 8 :] /= 3
            return [log_softmax(log_p) for log_p in said]

    page = _read(replace(reader, rows=Unsure(["HELLO WORLX", "OF PRINT"])))
    assert page.text == "\n".join(LINES)
    assert {"classify", "spell"} <= page.timing_ms.keys()


def test_rows_that_are_spelt_surely_are_not_read_by_glyphs(reader, monkeypatch):
    asked = []
    predict = reader.glyphs.network.predict
    monkeypatch.setattr(reader.glyphs.network, "predict", lambda glyphs: asked.extend(glyphs) or predict(glyphs))
    assert _read(replace(reader, rows=Told(["HELLO WORLX", "OF PRINT"]))).text == "HELLO WORLX\nOF PRINT"
    assert asked == []


@pytest.mark.parametrize("which", ["auto", "rows"])
def test_an_allow_list_holds_for_rows_too(reader, which):
    page = _read(replace(reader, rows=Told(LINES)), reader=which, alphabet="XOZQWV")
    assert [len(row.text) for row in page.rows] == [len(line) for line in LINES]
    assert set(page.text) <= set("XOZQWV \n")
    glyphs = [glyph for row in page.rows for word in row.words for glyph in word.glyphs]
    assert {other.char for glyph in glyphs for other in glyph.alternatives} <= set("XOZQWV")


def test_rows_cannot_be_asked_for_without_a_network(reader):
    with pytest.raises(InvalidInput, match="no network for rows"):
        _read(reader, reader="rows")


def test_networks_that_do_not_know_the_same_characters_do_not_read_together(reader):
    told = Told(LINES)
    told.alphabet = Alphabet(" ABC")
    with pytest.raises(CorruptModel, match="DEFG"):
        replace(reader, rows=told)


class Blind(Told):
    """Sees no writing anywhere."""

    def predict(self, strips):
        nothing = np.log(np.where(np.arange(28) == BLANK, 1 - 27e-6, 1e-6))
        return [np.tile(nothing, (strip.columns, 1)) for strip in strips]


def test_what_the_network_for_rows_takes_for_no_writing_is_not_read(reader):
    page = _read(replace(reader, rows=Blind([])))
    assert page.rows == ()
    assert [notice.code for notice in page.warnings] == ["no-text"]


def test_rows_too_long_to_be_looked_at_are_read_by_glyphs(reader):
    blind = Blind([])
    blind.is_short_enough = lambda strip: False
    assert _read(replace(reader, rows=blind)).rows == _read(reader).rows
    assert _read(replace(reader, rows=blind), reader="rows").rows == ()


def test_letters_that_run_into_one_another_are_told(reader):
    """All of a word is one piece of ink to this network."""

    class Spread(Told):
        def predict(self, strips):
            [strip] = strips
            log_p = np.full((strip.columns, 28), -9.0)
            log_p[:, 0] = 0
            for column, char in zip(np.linspace(0, strip.columns - 1, 4).astype(int), "MINI", strict=True):
                log_p[column, [0, 1 + ALPHABET.chars.index(char)]] = -9, 0
            return [log_p]

    file = BytesIO()
    Image.fromarray(write_page(["W"]).grey).save(file, "PNG")
    page = replace(reader, rows=Spread([])).read(file.getvalue(), ReadOptions(reader="rows"))
    assert page.text == "MINI"
    [notice] = page.warnings
    assert (notice.code, notice.box) == ("joined-writing", page.rows[0].box)
