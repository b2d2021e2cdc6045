"""Cut one glyph or one row out of a page, by a box that a person or a program gives."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from itertools import accumulate

import numpy as np
from numpy.typing import NDArray

from app.errors import InvalidInput
from app.vision.box import Box
from app.vision.decoding.picture import Picture
from app.vision.ink.components import Components
from app.vision.inputs.glyphs import Piece
from app.vision.inputs.normalise import normalise_glyph
from app.vision.inputs.strip import joined_strips
from app.vision.segment import RowOfInk, Segmentation

# Share of a piece's ink. A piece with less of its ink in the box belongs to a neighbour.
_MOSTLY = 0.5
# Share of what the row that fills most of the box has in it. A row with less only reaches into the box.
_MEANT = 0.2
_EMPTY = "expected a box with writing in it, got one without"


def crop_glyph(found: Segmentation, picture: Picture, box: Box) -> NDArray[np.float32]:
    """Return the ink in a box as the classifier's input (GLYPH_SIZE, GLYPH_SIZE), ink 1 on paper 0.

    If a hypothesis has this box, the result is the input that the classifier had of it. Otherwise pieces that are
    mostly outside the box are left out. If all are, the writing is joined, and it is cut at the box.

    Parameters
    ----------
    box : in pixels of the upload

    Raises
    ------
    InvalidInput : there is no ink in the box.
    """
    for row in found.rows:
        for hypothesis in row.hypotheses:
            if found.on_upload(hypothesis.box, picture) == box:
                return row.cut([hypothesis])[0, 0]
    own = _own_ink(found, *_on_ink(found, picture, box))
    if not own.any():
        raise InvalidInput(_EMPTY)
    return normalise_glyph(own)


def glyph_of_row(found: Segmentation, row: RowOfInk, box: Box) -> NDArray[np.float32]:
    """Return the glyph of a row in a box as `crop_glyph` does, but for a box in pixels of `found.ink`."""
    for hypothesis in row.hypotheses:
        if hypothesis.box == box:
            return row.cut([hypothesis])[0, 0]
    return normalise_glyph(_own_ink(found, box, np.ones((box.height, box.width), bool)))


def crop_row(found: Segmentation, picture: Picture, box: Box) -> RowOfInk:
    """Return the row of writing in a box: the row as it was found, or the pieces of it that are in the box.

    Rows beside each other on one line of text are joined to one row.

    Parameters
    ----------
    box : in pixels of the upload

    Raises
    ------
    InvalidInput : there is no writing in the box, or there is more than one line.
    """
    counts = _count(found, *_on_ink(found, picture, box))
    inside = [[piece for piece in row.pieces if _is_meant(piece, counts, found.components)] for row in found.rows]
    ink = [sum(piece.box.height * piece.box.width for piece in pieces) for pieces in inside]
    if not any(ink):
        raise InvalidInput(_EMPTY)
    meant = {row.line for row, amount in zip(found.rows, ink, strict=True) if amount >= _MEANT * max(ink)}
    if len(meant) > 1:
        raise InvalidInput(f"expected a box around one row of writing, got one around {len(meant)}", rows=len(meant))
    parts = [
        row if len(pieces) == len(row.pieces) else _part_of(found, row, pieces)
        for row, pieces in zip(found.rows, inside, strict=True)
        if row.line in meant and pieces
    ]
    return parts[0] if len(parts) == 1 else _joined(found, parts)


def _joined(found: Segmentation, parts: Sequence[RowOfInk]) -> RowOfInk:
    """Make one row of the parts of a line."""
    pieces = [piece for part in parts for piece in part.pieces]
    starts = accumulate((len(part.pieces) for part in parts[:-1]), initial=0)
    hypotheses = [
        replace(hypothesis, start=start + hypothesis.start, stop=start + hypothesis.stop)
        for start, part in zip(starts, parts, strict=True)
        for hypothesis in part.hypotheses
    ]
    largest = max(parts, key=lambda part: part.letter_px)
    strip = joined_strips([part.strip for part in parts])
    return replace(largest, pieces=pieces, hypotheses=hypotheses, strip=strip, cut=found.glyph_cutter(pieces))


def _is_meant(piece: Piece, counts: NDArray[np.intp], components: Components) -> bool:
    """Whether a piece is mostly in the box; `counts` has the pixels of each label that are."""
    labels = list(piece.labels)
    areas = components.areas[np.searchsorted(components.labels, labels)]
    return bool(counts[labels].sum() >= _MOSTLY * areas.sum())


def _part_of(found: Segmentation, row: RowOfInk, pieces: list[Piece]) -> RowOfInk:
    """Make a row of some pieces of another row."""
    indices = np.searchsorted(found.components.labels, [label for piece in pieces for label in piece.labels])
    return found.row(indices, pieces, row.height, row.letter_px, row.block, row.line)


def _on_ink(found: Segmentation, picture: Picture, box: Box) -> tuple[Box, NDArray[np.bool_]]:
    """Return the window of the ink around a box of the upload, and which of its pixels (h, w) are in the box.

    If the page was turned askew or its strokes were made upright, the box leans within the window.
    """
    down, across = picture.scale
    corners = [(x / across, y / down) for x in (box.left, box.right) for y in (box.top, box.bottom)]
    to_page = found.to_page
    sides = to_page.inverse().around(np.array(corners))
    sides = np.clip(np.concatenate([np.floor(sides[:2]), np.ceil(sides[2:])]), 0, np.tile(found.ink.shape, 2))
    window = Box.of(sides)
    if to_page.keeps_boxes:
        return window, np.ones((window.height, window.width), bool)
    y, x = np.mgrid[window.top : window.bottom, window.left : window.right] + 0.5
    (a, b), (c, d) = to_page.linear
    there_x, there_y = (a * x + b * y + to_page.shift[0]) * across, (c * x + d * y + to_page.shift[1]) * down
    inside = (there_x >= box.left) & (there_x < box.right) & (there_y >= box.top) & (there_y < box.bottom)
    return window, inside


def _count(found: Segmentation, window: Box, inside: NDArray[np.bool_]) -> NDArray[np.intp]:
    """Count for each label the pixels of a window that are inside the box."""
    labels = found.components.label_image[window.top : window.bottom, window.left : window.right]
    return np.bincount(labels[inside], minlength=int(found.components.labels.max(initial=0)) + 1)


def _own_ink(found: Segmentation, window: Box, inside: NDArray[np.bool_]) -> NDArray[np.uint8]:
    """Return the stretched ink (h, w) of the pieces that are mostly inside the box, or of all if none is."""
    place = (slice(window.top, window.bottom), slice(window.left, window.right))
    pieces = found.components.labels
    within = _count(found, window, inside)[pieces]
    meant = pieces[within >= _MOSTLY * np.maximum(found.components.areas, 1)]
    mask = inside & np.isin(found.components.label_image[place], meant if len(meant) else pieces)
    stretched: NDArray[np.uint8] = found.levels.stretch[found.ink[place]] * mask
    return stretched
