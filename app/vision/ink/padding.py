"""Padding: the flat corners of a picture that was turned by software, or laid askew on a larger canvas."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from PIL import Image
from scipy import ndimage
from skimage.morphology import convex_hull_image

from app.vision.ink.grid import enlarged, filled

_CELLS = 320  # about so many along the longer side, in which the picture is looked at
_MARGIN_CELLS = 3  # of a strip of the content, along its edge, that is given up: there it is blurred into the padding
_SMALLEST_CELL_PX = 2  # even small cells must show whether they are of one grey
_FLAT = 2  # greys by which JPEG spoils one colour
_RINGING = 0.06  # share of the padding's contrast with the rest that it adds near the edge
_LEAST = 0.01  # share of the picture that padding has at least
_MOST = 0.9  # and at most: around a turned row it is most of the picture
_CONVEX = 0.9  # share that the content has of its convex hull; rows of writing on a white page have far less
# Text that stands apart, on a bar, differs by more than this share of that contrast, beyond what JPEG adds,
_WRITTEN = 0.25
_LEAST_WRITTEN = 20  # in so many cells at least: in 600 and more on drawn screenshots, in 3 with specks of a copier
_OF_ITS_GREY = 0.5  # share of the content whose lightest or darkest is the padding's grey: close rows of writing on it
_STROKE_CELLS = 7  # narrower strokes do not reach out into what was padding
_CORNERS = (0, 0, -1, -1), (0, -1, 0, -1)


def without_padding(grey: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """Go on with the content's edge where the padding is: a step in grey would be taken for ink.

    Padding has one grey, which is in all four corners, and what it surrounds is convex and of other greys. A page on
    which anything else stands on flat paper is no such thing, so it is returned as it is. Nor are the bars at the top
    and the bottom of a screenshot, which have text.

    Parameters
    ----------
    grey : (H, W); not changed
    """
    cell = max(_SMALLEST_CELL_PX, round(max(grey.shape) / _CELLS))
    height, width = (side // cell for side in grey.shape)
    corners = grey[_CORNERS].astype(np.int16)
    if np.ptp(corners) > _FLAT or not height * width:
        return grey
    # Down, then across: whole rows at a time are fast.
    rows = grey[: height * cell, : width * cell].reshape(height, cell, -1)
    darkest = rows.min(axis=1).reshape(height, width, cell).min(axis=2)
    lightest = rows.max(axis=1).reshape(height, width, cell).max(axis=2)
    content = _content(darkest, lightest, float(np.median(corners)))
    inner = ndimage.binary_erosion(content, iterations=_MARGIN_CELLS)
    if not inner.any():
        return grey
    beyond = enlarged(filled(ndimage.median_filter(lightest, _STROKE_CELLS), inner), grey.shape)
    outside = np.asarray(Image.fromarray(~inner).resize(grey.shape[::-1], Image.Resampling.NEAREST))
    return np.where(outside, beyond, grey)


def _content(darkest: NDArray[np.uint8], lightest: NDArray[np.uint8], padding: float) -> NDArray[np.bool_]:
    """Return which cells lie within padding of that grey; none if there is no padding."""
    contrast = abs(float(np.median(lightest)) - padding)
    most = _FLAT + _RINGING * contrast
    flat, _ = ndimage.label((lightest - darkest <= most) & (np.abs(lightest - padding) <= most))
    ends = flat[_CORNERS]
    nothing = np.zeros(flat.shape, bool)
    if not ends.all():
        return nothing
    other = ~np.isin(flat, ends)
    found = ndimage.binary_opening(other, iterations=_MARGIN_CELLS)  # without what JPEG leaves outside
    if not _LEAST < 1 - found.mean() < _MOST:
        return nothing
    shows = (np.abs(darkest - padding) <= most) | (np.abs(lightest - padding) <= most)
    if shows[found].mean() > _OF_ITS_GREY:
        return nothing
    content = np.asarray(convex_hull_image(found))
    pieces, _ = ndimage.label(other)
    beyond = other & (pieces != np.bincount(pieces[found]).argmax())
    written = (lightest - darkest > most + _WRITTEN * contrast)[beyond]
    return nothing if np.count_nonzero(written) >= _LEAST_WRITTEN or found.sum() < _CONVEX * content.sum() else content
