"""JSON: all that was read on a page, and how sure it is."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import asdict
from typing import Any

from app.formats.sheet import HELPERS, Model, Sheet
from app.ocr import Glyph, Page, Row, Word

_OF_A_DOUBT = ("row", "word", "glyph", "char", "confidence")


def write_json(sheets: Iterable[Sheet], model: Model) -> bytes:
    """Write one page as an object, several as ``{"pages": [...]}``, each of which then names its source."""
    pages = [as_sourced_document(sheet, model) for sheet in sheets]
    if len(pages) == 1:
        del pages[0]["source"]
    return to_json(pages[0] if len(pages) == 1 else {"pages": pages})


def to_json(document: Mapping[str, Any]) -> bytes:
    """Write a document as one line."""
    return f"{json.dumps(document, ensure_ascii=False, allow_nan=False, separators=(',', ':'))}\n".encode()


def as_sourced_document(sheet: Sheet, model: Model) -> dict[str, Any]:
    """Return a page in JSON's types, with the file it comes from and its number there."""
    return {**as_document(sheet.page, model), "source": {"file": sheet.name, "page": sheet.number}}


def as_document(page: Page, model: Model) -> dict[str, Any]:
    """Return a page in JSON's types."""
    return {
        "text": page.text,
        "model": {key: value for key, value in model.items() if key not in HELPERS},
        "row_model": model.get("rows"),
        "language_model": model.get("language"),
        "page": {
            "width": page.width,
            "height": page.height,
            "angle_deg": page.angle_deg,
            **asdict(page.view),
        },
        "rows": [_row(row, number) for number, block in enumerate(page.blocks) for row in block.rows],
        "warnings": [
            {"code": notice.code, "detail": notice.detail, "box": notice.box and notice.box.sides()}
            for notice in page.warnings
        ],
        "review": [
            {**{name: getattr(doubt, name) for name in _OF_A_DOUBT}, "box": doubt.box.sides()} for doubt in page.review
        ],
        "timing_ms": dict(page.timing_ms),
    }


def _row(row: Row, block: int) -> dict[str, Any]:
    return {
        "text": row.text,
        "confidence": row.confidence,
        "box": row.box.sides(),
        "block": block,
        "words": [_word(word) for word in row.words],
    }


def _word(word: Word) -> dict[str, Any]:
    return {
        "text": word.text,
        "confidence": word.confidence,
        "box": word.box.sides(),
        "glyphs": [_glyph(glyph) for glyph in word.glyphs],
    }


def _glyph(glyph: Glyph) -> dict[str, Any]:
    after = glyph.break_after
    return {
        "char": glyph.char,
        "confidence": glyph.confidence,
        "box": glyph.box.sides(),
        "alternatives": [{"char": other.char, "confidence": other.confidence} for other in glyph.alternatives],
        "break_after": {"kind": after.kind, "gap_px": after.gap_px, "p_space": after.p_space},
    }
