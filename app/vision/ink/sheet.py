"""Sheets of paper photographed on something darker: all around them is made paper, so that nothing is read there."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from scipy import ndimage
from skimage.filters import threshold_otsu
from skimage.morphology import convex_hull_image

from app.vision.ink.binarise import flatten_illumination
from app.vision.ink.grid import cell_px, enlarged, filled, reduced
from app.vision.ink.runs import label_runs

Grey = NDArray[np.uint8]

# The outline of the sheet is looked for on a grid of about this many cells along the longer side.
_GRID_CELLS = 100
_CORNER_CELLS = 4
_STROKE_CELLS = 7  # writing is no wider than this: it is closed before paper is told from table
# The table is this much darker than paper, a shadow seldom, and the step between is no wider than so many cells.
_DARKER, _STEP_CELLS = 0.7, 2
_SHARP = 0.7  # share of the outline that must be such a step; a vignette has none
# A table of light wood is only so much darker, which is no more than a shadow is; but it lies all around the sheet,
# which has little of the image's edge. Of 161 drawn pages in shadow the light has as little on 15, and at most 0.14 of
# its outline is such a step. So much must be, or a shaded corner of the sheet goes with what is written there.
_DARKER_ALL_AROUND, _ALL_AROUND, _SHARP_ALL_AROUND = 0.85, 0.2, 0.9
_SMALLEST = 0.04  # of the image; a smaller light area is a picture of something
_PAPER = 1 - 0.75 * _SMALLEST  # quantile of the image's greys that is paper, however small the sheet
# Where a sheet reaches a corner, what is left might be the rest of it, in a shadow; so it must be smaller and darker.
_SMALLEST_IN_CORNER, _DARKER_BESIDE = 0.55, 0.5
_CONVEX = 0.8  # share of the smallest convex area around it that a sheet covers, writing left out
# The edge of the sheet, its shadow, the corner that curls up: at least so far, and while it is darker than paper near.
_MARGIN_CELLS, _EDGE_CELLS, _EDGE = 1, 3, 0.9

# What lies so far beyond a sheet is no edge of it. Letters there are as dark for their ground as half of the darkest
# ink on the sheet, and as high as the letters there, in
_BEYOND_CELLS, _DARKEST, _PEN = 3, 0.995, 0.5
# heights of these. On 78 sheets on drawn tables, most of them of wood, there are 0 to 3, 0.12 of those on the sheet
# at most; where a page in a shadow was taken for a sheet, 15 and 34.
_LOWEST, _HIGHEST, _WIDEST, _FEWEST, _SHARE = 0.5, 2.0, 2.5, 5, 0.1


def without_surroundings(grey: Grey) -> Grey:
    """Continue a sheet of paper to the edges of its image; return `grey` itself where no sheet ends within it.

    The sheet is the largest light area of the image if a corner of the image lies outside it and its outline is sharp,
    which a shadow's or a vignette's is not; where the table lies all around, it may be nearly as light. Where the sheet
    reaches other corners, it must fill most of the image. Beside it there may be smaller ones. Where letters like its
    own stand beyond it, the rest of the sheet or page lies in a shadow.

    Parameters
    ----------
    grey : (H, W)
    """
    cell = cell_px(grey.shape, _GRID_CELLS)
    coarse = reduced(grey, cell)
    paper = float(np.quantile(coarse, _PAPER))
    ends = slice(None, _CORNER_CELLS), slice(-_CORNER_CELLS, None)
    corners = np.array([float(np.median(coarse[down, across])) for down in ends for across in ends])
    if corners.min() > _DARKER * paper:
        return grey
    # Black all around: a strip of table that is narrower than strokes must not be closed with the image's edge.
    framed = ndimage.grey_closing(np.pad(coarse, _STROKE_CELLS), size=(_STROKE_CELLS, _STROKE_CELLS))
    ground = framed[_STROKE_CELLS:-_STROKE_CELLS, _STROKE_CELLS:-_STROKE_CELLS]
    threshold = threshold_otsu(ground)
    # What is left of a sheet in a shadow is nearer to it than to the table.
    for _ in range(2):
        found = _sheets(ground > threshold, coarse, ground, paper, corners)
        if found is None:
            return grey
        light, sheet = found
        if not _is_written_beyond(grey, sheet, cell):
            beyond = enlarged(filled(ground, sheet & light), grey.shape)
            return np.where(_in_pixels(sheet, cell, grey.shape), grey, beyond)
        threshold = threshold_otsu(ground[ground <= threshold])
    return grey


def _sheets(
    is_light: NDArray[np.bool_], coarse: Grey, ground: Grey, paper: float, corners: NDArray[np.float64]
) -> tuple[NDArray[np.bool_], NDArray[np.bool_]] | None:
    """Return the cells of light areas that are sheets, and of sheets without edges; None if the largest area is none.

    Parameters
    ----------
    coarse, ground : the image in cells, and without its strokes
    paper, corners : greys of the paper and of the four corners
    """
    light, *others = _areas(is_light)
    sheet = convex_hull_image(light)  # writing at the edge opens it to the table
    darker = _DARKER_ALL_AROUND if _lies_within(sheet) else _DARKER
    if np.median(coarse[light]) < darker * np.median(ground[light]):
        return None  # light writing on something dark, closed to an area
    if not _is_sheet(light, sheet, ground):
        return None
    if corners.max() < _DARKER * paper or _lies_within(sheet):
        if light.mean() < _SMALLEST:
            return None
    elif light.mean() < _SMALLEST_IN_CORNER or np.median(ground[~sheet]) > _DARKER_BESIDE * paper:
        return None
    for other in others:
        hull = convex_hull_image(other)
        if _is_sheet(other, hull, ground):
            light, sheet = light | other, sheet | hull
    return light, _without_edge(ground, sheet)


def _is_written_beyond(grey: Grey, sheet: NDArray[np.bool_], cell: int) -> bool:
    """Whether letters stand beyond a sheet (of cells) that are as dark, for their ground, as those on it, and as high.

    What the grain of wood makes is paler, or of no letter's form.
    """
    ink = flatten_illumination(grey)
    on_sheet = _in_pixels(ndimage.binary_erosion(sheet, border_value=1), cell, grey.shape)
    beyond = _in_pixels(~ndimage.binary_dilation(sheet, np.ones((3, 3)), _BEYOND_CELLS), cell, grey.shape)
    if not on_sheet.any():
        return False
    dark = ink >= max(_PEN * float(np.quantile(ink[on_sheet], _DARKEST)), 1)
    own, other = label_runs(dark & on_sheet), label_runs(dark & beyond)
    heights = own.boxes[:, 2] - own.boxes[:, 0]
    order = np.argsort(heights)
    high = heights[order[np.searchsorted(np.cumsum(own.areas[order]), own.areas.sum() / 2)]]
    counts = []
    for pieces in (own, other):
        down, across = (pieces.boxes[1:, 2:] - pieces.boxes[1:, :2]).T
        is_letter = (_LOWEST * high <= down) & (down <= _HIGHEST * high) & (across <= _WIDEST * high)
        counts.append(np.count_nonzero(is_letter))
    return bool(counts[1] >= max(_FEWEST, _SHARE * counts[0]))


def _in_pixels(cells: NDArray[np.bool_], cell: int, shape: tuple[int, ...]) -> NDArray[np.bool_]:
    """Enlarge a mask of cells to an image of this shape (H, W)."""
    return np.repeat(np.repeat(cells, cell, axis=0), cell, axis=1)[: shape[0], : shape[1]]


def _areas(light: NDArray[np.bool_]) -> list[NDArray[np.bool_]]:
    """The largest area, and then all others that may be sheets."""
    areas, _ = ndimage.label(light)
    sizes = np.bincount(areas.ravel())
    sizes[0] = 0
    largest = int(np.argmax(sizes))
    others = np.flatnonzero(sizes >= _SMALLEST * light.size)
    return [areas == number for number in (largest, *others[others != largest])]


def _is_sheet(light: NDArray[np.bool_], hull: NDArray[np.bool_], ground: Grey) -> bool:
    """Whether a light area fills the convex one around it, and ends in a step down to something dark."""
    return bool(light.sum() >= _CONVEX * hull.sum() and _is_sharp(ground, hull))


def _without_edge(ground: Grey, sheet: NDArray[np.bool_]) -> NDArray[np.bool_]:
    """Take off the rim that is blurred into the table; the image's own edge is none."""
    rim, inner = (
        ndimage.binary_erosion(sheet, np.ones((3, 3)), iterations=cells, border_value=1)
        for cells in (_MARGIN_CELLS, _EDGE_CELLS)
    )
    paper = ndimage.maximum_filter(np.where(sheet, ground, 0), 2 * _EDGE_CELLS + 1)
    return np.asarray(inner | (rim & (ground >= _EDGE * paper.astype(np.float32))))


def _is_sharp(ground: Grey, sheet: NDArray[np.bool_]) -> bool:
    """Whether most of the sheet's outline within the image is a step down to something clearly darker."""
    outline = sheet & ~ndimage.binary_erosion(sheet, border_value=1)
    size = 2 * _STEP_CELLS + 1
    darkest = ndimage.minimum_filter(ground, size)[outline].astype(np.float32)
    lightest = ndimage.maximum_filter(ground, size)[outline]
    if not outline.any():
        return False
    step = darkest / np.maximum(lightest, 1)
    around = _lies_within(sheet) and np.mean(step < _DARKER_ALL_AROUND) >= _SHARP_ALL_AROUND
    return bool(around or np.mean(step < _DARKER) >= _SHARP)


def _lies_within(sheet: NDArray[np.bool_]) -> bool:
    """Whether a sheet hardly reaches the edges of its image, and none of the corners: a lit corner of a page does."""
    edges = np.concatenate([sheet[0], sheet[-1], sheet[:, 0], sheet[:, -1]])
    corners = sheet[[0, 0, -1, -1], [0, -1, 0, -1]]
    return bool(edges.mean() <= _ALL_AROUND and not corners.any())
