"""Padding: the corners of one grey around a picture that software turned, or laid askew on a larger canvas."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from PIL import Image
from scipy import ndimage
from skimage.morphology import convex_hull_image

from app.vision.ink.grid import enlarged, filled

_CELLS = 320  # of the grid on which the picture is looked at, about, along its longer side
_SMALLEST_CELL_PX = 2  # a cell of one pixel would not show whether it has one grey
_MARGIN_CELLS = 3  # width of the strip along the content's edge that is given up: it is blurred into the padding
_STROKE_CELLS = 7  # strokes of the content that are narrower are not continued into the padding
# Greys, of 255:
_FLAT = 2  # by which JPEG changes a colour that was uniform
# Shares of the contrast between the padding and the median of the picture:
_RINGING = 0.06  # by which JPEG changes the padding near its edge, beyond `_FLAT`
_WRITTEN = 0.25  # a cell outside the content has text if its lightest and darkest differ by more than this beyond JPEG
# Shares of the picture:
_LEAST = 0.01  # that is padding, at least
_MOST = 0.9  # that is padding, at most; around a turned row it is most of the picture
# Shares of the content:
_CONVEX = 0.9  # its convex hull has little more, by this at least; rows of writing on a white page have far less
# Cells that show the padding's grey, at most. Where more do, the content is close rows of writing on paper of that
# grey.
_OF_ITS_GREY = 0.5
# Cells with text outside the content, from which on it is the bars of a screenshot. Drawn screenshots have 600 and
# more, specks of a copier make 3.
_LEAST_WRITTEN = 20
# Corners whose whole cell is padding, at least: after a turn by a degree one may be narrower than a cell.
_LEAST_CORNERS = 3
_CORNERS = (0, 0, -1, -1), (0, -1, 0, -1)  # rows and columns of the four corners


def without_padding(grey: NDArray[np.uint8]) -> tuple[NDArray[np.uint8], NDArray[np.bool_] | None]:
    """Continue the edge of the content over the padding, whose step in grey would be taken for ink.

    Padding has one grey, which all four corners have. The content that it surrounds is convex and has other greys. So
    flat paper around writing is not padding, nor are the bars at the top and the bottom of a screenshot, which have
    text.

    Parameters
    ----------
    grey : (H, W); not changed

    Returns
    -------
    grey : (H, W), the page without padding; `grey` itself if it has none
    photographed : (H, W), which pixels are as they came, as of `ink_levels`; None for all
    """
    cell = max(_SMALLEST_CELL_PX, round(max(grey.shape) / _CELLS))
    height, width = (side // cell for side in grey.shape)
    corners = grey[_CORNERS].astype(np.int16)
    if np.ptp(corners) > _FLAT or not height * width:
        return grey, None
    # First down, then across: NumPy compares whole rows of pixels fast.
    rows = grey[: height * cell, : width * cell].reshape(height, cell, -1)
    darkest = rows.min(axis=1).reshape(height, width, cell).min(axis=2)
    lightest = rows.max(axis=1).reshape(height, width, cell).max(axis=2)
    content = _content(darkest, lightest, float(np.median(corners)))
    inner = ndimage.binary_erosion(content, iterations=_MARGIN_CELLS)
    if not inner.any():
        return grey, None
    beyond = enlarged(filled(ndimage.median_filter(lightest, _STROKE_CELLS), inner), grey.shape)
    outside = np.asarray(Image.fromarray(~inner).resize(grey.shape[::-1], Image.Resampling.NEAREST))
    return np.where(outside, beyond, grey), ~outside


def _content(darkest: NDArray[np.uint8], lightest: NDArray[np.uint8], padding: float) -> NDArray[np.bool_]:
    """Return which cells (rows, columns) padding of this grey surrounds; none if there is no padding.

    Parameters
    ----------
    darkest, lightest : (rows, columns), the darkest and the lightest pixel of each cell
    """
    contrast = abs(float(np.median(lightest)) - padding)
    most = _FLAT + _RINGING * contrast
    flat, _ = ndimage.label((lightest - darkest <= most) & (np.abs(lightest - padding) <= most))
    ends = flat[_CORNERS]
    nothing = np.zeros(flat.shape, bool)
    if np.count_nonzero(ends) < _LEAST_CORNERS:
        return nothing
    other = ~np.isin(flat, ends[ends > 0])
    found = ndimage.binary_opening(other, iterations=_MARGIN_CELLS)  # without traces of JPEG in the padding
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
