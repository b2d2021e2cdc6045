"""The reader: from a page image to its text."""

from app.ocr.alphabet import Alphabet
from app.ocr.architectures import GLYPH_INPUT, build_network
from app.ocr.context import Context
from app.ocr.page import Alternative, Break, Glyph, Notice, Page, Row, Word
from app.ocr.reader import MOST_ALTERNATIVES, Reader, Reading, ReadOptions

__all__ = [
    "GLYPH_INPUT",
    "MOST_ALTERNATIVES",
    "Alphabet",
    "Alternative",
    "Break",
    "Context",
    "Glyph",
    "Notice",
    "Page",
    "ReadOptions",
    "Reader",
    "Reading",
    "Row",
    "Word",
    "build_network",
]
