"""Rows of an answer, of what stands on the lines of a page."""

from __future__ import annotations

import numpy as np

from app.ocr.line import Line
from app.ocr.naming import join_rows
from app.ocr.page import Break, Glyph, Row, Word
from app.vision import Box, Picture, segment
from tests.vision.conftest import write_page


def _row(text, left):
    boxes = [Box(0, left + 10 * number, 10, left + 10 * number + 8) for number in range(len(text))]
    breaks = [*[Break("none", 2.0, 0.1)] * (len(text) - 1), Break("row", 0.0, 1.0)]
    glyphs = [Glyph(char, 0.9, box, after) for char, box, after in zip(text, boxes, breaks, strict=True)]
    return Row((Word(tuple(glyphs)),), block=3), boxes


def _joined(*parts, scale=1.0):
    """Join rows that are (text, left, number of the line)."""
    rows, boxes = zip(*[_row(text, left) for text, left, _ in parts], strict=True)
    lines = [
        Line(each, np.zeros((len(each), 2)), 10.0, number=part[2]) for each, part in zip(boxes, parts, strict=True)
    ]
    grey = write_page(["A"]).grey
    return join_rows(rows, lines, segment(grey), Picture(grey, int(grey.shape[1] * scale), int(grey.shape[0] * scale)))


def test_rows_on_one_line_are_one_with_a_space_between():
    [row] = _joined(("NAME", 0, 5), ("MARY", 100, 5), ("AGE", 200, 5))
    assert row.text == "NAME MARY AGE"
    assert row.block == 3
    ends = [word.glyphs[-1].break_after for word in row.words]
    assert ends == [Break("space", 62.0, 1.0), Break("space", 62.0, 1.0), Break("row", 0.0, 1.0)]


def test_rows_on_different_lines_stay_apart():
    rows = _joined(("NAME", 0, 0), ("MARY", 100, 0), ("CITY", 0, 1), ("YORK", 0, 2))
    assert [row.text for row in rows] == ["NAME MARY", "CITY", "YORK"]


def test_white_between_them_is_in_pixels_of_the_upload():
    [row] = _joined(("NAME", 0, 0), ("MARY", 100, 0), scale=2.0)
    assert row.words[0].glyphs[-1].break_after.gap_px == 124.0


def test_a_page_without_rows_stays_one():
    grey = write_page(["A"]).grey
    assert join_rows([], [], segment(grey), Picture(grey, grey.shape[1], grey.shape[0])) == ()
