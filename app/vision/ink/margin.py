"""A few letters that fill their picture: it is laid on larger paper."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from scipy.ndimage import distance_transform_edt
from skimage.morphology import convex_hull_image

from app.vision.affine import Affine
from app.vision.ink.components import stroke_width
from app.vision.ink.grid import cell_px
from app.vision.ink.scale import overview_zoom, scaled

_GRID_CELLS = 200  # along the longer side, as of the steps that tell ink from paper
_FLAT = 0.25  # of the contrast of ink, by which the ground varies along the edge at most: noise, and light from a side
_ALONG_THE_EDGE = 0.9  # share of the edge that is ground at least; letters may touch it
_LEAST_CONTRAST = 24  # of 255; less is no writing that fills a picture
# On a page strokes are 0.5 to 3 cells wide. The ground is looked for in squares of 9 to 14 cells:
_THICK = 4.0  # strokes wider than so many become hollow, or are taken for the ground.
_USUAL = 2.0  # On larger paper they are so wide.
# Ink is not letters, but a sheet of paper, if it covers more than this share of the smallest convex area around it.
# None of 600 drawn sheets on tables covers less; of 500 letters in thick pens 78 cover more, 77 of them in pens of a
# fifth of their height and more.
_SOLID = 0.8
_UNEVEN = 2.3  # Nor are strokes somewhere so many times as wide as in the mean: letters 2.1 at most, a silhouette 2.6


def on_larger_paper(grey: NDArray[np.uint8]) -> tuple[NDArray[np.uint8], Affine]:
    """Go on with the ground of a picture all around it, if strokes are too thick for how large it is.

    All that is looked for on a grid, such as paper and polarity, is larger than strokes, which on a page is so.

    Parameters
    ----------
    grey : (H, W); not changed

    Returns
    -------
    grey : reduced, if it becomes larger than a page has to be; `grey` itself if the strokes are not that thick
    to_page : the way from there to the picture as it came
    """
    as_it_came = Affine.scaling(1, 1)
    edge = np.concatenate([grey[0], grey[-1], grey[:, 0], grey[:, -1]]).astype(np.int16)
    ground = int(np.median(edge))
    cell = cell_px(grey.shape, _GRID_CELLS)
    # One pixel of each cell: thin strokes, which these miss, do not matter.
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
    """Whether thick ink (rows, columns) is made of strokes as wide as its mean."""
    is_solid = np.count_nonzero(ink) > _SOLID * np.count_nonzero(convex_hull_image(ink))
    return bool(not is_solid and 2 * distance_transform_edt(ink).max() <= _UNEVEN * cells)
