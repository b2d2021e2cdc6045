"""Pages whose rows are to fit a pattern."""

from __future__ import annotations

import re
from dataclasses import replace

import numpy as np
import pytest

from app.errors import InvalidInput
from app.ocr import Alphabet, Context, ReadOptions
from app.ocr.line import Line
from app.ocr.notices import misfits
from app.ocr.page import Break, Glyph, Row, Word
from app.ocr.patterns.automaton import Pattern
from app.ocr.patterns.fitting import decode_fitting
from app.vision import Box
from tests.ocr.test_reading_rows import LINES, Told, _read

KNOWN = Alphabet("O0I1AB")
CONTEXT = Context(KNOWN, dict.fromkeys(KNOWN.chars, (0.0, 1.0)))
ALIKE = np.kron(np.eye(3), [[0.6, 0.4], [0.4, 0.6]])  # O and 0, I and 1, A and B are taken for each other


def _line(text, p_space=0.01, sure=1 - 1e-6):
    """Write a line whose every glyph is surely what `text` says."""
    p = np.full((len(text), len(KNOWN)), (1 - sure) / (len(KNOWN) - 1))
    p[np.arange(len(text)), KNOWN.encode(text)] = sure
    boxes = [Box(0, 12 * x, 20, 12 * x + 10) for x in range(len(text))]
    return Line(boxes, np.log(p), 20.0, np.full(len(text) - 1, p_space))


def _decode(line, source, substitutions=ALIKE):
    """Decode a row; return the line that was read, its text without spaces, and the rest."""
    [read], [decoded] = decode_fitting([line], 0.0, CONTEXT, Pattern.compile(source, KNOWN.chars), substitutions)
    return read, "".join(KNOWN.chars[index] for index in decoded.p.argmax(axis=1)), decoded


def test_a_letter_becomes_the_digit_that_it_is_taken_for():
    _, text, decoded = _decode(_line("OI"), r"\d\d", ALIKE)
    assert text == "01"
    assert decoded.p.sum(axis=1) == pytest.approx(1)
    assert (decoded.p[:, [KNOWN.chars.index(char) for char in "OIAB"]] == 0).all()


def test_what_is_never_taken_for_it_does_not():
    _, text, _ = _decode(_line("AAAA"), r"\d{4}", ALIKE)
    assert text == "AAAA"


def test_groups_that_a_pattern_asks_for_stay_together_on_a_page_of_practice():
    lines = [_line("000000"), _line("111111")]
    pattern = Pattern.compile(r"\d{6}", KNOWN.chars)
    for decoded in decode_fitting(lines, 0.0, CONTEXT, pattern, ALIKE)[1]:
        assert decoded.words.tolist() == [0] * 6


def test_each_glyph_may_only_be_what_fits_while_the_others_stay():
    _, text, decoded = _decode(_line("OI"), "(OI|[01]{2})")
    assert text == "OI"
    assert decoded.p.max(axis=1).tolist() == [1.0, 1.0]  # neither 0I nor O1 fits


def test_spaces_are_passed_over_unless_the_pattern_has_some():
    _, _, without = _decode(_line("ABAB", p_space=0.9), "[AB]{4}")
    assert without.words.tolist() == [0, 0, 0, 0]
    _, _, with_one = _decode(_line("ABAB", p_space=0.3), r"[AB]{2}\s[AB]{2}")
    assert with_one.words.tolist() == [0, 0, 1, 1]
    assert with_one.p_space.tolist() == [0.0, 1.0, 0.0]


def test_a_line_that_does_not_fit_after_all_is_read_as_it_is_otherwise():
    otherwise = _line("ABA")
    read, text, _ = _decode(replace(_line("AB"), otherwise=otherwise), r"\d{2}")
    assert (read, text) == (otherwise, "ABA")


def _row(text):
    return Row((Word(tuple(Glyph(char, 1.0, Box(0, 0, 9, 9), Break("none", 0.0, 0.0)) for char in text)),))


