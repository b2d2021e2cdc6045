"""hOCR 1.2: text in XHTML, whose title attributes say where it stands."""

from __future__ import annotations

from collections.abc import Iterable
from itertools import count
from math import log
from xml.etree.ElementTree import Element

from app.formats.markup import add, new_root, readings_of, serialise
from app.formats.sheet import Model, Sheet, described, percent
from app.ocr import Block, Glyph, Row, Word
from app.vision import Box

_CAPABILITIES = "ocr_page ocr_carea ocr_par ocr_line ocrx_word ocrx_cinfo ocrp_nlp ocrp_wconf"
# A browser shows each row on a line of its own, and of each glyph its likeliest reading only.
_STYLE = ".ocr_page { margin: 1em 0 } .ocr_line { display: block } ins { text-decoration: none } del { display: none }"
_IMPOSSIBLE = 1e-9  # less likely than this is written as this: zero has no logarithm


def write_hocr(sheets: Iterable[Sheet], model: Model) -> bytes:
    """Write one document with an ocr_page for each sheet; each of its blocks is an area of one paragraph.

    A glyph with alternatives holds all of them as text, the likeliest in ``ins`` and the others in ``del``. A program
    that ignores these tags reads them one after the other; whoever has one asks for a reading without alternatives.

    References
    ----------
    Breuel (2007), The hOCR microformat for OCR workflow and results; hOCR specification 1.2, section on alternative
    segmentations and readings.
    """
    root = new_root("html", "http://www.w3.org/1999/xhtml")
    head, body = add(root, "head"), add(root, "body")
    number = 0
    for number, sheet in enumerate(sheets, 1):
        _page(body, number, sheet)
    add(head, "meta", charset="utf-8")
    add(head, "title", "Text read by Inkrow")
    add(head, "meta", name="ocr-system", content=f"Inkrow ({described(model)})")
    add(head, "meta", name="ocr-capabilities", content=_CAPABILITIES)
    add(head, "meta", name="ocr-number-of-pages", content=number)
    add(head, "style", _STYLE)
    return serialise(root, doctype="html")


def _page(body: Element, number: int, sheet: Sheet) -> None:
    page, name = sheet.page, f"page{number}"
    image = sheet.name.replace('"', "'")  # a string in a title ends at the next double quote: there is no escape
    title = f'image "{image}"; {_bbox(Box(0, 0, page.height, page.width))}; ppageno {number - 1}'
    # The line break also keeps an empty page from being written as one tag, which HTML does not know.
    element = add(body, "div", "\n", class_="ocr_page", id=name, title=title)
    element.tail = "\n"
    numbers = count(1)
    for block_number, block in enumerate(page.blocks, 1):
        paragraph = _paragraph(element, name, block_number, block)
        for row in block.rows:
            _line(paragraph, f"{name}_row{next(numbers)}", row, page.view.orientation_deg)


def _paragraph(element: Element, name: str, number: int, block: Block) -> Element:
    box = _bbox(block.box)
    area = add(element, "div", class_="ocr_carea", id=f"{name}_area{number}", title=box)
    return add(area, "p", "\n", class_="ocr_par", id=f"{name}_par{number}", title=box)


def _line(paragraph: Element, name: str, row: Row, orientation_deg: int) -> None:
    angle = f"; textangle {orientation_deg}" if orientation_deg else ""
    line = add(paragraph, "span", class_="ocr_line", id=name, title=f"{_bbox(row.box)}{angle}")
    line.tail = "\n"
    for number, word in enumerate(row.words, 1):
        element = _word(line, f"{name}_word{number}", word)
        element.tail = " " if number < len(row.words) else None


def _word(line: Element, name: str, word: Word) -> Element:
    title = f"{_bbox(word.box)}; x_wconf {percent(word.confidence)}"
    element = add(line, "span", class_="ocrx_word", id=name, title=title)
    for glyph in word.glyphs:
        _glyph(element, glyph)
    return element


def _glyph(word: Element, glyph: Glyph) -> None:
    box = glyph.box
    title = f"x_bboxes {box.left} {box.top} {box.right} {box.bottom}; x_confs {percent(glyph.confidence)}"
    if not glyph.alternatives:
        add(word, "span", glyph.char, class_="ocrx_cinfo", title=title)
        return
    readings = add(add(word, "span", class_="ocrx_cinfo", title=title), "span", class_="alternatives")
    for index, (char, confidence) in enumerate(readings_of(glyph)):
        nlp = round(-log(max(confidence, _IMPOSSIBLE)), 3) + 0.0  # no negative zero
        add(readings, "del" if index else "ins", char, class_="alt", title=f"nlp {nlp}")


def _bbox(box: Box) -> str:
    return f"bbox {box.left} {box.top} {box.right} {box.bottom}"
