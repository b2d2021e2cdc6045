"""Panels in a picture: signs, labels, shop fronts. All else is made paper, so that writing on them stands alone."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray
from scipy import ndimage
from skimage.morphology import convex_hull_image

from app.vision.ink.grid import cell_px, enlarged, filled, in_pixels, reduced

Grey = NDArray[np.uint8]
Binary = NDArray[np.bool_]

_GRID_CELLS = 200  # along the longer side, about, as in `polarity`
_EVEN = 6  # grey levels, of 255, by which neighbouring cells of a panel's ground differ, at most
# Shares of the picture:
_SMALLEST = 0.015
_LARGEST = 0.9  # a larger panel is the page itself
_SOLID = 0.85  # share of its convex hull that a panel has, at least, without letters that reach its edge
_EDGE_CELLS = 2  # width of a panel's blurred edge, which is left out, and of the strip along it
_BARE = 0.9  # share of that strip that is even, at least: few letters reach it, while other even areas are ragged
_LEAST_WRITTEN, _MOST_WRITTEN = 0.04, 0.7  # shares of a panel that are not even
_SQUARE = np.ones((3, 3), bool)  # the neighbours of a cell
_PAPER = 230  # grey that the ground of panels becomes; noise makes some of it lighter


class _Panel(NamedTuple):
    """Which cells (rows, columns) of a picture are on a panel, and which of them are surely its ground."""

    inner: Binary
    ground: Binary


def only_panels(grey: Grey) -> Grey | None:
    """Make all of a picture paper but what is written on panels, which becomes dark; None if there are no panels.

    A panel is convex. Its ground is even, so that its cells are connected, and all along its edge hardly anything is
    written.

    Parameters
    ----------
    grey : (H, W), not changed
    """
    cell = cell_px(grey.shape, _GRID_CELLS)
    cells = reduced(grey, cell)
    panels = _find_panels(cells)
    if not panels:
        return None
    page = np.full(grey.shape, _PAPER, np.uint8)
    for panel in panels:
        ground = filled(cells, panel.ground)
        above = (cells.astype(np.float32) - ground)[panel.inner]
        is_light = (above[above > 0] ** 2).sum() > (above[above < 0] ** 2).sum()
        pixels = in_pixels(panel.inner, cell, grey.shape)
        paper = enlarged(ground, grey.shape)[pixels]
        written = grey[pixels]
        if is_light:
            paper, written = 255 - paper, 255 - written
        page[pixels] = np.minimum(_PAPER / np.maximum(paper, 1).astype(np.float32) * written, 255)
    return page


def _find_panels(cells: Grey) -> list[_Panel]:
    """Find panels with something written on them; where one lies within another, such as within its frame, the former.

    Parameters
    ----------
    cells : (rows, columns), the picture on the grid
    """
    areas, _ = ndimage.label(ndimage.maximum_filter(cells, 2) - ndimage.minimum_filter(cells, 2) <= _EVEN)
    found = []
    for number, place in enumerate(ndimage.find_objects(areas), 1):
        wide = tuple(slice(max(0, side.start - 1), side.stop + 1) for side in place)
        if areas[wide].size < _SMALLEST * cells.size:
            continue
        ground = areas[wide] == number
        hull = _hull_of_panel(ground, cells.size)
        if hull is not None:
            inner = np.zeros((2, *cells.shape), bool)
            inner[0][wide], inner[1][wide] = ndimage.binary_erosion(hull, _SQUARE, _EDGE_CELLS), ground
            found.append(_Panel(*inner))
    panels: list[_Panel] = []
    taken = np.zeros(cells.shape, bool)
    for panel in sorted(found, key=lambda panel: np.count_nonzero(panel.inner)):
        if 2 * np.count_nonzero(taken & panel.inner) <= np.count_nonzero(panel.inner):
            panels.append(panel)
            taken |= panel.inner
    return panels


def _hull_of_panel(ground: Binary, size: int) -> Binary | None:
    """Return the smallest convex area around even cells (rows, columns); None if that is no panel.

    Parameters
    ----------
    size : cells of the whole picture
    """
    solid = ndimage.binary_fill_holes(ndimage.binary_dilation(ground, _SQUARE))
    if np.count_nonzero(solid) < _SMALLEST * size:
        return None
    hull: Binary = convex_hull_image(solid)
    area = np.count_nonzero(hull)
    if area > _LARGEST * size or np.count_nonzero(solid) < _SOLID * area:
        return None
    inner = ndimage.binary_erosion(hull, _SQUARE, _EDGE_CELLS)
    strip = inner & ~ndimage.binary_erosion(inner, _SQUARE, _EDGE_CELLS)
    if np.count_nonzero(ground & strip) < _BARE * np.count_nonzero(strip):
        return None
    written = np.count_nonzero(inner & ~ground)
    return hull if _LEAST_WRITTEN * area <= written <= _MOST_WRITTEN * area else None
