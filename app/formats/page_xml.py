"""PAGE XML of 2019-07-15: the format of ground truth, with every reading of a glyph."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC
from itertools import count
from xml.etree.ElementTree import Element, indent

from app.formats.markup import add, new_root, probability, readings_of, schema_location, serialise
from app.formats.sheet import Model, Sheet, described, only_sheet
from app.ocr import Page, Row, Word
from app.vision import Box

_NAMESPACE = "http://schema.primaresearch.org/PAGE/gts/pagecontent/2019-07-15"


def write_page_xml(sheets: Iterable[Sheet], model: Model) -> bytes:
    """Write a document of one page; each of its blocks is a TextRegion, in reading order.

    Raises
    ------
    InvalidInput : there is more than one page, which this format does not hold.

    References
    ----------
    Pletschacher, Antonacopoulos (2010), The PAGE (Page Analysis and Ground-truth Elements) format framework.
    OCR-D specification of PAGE: several TextEquiv by ascending index and descending confidence.
    """
    sheet = only_sheet(sheets, "page")
    root = new_root("PcGts", _NAMESPACE, **schema_location(_NAMESPACE, f"{_NAMESPACE}/pagecontent.xsd"))
    metadata = add(root, "Metadata")
    read_at = sheet.read_at.astimezone(UTC).isoformat(timespec="seconds").replace("+00:00", "Z")
    add(metadata, "Creator", f"Inkrow ({described(model)})")
    add(metadata, "Created", read_at)
    add(metadata, "LastChange", read_at)
    _page(root, sheet.name, sheet.page)
    indent(root)
    return serialise(root)


def _page(root: Element, file: str, page: Page) -> None:
    # What the writing is turned counter-clockwise it has to be turned clockwise to stand upright, which is asked for.
    orientation = round(page.total_angle_deg, 3)
    size = {"imageWidth": page.width, "imageHeight": page.height}
    element = add(root, "Page", imageFilename=file, **size, orientation=orientation)
    if len(page.blocks) > 1:
        order = add(add(element, "ReadingOrder"), "OrderedGroup", id="order")
        for index in range(len(page.blocks)):
            add(order, "RegionRefIndexed", index=index, regionRef=f"region{index + 1}")
    numbers = count(1)
    for block_number, block in enumerate(page.blocks, 1):
        region = add(element, "TextRegion", id=f"region{block_number}")
        _outline(region, block.box)
        for row in block.rows:
            _line(region, f"row{next(numbers)}", row)
        add(add(region, "TextEquiv"), "Unicode", block.text)


def _line(region: Element, name: str, row: Row) -> None:
    line = add(region, "TextLine", id=name)
    _outline(line, row.box)
    for number, word in enumerate(row.words, 1):
        _word(line, f"{name}_word{number}", word)
    _text(line, row.text, row.confidence)


def _word(line: Element, name: str, word: Word) -> None:
    element = add(line, "Word", id=name)
    _outline(element, word.box)
    for number, glyph in enumerate(word.glyphs, 1):
        glyph_element = add(element, "Glyph", id=f"{name}_glyph{number}")
        _outline(glyph_element, glyph.box)
        for index, (char, confidence) in enumerate(readings_of(glyph)):
            _text(glyph_element, char, confidence, index=index)
    _text(element, word.text, word.confidence)


def _text(parent: Element, text: str, confidence: float, **index: int) -> None:
    add(add(parent, "TextEquiv", **index, conf=probability(confidence)), "Unicode", text)


def _outline(parent: Element, box: Box) -> None:
    corners = [(box.left, box.top), (box.right, box.top), (box.right, box.bottom), (box.left, box.bottom)]
    add(parent, "Coords", points=" ".join(f"{x},{y}" for x, y in corners))
