"""One glyph out of a page, by a box that somebody names."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from app.errors import InvalidInput
from app.vision.box import Box
from app.vision.normalise import normalise_glyph
from app.vision.picture import Picture
from app.vision.segment import Segmentation

# A piece with this share of its ink in the box, or more, is meant; others belong to neighbours.
_MOSTLY = 0.5


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
        raise InvalidInput("expected a box with writing in it, got one without")
    return normalise_glyph(own)


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
