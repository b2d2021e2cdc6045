"""ALTO 4.4: the XML of libraries, down to the glyph and its variants."""

from __future__ import annotations

from collections.abc import Iterable
from itertools import count, pairwise
from xml.etree.ElementTree import Element, indent

from app.formats.markup import add, new_root, probability, schema_location, serialise
from app.formats.sheet import Model, Sheet, described
from app.ocr import Glyph, Page, Row, Word
from app.vision import Box

_NAMESPACE = "http://www.loc.gov/standards/alto/ns-v4#"
_SCHEMA = "http://www.loc.gov/standards/alto/v4/alto-4-4.xsd"


def write_alto(sheets: Iterable[Sheet], model: Model) -> bytes:
    """Write one document with a Page for each sheet, in which each block is a TextBlock.

    References
    ----------
    ALTO XML schema 4.4, Library of Congress, 2022.
    """
    root = new_root("alto", _NAMESPACE, SCHEMAVERSION="4.4", **schema_location(_NAMESPACE, _SCHEMA))
    description, layout = add(root, "Description"), add(root, "Layout")
    files: dict[str, None] = {}  # in order, each once
    for number, sheet in enumerate(sheets, 1):
        files[sheet.name] = None
        _page(layout, number, sheet.page)
    _describe(description, list(files), model)
    indent(root)
    return serialise(root)


def _describe(description: Element, files: list[str], model: Model) -> None:
    add(description, "MeasurementUnit", "pixel")
    source = add(description, "sourceImageInformation")
    if len(files) == 1:
        add(source, "fileName", files[0])
    else:  # a document has one file name, but as many identifiers as it needs
        for file in files:
            add(source, "fileIdentifier", file)
    processing = add(description, "Processing", ID="reading")
    add(processing, "processingCategory", "contentGeneration")
    add(processing, "processingStepDescription", "text recognition")
    add(processing, "processingStepSettings", described(model))
    add(add(processing, "processingSoftware"), "softwareName", "Inkrow")


def _page(layout: Element, number: int, page: Page) -> None:
    name, size = f"page{number}", {"WIDTH": page.width, "HEIGHT": page.height}
    element = add(layout, "Page", ID=name, PHYSICAL_IMG_NR=number, ROTATION=round(page.total_angle_deg, 3), **size)
    space = add(element, "PrintSpace", HPOS=0, VPOS=0, **size)
    numbers = count(1)
    for block_number, block in enumerate(page.blocks, 1):
        text_block = add(space, "TextBlock", ID=f"{name}_block{block_number}", **_place(block.box))
        for row in block.rows:
            _line(text_block, f"{name}_row{next(numbers)}", row)


def _line(block: Element, name: str, row: Row) -> None:
    line = add(block, "TextLine", ID=name, **_place(row.box))
    _string(line, f"{name}_word1", row.words[0])
    for number, (before, word) in enumerate(pairwise(row.words), 2):
        gap = max(0, word.box.left - before.box.right)
        add(line, "SP", HPOS=before.box.right, VPOS=row.box.top, WIDTH=gap)
        _string(line, f"{name}_word{number}", word)


def _string(line: Element, name: str, word: Word) -> None:
    string = add(line, "String", ID=name, CONTENT=word.text, WC=probability(word.confidence), **_place(word.box))
    for number, glyph in enumerate(word.glyphs, 1):
        _glyph(string, f"{name}_glyph{number}", glyph)


def _glyph(string: Element, name: str, glyph: Glyph) -> None:
    confidence = probability(glyph.confidence)
    element = add(string, "Glyph", ID=name, CONTENT=glyph.char, GC=confidence, **_place(glyph.box))
    for other in glyph.alternatives:
        add(element, "Variant", CONTENT=other.char, VC=probability(other.confidence))


def _place(box: Box) -> dict[str, int]:
    return {"HPOS": box.left, "VPOS": box.top, "WIDTH": box.width, "HEIGHT": box.height}
