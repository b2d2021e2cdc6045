from __future__ import annotations

import hashlib
from dataclasses import dataclass
from types import SimpleNamespace

import numpy as np
import pytest

from app.ocr import Alphabet
from app.ocr.teaching.lesson import Lesson, TaughtChar
from app.ocr.teaching.taught import held_out, load_taught
from app.vision import STRIP_HEIGHT, Box, Strip

READER = SimpleNamespace(alphabet=Alphabet("AB"), rows=SimpleNamespace(alphabet=Alphabet(" AB")))
BOX = Box(0, 0, 9, 9)


@dataclass(frozen=True)
class Kept:
    id: str
    seen: bytes


def _ids(count):
    return [hashlib.sha256(str(number).encode()).hexdigest() for number in range(count)]


def _kept(id_, text, with_strip=True):
    chars = tuple(TaughtChar(char, BOX, np.full((32, 32), 51, np.uint8)) for char in text if char != " ")
    strip = Strip(np.full((STRIP_HEIGHT, 7), 3, np.uint8), 2, 0.5) if with_strip else None
    return Kept(id_, Lesson(text, "", chars, strip, BOX).pack())


def test_a_row_teaches_itself_and_its_glyphs_and_a_glyph_only_itself():
    one, other = _ids(2)
    glyphs, rows = load_taught([_kept(one, "A B"), _kept(other, "B", with_strip=False)], READER)
    assert [(glyph.char, glyph.source) for glyph in glyphs] == [("A", one), ("B", one), ("B", other)]
    assert [(row.text, row.source, row.strip.width) for row in rows] == [("A B", one, 7)]
    np.testing.assert_array_equal(glyphs[0].image, np.full((32, 32), 0.2, np.float32))


def test_a_glyph_without_an_image_is_not_taught():
    packed = Lesson("AB", "", (TaughtChar("A", None, None), TaughtChar("B", BOX, None)), None, BOX).pack()
    assert load_taught([Kept(_ids(1)[0], packed)], READER) == ([], [])


def test_a_correction_that_cannot_be_read_teaches_nothing_and_is_named(caplog):
    sound, damaged = _ids(2)
    glyphs, _ = load_taught([Kept(damaged, b"nonsense"), _kept(sound, "A")], READER)
    assert [glyph.source for glyph in glyphs] == [sound]
    assert damaged in caplog.text


def test_what_the_networks_do_not_know_is_left_out():
    glyphs, rows = load_taught([_kept(_ids(1)[0], "AX")], READER)
    assert [glyph.char for glyph in glyphs] == ["A"]
    assert rows == []


def test_one_in_five_is_held_out_whatever_else_there_is():
    ids = _ids(1000)
    held = held_out(ids)
    assert 150 < len(held) < 250
    assert held_out(ids[:500]) == held & set(ids[:500])


@pytest.mark.parametrize("count, expected", [(4, 0), (5, 1), (9, 1)])
def test_of_five_at_least_one_is_held_out(count, expected):
    ids = [each for each in _ids(100) if each not in held_out(_ids(100))][:count]
    assert len(held_out(ids)) == expected


def test_ten_thousand_corrections_are_loaded_in_seconds():
    kept = _kept(_ids(1)[0], "A B")
    glyphs, _ = load_taught([Kept(each, kept.seen) for each in _ids(10_000)], READER)
    assert len(glyphs) == 20_000
    assert sum(glyph.held_out for glyph in glyphs) == 2 * len(held_out(_ids(10_000)))
