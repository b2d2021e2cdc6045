"""The searchable PDF as another program reads it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from math import atan, degrees

import numpy as np
import pypdfium2
import pytest
from pypdfium2 import raw

from app.formats.pdf import write_pdf
from app.ocr import Glyph, Page, Row, Word
from app.vision import Box
from tests.formats.conftest import MODEL, SCALE, make_page, make_sheet, turn


@pytest.fixture
def opened():
    """Give a function that writes pages and opens the document."""
    documents = []

    def write_and_open(*pages: Page) -> pypdfium2.PdfDocument:
        documents.append(pypdfium2.PdfDocument(write_pdf(map(make_sheet, pages), MODEL)))
        return documents[-1]

    yield write_and_open
    for document in documents:
        document.close()


def _text(page: pypdfium2.PdfPage) -> str:
    return page.get_textpage().get_text_range().replace("\r\n", "\n")


@pytest.mark.parametrize(
    "rows",
    [
        ("TO DO", '<R&D> "1"'),
        ("Ä€ŒßÝ – „quote“ ½", "(((\\) >> endobj"),  # WinAnsi, and what means something in a PDF
        ("Ж字 \U0001d11e",),
        tuple(
            chr(0x4E00 + first) + " " + "".join(map(chr, range(0x4E01 + first, 0x4E11 + first)))
            for first in range(0, 340, 17)
        ),
    ],
    ids=["plain", "WinAnsi", "Unicode", "340 characters"],
)
def test_text_comes_out_in_reading_order_with_its_spaces_and_rows(opened, rows):
    page = make_page(*rows)
    assert _text(opened(replace(page, height=900))[0]) == page.text


def test_a_page_without_rows_has_no_text(opened):
    assert _text(opened(make_page())[0]) == ""


def test_pages_come_in_order_and_keep_their_proportions(opened):
    document = opened(make_page("A"), replace(make_page("B"), width=200, height=800))
    assert [_text(page) for page in document] == ["A", "B"]
    sizes = [page.get_size() for page in document]
    assert sizes[0] == pytest.approx((841.89, 841.89 * 400 / 640), abs=0.01)
    assert sizes[1] == pytest.approx((841.89 * 200 / 800, 841.89), abs=0.01)


def test_each_character_is_marked_where_it_is_written(opened):
    page = make_page("TO DO", "PAY 1")
    sheet = opened(page)[0]
    text, scale = sheet.get_textpage(), sheet.get_width() / page.width
    marked = [
        (text.get_text_range(index, 1), [side / scale for side in text.get_charbox(index, loose=True)])
        for index in range(text.count_chars())
    ]
    marked = [(char, sides) for char, sides in marked if char.strip()]
    glyphs = [glyph for row in page.rows for word in row.words for glyph in word.glyphs]
    assert [char for char, _ in marked] == [glyph.char for glyph in glyphs]
    for (_, (left, bottom, right, top)), glyph in zip(marked, glyphs, strict=True):
        assert left == pytest.approx(glyph.box.left, abs=1)
        assert glyph.box.right - 1 <= right <= glyph.box.right + 5  # up to the next glyph
        assert page.height - top == pytest.approx(glyph.box.top, abs=1)
        assert page.height - bottom == pytest.approx(glyph.box.bottom, abs=1)


def _with_boxes(page: Page, change: Callable[[Glyph], Box]) -> Page:
    rows = [[[replace(glyph, box=change(glyph)) for glyph in word.glyphs] for word in row.words] for row in page.rows]
    return replace(page, rows=tuple(Row(tuple(Word(tuple(word)) for word in row)) for row in rows))


def test_a_dash_is_not_a_row_of_its_own(opened):
    def as_written(glyph: Glyph) -> Box:
        top, left, bottom, right = glyph.box
        return {"-": Box(top + 9, left, top + 11, right), ".": Box(bottom - 3, left, bottom, right)}.get(
            glyph.char, glyph.box
        )

    page = _with_boxes(make_page("A-B - C."), as_written)
    assert _text(opened(page)[0]) == "A-B - C."


@pytest.mark.parametrize("slope", [-0.04, 0.04])
def test_sloping_rows_stay_rows(opened, slope):
    def moved(glyph: Glyph) -> Box:
        top, left, bottom, right = glyph.box
        down = round(slope * left)
        return Box(top + down, left, bottom + down, right)

    page = _with_boxes(make_page("ABC DEFG HI JKL MNOP QRST", "abc defg hi jkl mnop qrst"), moved)
    page = replace(page, angle_deg=-degrees(atan(slope)))
    assert _text(opened(page)[0]) == page.text


@pytest.mark.parametrize("quarters", [1, 2, 3])
def test_a_page_on_its_side_or_head_is_put_upright(opened, quarters):
    upright = make_page("TO DO", "PAY 1")
    expected, sheet = opened(upright)[0], opened(turn(upright, quarters))[0]
    assert sheet.get_size() == expected.get_size()
    assert _text(sheet) == upright.text
    places = [
        [page.get_textpage().get_charbox(index) for index in range(len(upright.text))] for page in (sheet, expected)
    ]
    np.testing.assert_allclose(*places, atol=0.01)
    shown, wanted = (page.render(grayscale=True).to_numpy().astype(float) for page in (sheet, expected))
    assert np.abs(shown - wanted).mean() < 3


def test_the_text_is_invisible_and_the_picture_whole(opened):
    page = make_page("TO DO")
    sheet = opened(page)[0]
    texts = [found.raw for found in sheet.get_objects() if found.type == raw.FPDF_PAGEOBJ_TEXT]
    assert {raw.FPDFTextObj_GetTextRenderMode(text) for text in texts} == {raw.FPDF_TEXTRENDERMODE_INVISIBLE}
    shown = sheet.render(scale=page.width / SCALE / sheet.get_width(), grayscale=True).to_numpy().squeeze()
    expected = make_sheet(page).reading.picture.grey
    assert np.abs(shown.astype(float) - expected).mean() < 3


def test_a_picture_too_long_for_jpeg_is_embedded_all_the_same(opened):
    strip = replace(make_page("TO DO"), width=140_000, height=120)
    assert _text(opened(strip)[0]) == "TO DO"
