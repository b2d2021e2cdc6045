"""The truth about a synthetic page: its rows, words and glyphs, with their boxes."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from app.vision import Box

Points = NDArray[np.floating]


class GlyphTruth(NamedTuple):
    """A character, and the box of its ink."""

    char: str
    box: Box


class WordTruth(NamedTuple):
    """A word. If it was written as a whole, it has no glyphs; if its row was written as a whole, no box, either."""

    text: str
    box: Box | None
    glyphs: list[GlyphTruth]


class RowTruth(NamedTuple):
    """A row of a page."""

    text: str
    box: Box
    words: list[WordTruth]


def row_truth(text: str, strokes: Sequence[Points], spans: Sequence[tuple[int, int]], pen_px: float) -> RowTruth:
    """Find the boxes of a row, its words and its glyphs.

    Parameters
    ----------
    strokes : at least one, each (points, 2) as x, y in pixels of the image
    spans : for each stroke, which part of the text it writes
    pen_px : width of the pen
    """
    boxes = [box_of_ink(stroke, pen_px) for stroke in strokes]
    words = [_word(match, boxes, spans) for match in re.finditer(r"\S+", text)]
    return RowTruth(text, Box.around(boxes), words)


def _word(word: re.Match[str], boxes: Sequence[Box], spans: Sequence[tuple[int, int]]) -> WordTruth:
    start, stop = word.span()
    own = [(box, span) for box, span in zip(boxes, spans, strict=True) if span[0] < stop and span[1] > start]
    if not own or any(first < start or last > stop for _, (first, last) in own):
        return WordTruth(word[0], None, [])
    box = Box.around(box for box, _ in own)
    places = range(start, stop)
    of_chars = [[box for box, span in own if span == (place, place + 1)] for place in places]
    if not all(of_chars):
        return WordTruth(word[0], box, [])
    glyphs = [GlyphTruth(char, Box.around(found)) for char, found in zip(word[0], of_chars, strict=True)]
    return WordTruth(word[0], box, glyphs)


def box_of_ink(points: Points, pen_px: float) -> Box:
    """Return the box of the ink of a round pen along points (n, 2), x, y in pixels."""
    left, top = np.floor(points.min(axis=0) - pen_px / 2).astype(int).tolist()
    right, bottom = np.ceil(points.max(axis=0) + pen_px / 2).astype(int).tolist()
    return Box(top, left, bottom, right)


def row_document(row: RowTruth) -> dict[str, Any]:
    """Return a row in JSON's types, named as in the answers of the service."""
    return {
        "text": row.text,
        "box": row.box.sides(),
        "words": [
            {
                "text": word.text,
                "box": word.box and word.box.sides(),
                "glyphs": [{"char": glyph.char, "box": glyph.box.sides()} for glyph in word.glyphs],
            }
            for word in row.words
        ],
    }
