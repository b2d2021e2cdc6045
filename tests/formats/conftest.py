"""Pages to be written, built without a network."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta, timezone

import numpy as np
import pytest

from app.formats import Sheet
from app.ocr import Alternative, Break, Glyph, Notice, Page, Reading, Row, Word
from app.vision import Box, Picture, View, segment

MODEL = {"name": "handprint", "version": "3", "digest": f"sha256:{'5e' * 32}", "alias": "champion"}
INSIDE, SPACE, END = Break("none", 2.0, 0.1), Break("space", 20.0, 0.9), Break("row", 0.0, 1.0)
READ_AT = datetime(2026, 11, 25, 9, 30, 15, 123456, timezone(timedelta(hours=1)))
SCALE = 2  # pixels of the upload per pixel of the picture, as for a large photo
_SIDE, _LEADING, _MARGIN = 20, 40, 30


def make_page(*rows: str, confidence: float = 0.9, notices: tuple[Notice, ...] = ()) -> Page:
    """A page whose characters, of 20 pixels, stand side by side with a hole for each space."""
    read = []
    for number, text in enumerate(rows):
        words, left, top = [], _MARGIN, _MARGIN + number * _LEADING
        for word in text.split(" "):
            glyphs = []
            for char in word:
                box = Box(top, left, top + _SIDE, left + _SIDE - 4)
                others = (Alternative("<", 0.0625), Alternative("&", 0.0))
                glyphs.append(Glyph(char, confidence, box, INSIDE, others))
                left += _SIDE
            words.append(Word(tuple(glyphs)))
            left += _SIDE
        read.append(Row(tuple(words)))
    return Page(640, 400, -0.5, tuple(read), notices, {"decode": 1.5})


def in_blocks(page: Page, *blocks: int) -> Page:
    """Put each row of a page into a block."""
    rows = tuple(replace(row, block=block) for row, block in zip(page.rows, blocks, strict=True))
    return replace(page, rows=rows)


def turn(page: Page, quarters: int) -> Page:
    """Turn a page of upright writing counter-clockwise."""
    size = page.height, page.width
    rows = [
        [[replace(glyph, box=glyph.box.turned(quarters, size)) for glyph in word.glyphs] for word in row.words]
        for row in page.rows
    ]
    height, width = size[::-1] if quarters % 2 else size
    turned = tuple(Row(tuple(Word(tuple(word)) for word in row)) for row in rows)
    return replace(page, rows=turned, width=width, height=height, view=View(orientation_deg=90 * quarters))


def make_sheet(page: Page, file: str = "page.jpg", number: int = 1) -> Sheet:
    """Show the page's glyphs as black boxes on white paper, segmented for real."""
    grey = np.full((-(-page.height // SCALE), -(-page.width // SCALE)), 255, np.uint8)
    for box in (glyph.box for row in page.rows for word in row.words for glyph in word.glyphs):
        top, left, bottom, right = (side // SCALE for side in box)
        grey[top:bottom, left:right] = 0
    return Sheet(Reading(page, Picture(grey, page.width, page.height, number), segment(grey)), file, READ_AT)


# What a writer might stumble over.
ODD_PAGES = {
    "nothing": make_page(notices=(Notice("no-text", "no writing was found on this image"),)),
    "one character": make_page("x"),
    "markup": make_page('<a href="x">&amp;\'', "]]> --> %s \\n {0}"),
    "no confidence": make_page("AB C", confidence=0.0),
    "all confidence": make_page("AB C", confidence=1.0),
    "beyond ASCII": make_page("Ä€ŒßÝ \u0416\u5b57 \U0001d11e", "(((\\"),
    "boxes of no size": Page(
        640,
        400,
        0.0,
        (Row((Word((Glyph("I", 0.5, Box(9, 9, 9, 9), END), Glyph("l", 0.5, Box(400, 640, 400, 640), END))),)),),
    ),
    "upside down": turn(make_page("UP", "SIDE"), 2),
    "on its side": turn(make_page("UP", "SIDE"), 3),
    "columns": in_blocks(make_page("A HEADING", "LEFT", "COLUMN", "RIGHT"), 0, 1, 1, 2),
    "one pixel": Page(1, 1, 0.0, (Row((Word((Glyph(".", 0.5, Box(0, 0, 1, 1), END),)),)),)),
}


@pytest.fixture(scope="session")
def sheet() -> Sheet:
    """Two rows: TO DO / <R&D> "1"."""
    return make_sheet(make_page("TO DO", '<R&D> "1"'))


@pytest.fixture(scope="session", params=ODD_PAGES)
def odd_sheet(request: pytest.FixtureRequest) -> Sheet:
    return make_sheet(ODD_PAGES[request.param], "<a \"b\" & 'c'>\x07\udce9.jpg")
