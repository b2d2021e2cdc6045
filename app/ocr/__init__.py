"""The reader: from a page image to its text."""

from app.ocr.alphabet import Alphabet
from app.ocr.judgement.abstain import UNSURE
from app.ocr.judgement.confidence import CONFIDENCE_MODEL, Confidence, Curve, model_digests
from app.ocr.judgement.evidence import EVIDENCE
from app.ocr.judgement.likeness import LIKENESS, Kind, Likeness, Limits, seen_together, terms
from app.ocr.options import MOST_ALTERNATIVES, LanguageName, ReaderName, ReadOptions
from app.ocr.page import Alternative, Block, Break, Doubt, Glyph, Notice, NoticeCode, Page, Row, Word
from app.ocr.patterns.syntax import LONGEST_PATTERN
from app.ocr.priors.context import Context
from app.ocr.priors.language import ARCHITECTURE as LANGUAGE_ARCHITECTURE
from app.ocr.priors.language import LETTERS, NO_LETTER, ORDER, Language
from app.ocr.reader import Reader, Reading
from app.ocr.recognisers.architectures import GLYPH_INPUT, build_network, is_network, network_arguments
from app.ocr.recognisers.glyph_reader import GlyphReader
from app.ocr.recognisers.row_network import RECEPTIVE_COLUMNS, ROW_INPUT, spells_rows
from app.ocr.recognisers.row_reader import RowReader
from app.ocr.teaching.correcting import correct_glyph, correct_image, correct_row
from app.ocr.teaching.lesson import Lesson, Outline, TaughtChar
from app.ocr.teaching.taught import TaughtGlyph, TaughtRow, load_taught

__all__ = [
    "CONFIDENCE_MODEL",
    "EVIDENCE",
    "GLYPH_INPUT",
    "LANGUAGE_ARCHITECTURE",
    "LETTERS",
    "LIKENESS",
    "LONGEST_PATTERN",
    "MOST_ALTERNATIVES",
    "NO_LETTER",
    "ORDER",
    "RECEPTIVE_COLUMNS",
    "ROW_INPUT",
    "UNSURE",
    "Alphabet",
    "Alternative",
    "Block",
    "Break",
    "Confidence",
    "Context",
    "Curve",
    "Doubt",
    "Glyph",
    "GlyphReader",
    "Kind",
    "Language",
    "LanguageName",
    "Lesson",
    "Likeness",
    "Limits",
    "Notice",
    "NoticeCode",
    "Outline",
    "Page",
    "ReadOptions",
    "Reader",
    "ReaderName",
    "Reading",
    "Row",
    "RowReader",
    "TaughtChar",
    "TaughtGlyph",
    "TaughtRow",
    "Word",
    "build_network",
    "correct_glyph",
    "correct_image",
    "correct_row",
    "is_network",
    "load_taught",
    "model_digests",
    "network_arguments",
    "seen_together",
    "spells_rows",
    "terms",
]
