"""Turn decided characters into the rows of an answer: words of glyphs, with their boxes on the upload."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from app.ocr.alphabet import Alphabet
from app.ocr.line import Line
from app.ocr.page import Alternative, Break, Glyph, Row, Word
from app.ocr.priors.prior import Decoded
from app.vision import Box, Picture, Segmentation


def name_row(
    line: Line, decoded: Decoded, alphabet: Alphabet, alternatives: int, found: Segmentation, picture: Picture
) -> Row:
    """Give each glyph of a row its likeliest character, and part the glyphs into words.

    Parameters
    ----------
    line, decoded : where the characters of the row are and what each is; at least one
    alphabet : the K classes of `decoded`
    alternatives : most other characters to list for each glyph; impossible ones are not listed
    found, picture : the segmented page that the line is of, and its image; they say where a box is on the upload
    """
    p, p_space = decoded
    height_px = found.to_page.stretch * picture.scale[1] * line.height  # of the upload
    breaks = [
        Break("space" if probability > 0.5 else "none", float(gap) * height_px, float(probability))
        for gap, probability in zip(line.gaps, p_space, strict=True)
    ]
    glyphs = [
        _name(row_of_p, alphabet, alternatives, found.on_upload(box, picture), break_after)
        for row_of_p, box, break_after in zip(p, line.boxes, [*breaks, Break("row", 0.0, 1.0)], strict=True)
    ]
    starts = np.flatnonzero(np.diff(decoded.words, prepend=-1))
    words = tuple(Word(tuple(glyphs[start:stop])) for start, stop in pairwise([*starts, len(glyphs)]))
    return Row(words, block=line.block)


def _name(p: NDArray[np.float64], alphabet: Alphabet, alternatives: int, box: Box, break_after: Break) -> Glyph:
    ranked = np.argsort(-p, kind="stable")[: alternatives + 1]
    best, *others = (Alternative(alphabet.chars[index], float(p[index])) for index in ranked)
    possible = tuple(other for other in others if other.confidence > 0)
    return Glyph(best.char, best.confidence, box, break_after, possible)


def join_rows(rows: Sequence[Row], lines: Sequence[Line], found: Segmentation, picture: Picture) -> tuple[Row, ...]:
    """Join rows that stand beside each other on one line of text, such as a label and its value, by a space.

    Parameters
    ----------
    rows, lines : for each row of the answer the line it was made of, in the order in which they are read
    found, picture : as for `name_row`
    """
    joined: list[Row] = []
    before: Line | None = None
    for row, line in zip(rows, lines, strict=True):
        if before is not None and before.number == line.number:
            white_px = (line.boxes[0].left - before.boxes[-1].right) * found.to_page.stretch * picture.scale[1]
            joined[-1] = _joined(joined[-1], row, Break("space", white_px, 1.0))
        else:
            joined.append(row)
        before = line
    return tuple(joined)


def _joined(left: Row, right: Row, between: Break) -> Row:
    *words, last = left.words
    *glyphs, end = last.glyphs
    last = replace(last, glyphs=(*glyphs, replace(end, break_after=between)))
    return replace(left, words=(*words, last, *right.words))
