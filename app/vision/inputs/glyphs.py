"""From the connected components of a row to glyphs.

Components that surely belong to one glyph are joined to a piece. Every way in which neighbouring pieces may be a glyph
is a hypothesis. Each hypothesis is cut out as the input of the classifier.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from app.vision.box import Box
from app.vision.ink.binarise import Levels
from app.vision.ink.components import Components
from app.vision.inputs.normalise import GLYPH_SIZE, normalise_glyph

# All are set by eye. In heights of the row's letters:
_NEAR = 0.2  # largest gap between strokes of one letter that do not touch; between letters it is mostly larger
_WIDEST = 1.5  # width of a glyph at most: a W
_HIGHEST = 2.0  # height of a glyph at most: a capital with an accent
_MARK = 0.4  # a dot or a comma is narrower and lower; on the right, below the middle, it is no part of the letter
# Counts:
_MOST_PIECES = 3  # in a glyph: an H whose strokes do not touch has three
# Shares:
_ABOVE = 0.5  # of the narrower component's width: two that share less of their columns are not above each other
# Of the lower component's height: letters side by side that lean over each other share more of their rows, parts of one
# letter less.
_SHARED = 0.5
# In stroke widths. A component that is lower or narrower than these is a single stroke, and may share more rows.
_STROKE_HIGH = 2.0
_STROKE_WIDE = 1.6


@dataclass(frozen=True)
class Piece:
    """Ink that surely belongs to one glyph: the labels of its connected components, and the box around them."""

    labels: tuple[int, ...]
    box: Box


@dataclass(frozen=True)
class Hypothesis:
    """The guess that the pieces ``start`` to ``stop - 1`` of a row are one glyph; `box` is around them."""

    start: int
    stop: int
    box: Box


def join_strokes(row: NDArray[np.intp], components: Components) -> list[Piece]:
    """Join components of a row that stand above each other: dots, accents, the bars of =, broken strokes.

    Two of them are one piece if they share at least half of the narrower one's columns and few rows, or if one of them
    is only a stroke.

    Parameters
    ----------
    row : indices of the row's components, from left to right

    Returns
    -------
    list of Piece, from left to right
    """
    pieces: list[Piece] = []
    for index in row:
        box = Box.of(components.boxes[index])
        piece = Piece((int(components.labels[index]),), box)
        while pieces and _stacked(pieces[-1].box, piece.box, components.stroke_px):
            last = pieces.pop()
            piece = Piece(last.labels + piece.labels, Box.around((last.box, piece.box)))
        pieces.append(piece)
    return pieces


def _stacked(a: Box, b: Box, stroke_px: float) -> bool:
    narrower = min(a.width, b.width)
    if min(a.right, b.right) - max(a.left, b.left) < _ABOVE * narrower:
        return False
    shared_height = min(a.bottom, b.bottom) - max(a.top, b.top)  # negative for a gap
    lower = min(a.height, b.height)
    return shared_height < _SHARED * lower or lower < _STROKE_HIGH * stroke_px or narrower < _STROKE_WIDE * stroke_px


def hypothesise(pieces: Sequence[Piece], height: float) -> list[Hypothesis]:
    """Return every way in which one to three neighbouring pieces may be a glyph.

    Parameters
    ----------
    pieces : the pieces of one row, from left to right
    height : height of the row's letters, pixels
    """
    found = []
    for start in range(len(pieces)):
        box = pieces[start].box
        found.append(Hypothesis(start, start + 1, box))
        for stop in range(start + 2, min(start + _MOST_PIECES, len(pieces)) + 1):
            added = pieces[stop - 1].box
            gap = added.left - box.right
            full_stop = max(added.height, added.width) < _MARK * height and added.top > (box.top + box.bottom) / 2
            box = Box.around((box, added))
            if full_stop or gap > _NEAR * height or box.width > _WIDEST * height or box.height > _HIGHEST * height:
                break
            found.append(Hypothesis(start, stop, box))
    return found


def cut_glyphs(
    pieces: Sequence[Piece],
    hypotheses: Sequence[Hypothesis],
    ink: NDArray[np.uint8],
    components: Components,
    levels: Levels,
) -> NDArray[np.float32]:
    """Cut glyphs out, without their neighbours' ink, and normalise them.

    Parameters
    ----------
    pieces : all pieces of the row that the hypotheses are of
    ink : (H, W), how much darker each pixel of the page is than the paper around it

    Returns
    -------
    ndarray of shape (len(hypotheses), 1, GLYPH_SIZE, GLYPH_SIZE), ink 1 on paper 0: the classifier's input
    """
    stretch = levels.stretch
    glyphs = np.empty((len(hypotheses), 1, GLYPH_SIZE, GLYPH_SIZE), np.float32)
    for number, hypothesis in enumerate(hypotheses):
        box = hypothesis.box
        place = (slice(box.top, box.bottom), slice(box.left, box.right))
        labels = [label for piece in pieces[hypothesis.start : hypothesis.stop] for label in piece.labels]
        found = components.label_image[place]
        own = found == labels[0]
        for label in labels[1:]:
            own |= found == label
        glyphs[number, 0] = normalise_glyph(stretch.take(ink[place]) * own)
    return glyphs
