"""What the sender of a page should know about it, or about single rows of it, beside the text."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from app.ocr.line import Line
from app.ocr.page import Notice, Row
from app.ocr.patterns.automaton import Pattern
from app.vision import Box, Components


def joined_writing(rows: Sequence[Row], lines: Sequence[Line]) -> list[Notice]:
    """Tell which rows are written without a break."""
    detail = "the letters of this row run into one another; where one ends and the next begins is a guess"
    return [Notice("joined-writing", detail, row.box) for row, line in zip(rows, lines, strict=True) if line.is_joined]


def struck_out(boxes: Iterable[Box]) -> list[Notice]:
    """Tell where words are crossed out."""
    detail = "these letters are crossed out or scribbled over; they were not read"
    return [Notice("struck-out", detail, box) for box in boxes]


def misfits(rows: Sequence[Row], lines: Sequence[Line], pattern: Pattern) -> list[Notice]:
    """Tell which rows do not fit a pattern, and which fit it only with fewer characters than were seen."""
    notices = []
    for row, line in zip(rows, lines, strict=True):
        if not pattern.accepts(row.text):
            detail = f"expected {pattern.source}, but nothing that fits it is likely here; read {row.text}"
            notices.append(Notice("pattern-mismatch", detail, row.box))
        elif line.missing:
            detail = f"read as {row.text} to fit {pattern.source}, though {line.missing} more were seen"
            notices.append(Notice("pattern-fewer-glyphs", detail, row.box))
    return notices


def unsupported_script(regions: Iterable[Box]) -> list[Notice]:
    """Tell where there is writing in a script that the model does not know."""
    detail = "this looks like writing in a script that the model does not know; it was not read"
    return [Notice("unsupported-script", detail, region) for region in regions]


def left_out(found: Components) -> list[Notice]:
    """Tell that there was too much ink to look at all of it."""
    if not found.left_out:
        return []
    pieces = f"of {len(found) + found.left_out} pieces the topmost {len(found)} were read"
    return [Notice("too-much-ink", f"there is too much ink for one page; {pieces}")]
