"""A picture that a few thick letters fill is laid on larger paper."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from scipy.ndimage import binary_fill_holes, distance_transform_edt
from skimage.measure import label, regionprops
from skimage.morphology import convex_hull_image

from app.vision.affine import Affine
from app.vision.ink.components import stroke_width
from app.vision.ink.grid import cell_px
from app.vision.ink.scale import overview_zoom, scaled

_GRID_CELLS = 200  # along the longer side, as in the steps that tell ink from paper
# Share of the contrast of ink. The ground varies by no more along the edge, through noise and light from one side.
_FLAT = 0.25
_ALONG_THE_EDGE = 0.9  # share of the picture's edge that has the ground's grey, at least; letters may touch the edge
_LEAST_CONTRAST = 24  # grey levels, of 255; with less, what is on the ground is no writing
# Widths of strokes, in cells. On a page they are 0.5 to 3. The ground is looked for in squares of 9 to 14 cells.
_THICK = 4.0  # thicker strokes become hollow or are taken for the ground, so that the picture is laid on larger paper
_USUAL = 2.0  # what they are then
# Share of its convex hull. If the ink covers more, it is a sheet of paper. All of 600 drawn sheets on tables cover that
# much; of 500 letters in thick pens 78 do, 77 of them in pens of a fifth of their height and more.
_SOLID = 0.8
_SLIM = 0.4  # width over length; the largest of several things is a bar of a letter, and no sheet, if it is slimmer
# In mean widths of the strokes. If ink is somewhere thicker, it is no letters: these reach 2.1, a silhouette 2.6.
_UNEVEN = 2.3


def on_larger_paper(grey: NDArray[np.uint8]) -> tuple[NDArray[np.uint8], Affine]:
    """Continue the ground of a picture all around it, if strokes are too thick for the size of the picture.

    The steps that look for paper, sheets and polarity on a grid expect strokes as thin as on a page.

    Parameters
    ----------
    grey : (H, W); not changed

    Returns
    -------
    grey : the picture on larger paper, reduced if it has more pixels than a first look needs; `grey` itself if its
        strokes are thin enough
    to_page : the map from its pixels to those of the picture as it came
    """
    as_it_came = Affine.scaling(1, 1)
    edge = np.concatenate([grey[0], grey[-1], grey[:, 0], grey[:, -1]]).astype(np.int16)
    ground = int(np.median(edge))
    cell = cell_px(grey.shape, _GRID_CELLS)
    # One pixel of each cell is looked at. This misses thin strokes, which do not matter.
    contrast = np.abs(grey[cell // 2 :: cell, cell // 2 :: cell].astype(np.int16) - ground)
    most = int(contrast.max(initial=0))
    if np.mean(np.abs(edge - ground) <= _FLAT * most) < _ALONG_THE_EDGE:
        return grey, as_it_came
    ink = np.pad(2 * contrast > most, 1)
    cells = stroke_width(ink) if most >= _LEAST_CONTRAST else 0.0
    if cells < _THICK or not _may_be_letters(ink, cells):
        return grey, as_it_came
    beside = (cells / _USUAL - 1) / 2 * max(grey.shape)
    zoom = overview_zoom((grey.shape[0] + 2 * beside, grey.shape[1] + 2 * beside))
    small = scaled(grey, zoom)
    margin = round(beside * zoom)
    down, across = (whole / seen for whole, seen in zip(grey.shape, small.shape, strict=True))
    to_page = Affine.scaling(across, down).after(Affine(np.eye(2), np.full(2, -float(margin))))
    return np.pad(small, margin, constant_values=ground), to_page


def _may_be_letters(ink: NDArray[np.bool_], cells: float) -> bool:
    """Whether thick ink (rows, columns), with strokes `cells` wide in the mean, may be letters."""
    return not _is_sheet(ink) and bool(2 * distance_transform_edt(ink).max() <= _UNEVEN * cells)


def _is_sheet(ink: NDArray[np.bool_]) -> bool:
    """Whether ink (rows, columns), of which there is some, is a sheet of paper, with or without other things beside it.

    So is a thick frame with writing in it. No letter goes round another.
    """
    if np.count_nonzero(ink) > _SOLID * np.count_nonzero(convex_hull_image(ink)):
        return True
    pieces = label(ink)
    largest = max(regionprops(pieces), key=lambda piece: piece.area)
    if largest.solidity > _SOLID and largest.axis_minor_length > _SLIM * largest.axis_major_length:
        return True
    own = pieces == largest.label
    return bool((binary_fill_holes(own) & ink & ~own).any())
