"""One glyph, or one row, out of a page, by a box that somebody names."""

from __future__ import annotations

from functools import partial

import numpy as np
from numpy.typing import NDArray

from app.errors import InvalidInput
from app.vision.box import Box
from app.vision.components import text_height
from app.vision.glyphs import Piece, cut_glyphs, hypothesise
from app.vision.normalise import normalise_glyph
from app.vision.picture import Picture
from app.vision.segment import RowOfInk, Segmentation
from app.vision.strip import cut_strip

# A piece with this share of its ink in the box, or more, is meant; others belong to neighbours.
_MOSTLY = 0.5
# A row with less than this share of the ink that the fullest one has in the box only reaches into it.
_MEANT = 0.2
_EMPTY = "expected a box with writing in it, got one without"


def crop_glyph(found: Segmentation, picture: Picture, box: Box) -> NDArray[np.float32]:
    """Return the ink in a box as the classifier's input (GLYPH_SIZE, GLYPH_SIZE), ink 1 on paper 0.

    Where the box is that of a hypothesis, it is the very input that this had. Elsewhere pieces that lie for the most
    part outside are left out, unless there are no others: writing that is joined is cut at the box.

    Parameters
    ----------
    box : in pixels of the upload

    Raises
    ------
    InvalidInput : there is no ink in it.
    """
    for row in found.rows:
        for number, hypothesis in enumerate(row.hypotheses):
            if picture.on_upload(found.on_page(hypothesis.box)) == box:
                return row.glyphs[number, 0]
    own = _own_ink(found, _on_ink(found, picture, box))
    if not own.any():
        raise InvalidInput(_EMPTY)
    return normalise_glyph(own)


def glyph_of_row(found: Segmentation, row: RowOfInk, box: Box) -> NDArray[np.float32]:
    """Return the glyph of a row that has a box in pixels of the ink, as `crop_glyph` does."""
    for number, hypothesis in enumerate(row.hypotheses):
        if hypothesis.box == box:
            return row.glyphs[number, 0]
    return normalise_glyph(_own_ink(found, box))


def crop_row(found: Segmentation, picture: Picture, box: Box) -> RowOfInk:
    """Return the row of writing in a box: the very one that was found, if all of it is inside, or what of it is.

    Parameters
    ----------
    box : in pixels of the upload

    Raises
    ------
    InvalidInput : there is no writing in it, or more than one row.
    """
    place = _on_ink(found, picture, box)
    inside = [[piece for piece in row.pieces if _is_meant(piece, place)] for row in found.rows]
    ink = [sum(piece.box.height * piece.box.width for piece in pieces) for pieces in inside]
    if not any(ink):
        raise InvalidInput(_EMPTY)
    meant = [number for number, amount in enumerate(ink) if amount >= _MEANT * max(ink)]
    if len(meant) > 1:
        raise InvalidInput(f"expected a box around one row of writing, got one around {len(meant)}", rows=len(meant))
    row, pieces = found.rows[meant[0]], inside[meant[0]]
    return row if len(pieces) == len(row.pieces) else _part_of(found, row, pieces)


def _is_meant(piece: Piece, place: Box) -> bool:
    down = min(piece.box.bottom, place.bottom) - max(piece.box.top, place.top)
    across = min(piece.box.right, place.right) - max(piece.box.left, place.left)
    return min(down, across) > 0 and down * across >= _MOSTLY * piece.box.height * piece.box.width


def _part_of(found: Segmentation, row: RowOfInk, pieces: list[Piece]) -> RowOfInk:
    """Cut a row anew, of some of its pieces."""
    components = found.components
    indices = np.searchsorted(components.labels, [label for piece in pieces for label in piece.labels])
    hypotheses = hypothesise(pieces, row.height)
    cut = partial(cut_glyphs, pieces, hypotheses, found.ink, components, found.levels)
    strip = cut_strip(indices, components, found.ink, found.levels, found.slope, text_height(components))
    return RowOfInk(pieces, hypotheses, row.height, strip, cut)


def _on_ink(found: Segmentation, picture: Picture, box: Box) -> Box:
    """Return the box in pixels of the ink."""
    down, across = picture.scale
    corners = [(x / across, y / down) for x in (box.left, box.right) for y in (box.top, box.bottom)]
    sides = found.to_page.inverse().around(np.array(corners))
    sides = np.clip(np.concatenate([np.floor(sides[:2]), np.ceil(sides[2:])]), 0, np.tile(found.ink.shape, 2))
    return Box(*(int(side) for side in sides))


def _own_ink(found: Segmentation, box: Box) -> NDArray[np.uint8]:
    place = (slice(box.top, box.bottom), slice(box.left, box.right))
    labels = found.components.label_image[place]
    inside = np.bincount(labels.ravel(), minlength=int(found.components.labels.max(initial=0)) + 1)
    pieces = found.components.labels
    meant = pieces[inside[pieces] >= _MOSTLY * np.maximum(found.components.areas, 1)]
    mask = np.isin(labels, meant if len(meant) else pieces)
    stretched: NDArray[np.uint8] = found.levels.stretch[found.ink[place]] * mask
    return stretched
