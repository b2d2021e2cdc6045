"""Say `?` rather than guess: characters that the reader is too unsure of, and the list of them for a person to look at.

What was guessed is kept. In each such glyph it leads the alternatives, and its confidence is the glyph's.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from app.ocr.page import Alternative, Doubt, Glyph, Row, Word

UNSURE = "?"


def abstain(rows: Sequence[Row], below: float) -> tuple[tuple[Row, ...], tuple[Doubt, ...]]:
    """Take back what is less sure than `below`.

    Parameters
    ----------
    rows : of a page
    below : 0 to 1; 0 takes back nothing

    Returns
    -------
    rows : the same, with `UNSURE` for every glyph whose confidence is below that
    review : these glyphs as they were read, least sure first, of equals the first on the page
    """
    review = [
        Doubt(
            row=row_number,
            word=word_number,
            glyph=glyph_number,
            char=glyph.char,
            confidence=glyph.confidence,
            box=glyph.box,
        )
        for row_number, row in enumerate(rows)
        for word_number, word in enumerate(row.words)
        for glyph_number, glyph in enumerate(word.glyphs)
        if glyph.confidence < below
    ]
    review.sort(key=lambda doubt: doubt.confidence)
    masked = [replace(row, words=tuple(_masked(word, below) for word in row.words)) for row in rows]
    return tuple(masked), tuple(review)


def _masked(word: Word, below: float) -> Word:
    return replace(word, glyphs=tuple(_withdrawn(each) if each.confidence < below else each for each in word.glyphs))


def _withdrawn(glyph: Glyph) -> Glyph:
    guess = Alternative(glyph.char, glyph.confidence)
    return replace(glyph, char=UNSURE, alternatives=(guess, *glyph.alternatives))
