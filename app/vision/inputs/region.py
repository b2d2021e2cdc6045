"""A part of a page, with a margin around it, so that it can be read like a page."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from app.vision.box import Box
from app.vision.decoding.picture import Picture

# Width of the margin, in heights of the part: enough to tell ink from paper, and a single stroke from a large letter.
_MARGIN = 0.75
_LEAST_MARGIN_PX = 12  # width of the margin around a low part


@dataclass(frozen=True)
class Region:
    """A part of a page.

    Attributes
    ----------
    grey : (H, W) uint8, a part of `Picture.grey`, with the same pixels
    box : the part of the page that `grey` shows, in pixels of the upload
    """

    grey: NDArray[np.uint8]
    box: Box

    def inside(self, box: Box) -> Box:
        """Convert a box in pixels of the upload to pixels of `grey`; what lies outside `grey` is cut off."""
        height, width = self.grey.shape
        down, across = self.box.height / height, self.box.width / width
        return Box(
            max(0, int((box.top - self.box.top) / down)),
            max(0, int((box.left - self.box.left) / across)),
            min(height, int(np.ceil((box.bottom - self.box.top) / down))),
            min(width, int(np.ceil((box.right - self.box.left) / across))),
        )


def cut_region(picture: Picture, box: Box) -> Region:
    """Cut out of a page what is in a box (pixels of the upload), with the margin that reading needs."""
    down, across = picture.scale
    height, width = picture.grey.shape
    margin = max(_LEAST_MARGIN_PX, round(_MARGIN * box.height / down))
    top, left = max(0, int(box.top / down) - margin), max(0, int(box.left / across) - margin)
    bottom = min(height, int(np.ceil(box.bottom / down)) + margin)
    right = min(width, int(np.ceil(box.right / across)) + margin)
    shown = picture.on_upload(np.array([top, left, bottom, right], np.float64))
    return Region(np.ascontiguousarray(picture.grey[top:bottom, left:right]), shown)
