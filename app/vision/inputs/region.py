"""A part of a page, with as much around it as it takes to read it."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from app.vision.box import Box
from app.vision.decoding.picture import Picture

# In heights of the part: the paper must be told from the ink, and a single stroke from a large letter.
_MARGIN = 0.75
_LEAST_MARGIN_PX = 12


@dataclass(frozen=True)
class Region:
    """A part of a page.

    Attributes
    ----------
    grey : (H, W) uint8, the very pixels of `Picture.grey`
    box : what it shows of the page, in pixels of the upload
    """

    grey: NDArray[np.uint8]
    box: Box

    def inside(self, box: Box) -> Box:
        """Return a box of the upload in pixels of `grey`; what lies outside of it is cut off."""
        height, width = self.grey.shape
        down, across = self.box.height / height, self.box.width / width
        return Box(
            max(0, int((box.top - self.box.top) / down)),
            max(0, int((box.left - self.box.left) / across)),
            min(height, int(np.ceil((box.bottom - self.box.top) / down))),
            min(width, int(np.ceil((box.right - self.box.left) / across))),
        )


def cut_region(picture: Picture, box: Box) -> Region:
    """Cut a box (pixels of the upload) out of a page, with the margin that reading needs."""
    down, across = picture.scale
    height, width = picture.grey.shape
    margin = max(_LEAST_MARGIN_PX, round(_MARGIN * box.height / down))
    top, left = max(0, int(box.top / down) - margin), max(0, int(box.left / across) - margin)
    bottom = min(height, int(np.ceil(box.bottom / down)) + margin)
    right = min(width, int(np.ceil(box.right / across)) + margin)
    shown = picture.on_upload(np.array([top, left, bottom, right], np.float64))
    return Region(np.ascontiguousarray(picture.grey[top:bottom, left:right]), shown)