def test_notices_tell_what_does_not_fit_and_where_fewer_glyphs_do():
    rows, lines = [_row("AB"), _row("A1"), _row("A0")], [_line("AB"), _line("A1"), replace(_line("A0"), missing=2)]
    mismatch, fewer = misfits(rows, lines, Pattern.compile(r"A\d", KNOWN.chars))
    assert (mismatch.code, mismatch.box) == ("pattern-mismatch", rows[0].box)
    assert "expected A\\d" in mismatch.detail
    assert "read AB" in mismatch.detail
    assert fewer.code == "pattern-fewer-glyphs"
    assert "2 more" in fewer.detail


# Whole pages


def _glyphs(page):
    return [glyph for row in page.rows for word in row.words for glyph in word.glyphs]


@pytest.mark.parametrize("which", ["glyphs", "rows", "auto"])
@pytest.mark.parametrize("pattern", [r"[A-Z]{2,5} [A-Z]+", r"[A-Z]+", r"(HELLO|OF)\s(WORLD|PRINT)", ".+"])
def test_rows_that_fit_are_what_python_matches_and_keep_their_glyphs(reader, which, pattern):
    by = replace(reader, rows=Told(LINES))
    free, page = _read(by, reader=which), _read(by, reader=which, pattern=pattern)
    assert all(re.fullmatch(pattern, row.text) for row in page.rows)
    assert page.text.replace(" ", "") == free.text.replace(" ", "")
    assert [glyph.box for glyph in _glyphs(page)] == [glyph.box for glyph in _glyphs(free)]
    assert page.warnings == ()


@pytest.mark.parametrize("which", ["glyphs", "rows", "auto"])
def test_rows_that_do_not_fit_keep_their_reading_and_are_told(reader, which):
    by = replace(reader, rows=Told(LINES))
    free, page = _read(by, reader=which), _read(by, reader=which, pattern=r"[A-Z]{3}")
    assert page.rows == free.rows
    assert [(notice.code, notice.box) for notice in page.warnings] == [
        ("pattern-mismatch", row.box) for row in free.rows
    ]


def test_a_row_is_read_with_as_many_glyphs_as_fit(reader):
    """The network sees an I, but is hardly sure of it."""

    class Doubtful(Told):
        def predict(self, strips):
            said = super().predict(strips)
            told = said[1]
            column = np.flatnonzero(told[:, 0] < -1)[LINES[1].index("I")]
            told[column, [0, 1 + self.alphabet.chars.index("I")]] = np.log([0.4, 0.6])
            return said

    by = replace(reader, rows=Doubtful(LINES))
    assert _read(by, reader="rows").text == "\n".join(LINES)
    page = _read(by, reader="rows", pattern=r"[A-Z]{5} [A-Z]{5}|OF [A-Z]{4}")
    assert page.rows[1].text == "OF PRNT"
    [notice] = page.warnings
    assert (notice.code, notice.box) == ("pattern-fewer-glyphs", page.rows[1].box)


def test_alternatives_fit_too(reader):
    page = _read(replace(reader, rows=Told(LINES)), pattern=r"[HOE][A-Z]+", alternatives=10)
    for row in page.rows:
        first = row.words[0].glyphs[0]
        assert {first.char, *(other.char for other in first.alternatives)} <= set("HOE")
        assert first.confidence + sum(other.confidence for other in first.alternatives) == pytest.approx(1)


def test_an_allow_list_holds_within_a_pattern(reader):
    page = _read(replace(reader, rows=Told(LINES)), pattern=r"[A-Z]+", alphabet="HELWORDFPINT")
    assert page.text == "HELLOWORLD\nOFPRINT"
    with pytest.raises(InvalidInput, match="some text of the allowed characters"):
        _read(reader, pattern="X+", alphabet="HEL")


def test_a_bad_pattern_is_refused_before_the_image_is_decoded(reader):
    with pytest.raises(InvalidInput, match="position 3"):
        reader.read(b"not even an image", ReadOptions(pattern="AB)"))
