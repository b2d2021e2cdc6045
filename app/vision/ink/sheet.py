"""Sheets of paper photographed on something darker: all around them is made paper, so that nothing is read there."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray
from PIL import Image
from scipy import ndimage
from skimage.filters import threshold_otsu
from skimage.morphology import convex_hull_image

from app.vision.ink.bands import find_bands
from app.vision.ink.grid import cell_px, enlarged, filled, in_pixels, inside, reduced
from app.vision.ink.outline import find_outlines
from app.vision.ink.runs import label_runs

Grey = NDArray[np.uint8]

# The outline of the sheet is looked for on a grid of about this many cells along the longer side.
_GRID_CELLS = 100
_CORNER_CELLS = 4
_STROKE_CELLS = 7  # writing is no wider than this: it is closed before paper is told from table
_DARKER = 0.7  # share of the paper than which a table is darker; a shadow seldom is
_STEP_CELLS = 2  # the step between is no wider
_SHARP = 0.7  # share of the outline that must be such a step; a vignette has none
_ALL_AROUND = 0.2  # of the image's edge at most is the sheet's where the table lies all around
_SMALLEST = 0.04  # of the image; a smaller light area is a picture of something
_PAPER = 1 - 0.75 * _SMALLEST  # quantile of the image's greys that is paper, however small the sheet
# Where a sheet reaches a corner, what is left might be the rest of it, in a shadow:
_SMALLEST_IN_CORNER = 0.55  # so the sheet must have more of the image,
_DARKER_BESIDE = 0.5  # and what is beside it must be darker than this share of the paper
_BLACK = 0.33  # of the paper; shadows are lighter, and what is darker is not continued beyond an outline, or no paper
_CONVEX = 0.8  # share of the smallest convex area around it that a sheet covers, writing left out
_IN_ONE_PIECE = 0.6  # share of a sheet that is one piece of light ground around its writing; letters are many
_AS_LIGHT = 0.5  # a sheet has at least this share of the lightest grey; the ground of light writing has less
# The edge of the sheet, its shadow, the corner that curls up:
_MARGIN_CELLS = 1  # are left out at least so far,
_EDGE_CELLS = 3  # and so far at most,
_EDGE = 0.9  # while they are darker than this share of the paper near

# What is written beyond a sheet:
_FINE_CELLS = 240  # is looked for on a finer grid, of so many cells along the longer side,
_BESIDE_CELLS = 8  # so far from the sheet's edge, beyond what is blurred into its shadow.
# Writing has a flat ground: in contrast to the lightest around it,
_MOST_OF_IT = 0.8  # so much of the ground
_FLAT = 0.06  # is hardly darker, and
_DARK = 0.25  # writing is darker than this.
_LETTER_CELLS = 14  # Its pieces are no higher,
_WORD_CELLS = 60  # and no wider.
# Around 347 drawn sheets nothing flat and not black has so many of them, and such a share of as many as are on the
# sheet, but what was cut off wrongly.
_FEWEST = 10
_SHARE = 0.3
_FEWEST_BESIDE_BOARD = 3  # around 30 drawn boards on walls there are none; beside a panel of a dark screen there are
# Bars of a screenshot:
_SIDE_TO_SIDE = 0.9  # of the rows of the sheet between them so many reach from side to side,
_BAR_ROWS = 4  # and in one of so many of their rows of pixels
_DRAWN = 0.8  # so many are of the same grey as the next: letters and JPEG change some, and noise most
_INK = 0.01  # quantile of the page that what is written on bands becomes as dark as, as in `polarity`


@dataclass(frozen=True)
class _Overview:
    """An image on the coarse grid.

    Attributes
    ----------
    cells : (rows, columns)
    """

    cells: Grey

    @cached_property
    def paper(self) -> float:
        """Grey of the lightest part."""
        return float(np.quantile(self.cells, _PAPER))

    @cached_property
    def corners(self) -> NDArray[np.float64]:
        """(4,), greys of the corners."""
        ends = slice(None, _CORNER_CELLS), slice(-_CORNER_CELLS, None)
        return np.array([float(np.median(self.cells[down, across])) for down in ends for across in ends])

    @cached_property
    def ground(self) -> Grey:
        """(rows, columns), with strokes closed."""
        # Black all around: a strip of table that is narrower than strokes must not be closed with the image's edge.
        framed = ndimage.grey_closing(np.pad(self.cells, _STROKE_CELLS), size=(_STROKE_CELLS, _STROKE_CELLS))
        return np.asarray(framed[_STROKE_CELLS:-_STROKE_CELLS, _STROKE_CELLS:-_STROKE_CELLS])


class _Sheets(NamedTuple):
    """Sheets on a table.

    Attributes
    ----------
    light : (rows, columns), which cells are surely paper
    whole : (rows, columns), which are on a sheet
    outlines : (4, 2) each, corners, in cells, of those that end at straight lines
    """

    light: NDArray[np.bool_]
    whole: NDArray[np.bool_]
    outlines: list[NDArray[np.float64]]


def without_surroundings(grey: Grey, *, is_board: bool = False) -> Grey:
    """Continue a sheet of paper to the edges of its image; return `grey` itself where no sheet ends within it.

    Sheets are what `find_outlines` finds. Else it is the largest light area of the image if a corner of the image lies
    outside it and its outline is sharp, which a shadow's or a vignette's is not. Where the sheet reaches other corners,
    it must fill most of the image. Beside it there may be smaller ones. No sheet ends where writing stands beyond it.

    Parameters
    ----------
    grey : (H, W)
    is_board : whether the greys of light writing on dark were turned round. Then a few letters beyond it are enough:
        the panel of a dark screen ends as a board on a wall does
    """
    cell = cell_px(grey.shape, _GRID_CELLS)
    image = _Overview(reduced(grey, cell))
    outlines = [corners / cell for corners in find_outlines(grey)]
    if not outlines and image.corners.min() > _DARKER * image.paper:
        return grey
    sheets = _find_sheets(image, outlines)
    if sheets is None:
        return grey
    fine_cell = cell_px(grey.shape, _FINE_CELLS)
    fine = reduced(grey, fine_cell)
    on_sheets = _on_grid(sheets.whole, fine)
    bands = find_bands(grey, fine, fine_cell, on_sheets, float(np.median(image.ground[sheets.whole])))
    if bands is not None and _are_bars(grey, in_pixels(sheets.whole, cell, grey.shape)):
        return grey  # dark boxes with light writing, see `polarity`
    beyond, on_it = _count_letters(fine, on_sheets if bands is None else on_sheets | bands.letters)
    if beyond >= (_FEWEST_BESIDE_BOARD if is_board else max(_FEWEST, _SHARE * on_it)):
        return grey
    if bands is not None:  # its ground becomes paper, too
        beside = ndimage.binary_dilation(_on_grid(bands.ground | bands.letters, sheets.whole))
        sheets = _Sheets(sheets.light & ~beside, sheets.whole & ~_on_grid(bands.ground, sheets.whole), [])
    page = _continued(grey, sheets, image, cell)
    if bands is not None:
        bands.write(page, float(np.quantile(page[::8, ::8], _INK)))
    return page


def _find_sheets(image: _Overview, outlines: list[NDArray[np.float64]]) -> _Sheets | None:
    """Return the sheets that have an outline, or else that which is the largest light area, and others beside them.

    Parameters
    ----------
    outlines : (4, 2) each, corners as of `find_outlines`, in cells
    """
    is_light = image.ground > threshold_otsu(image.ground)
    light = sheet = np.zeros(is_light.shape, bool)
    for corners in outlines:
        own = inside(corners, sheet.shape)
        if _is_light_writing(own, image):
            return None
        is_lit = ndimage.minimum_filter(image.cells, 3) > _BLACK * np.median(image.ground[own])
        light, sheet = light | (own & is_lit), sheet | own
    if outlines:  # the gap to the next sheet was closed as a stroke is
        is_light &= ~ndimage.binary_dilation(sheet, np.ones((3, 3)), _EDGE_CELLS)
    for number, other in enumerate(_areas(is_light)):
        hull = convex_hull_image(other)  # writing at the edge opens it to the table
        if number or outlines:
            if _is_sheet(other, hull, image.ground):
                light, sheet = light | other, sheet | hull
        elif _is_on_table(other, hull, image):
            light, sheet = other, hull
        else:
            return None
    return _Sheets(light, sheet, outlines) if sheet.any() else None


def _continued(grey: Grey, sheets: _Sheets, image: _Overview, cell: int) -> Grey:
    """Return the page (H, W) with the paper of the sheets all around them.

    Straight sides are cut along a line: cells would leave pieces of a frame that runs along them.
    """
    sheet = _without_edge(image.ground, sheets.whole)
    known = sheet & sheets.light
    beyond = enlarged(filled(image.ground, known if known.any() else sheet), grey.shape)
    for corners in sheets.outlines:
        sheet &= ~inside(corners, sheet.shape)
    own = in_pixels(sheet, cell, grey.shape)
    for corners in sheets.outlines:
        own |= inside(corners * cell, grey.shape, _MARGIN_CELLS * cell)
    return np.where(own, grey, beyond)


def _is_on_table(light: NDArray[np.bool_], hull: NDArray[np.bool_], image: _Overview) -> bool:
    """Whether the largest light area is a sheet on something darker.

    Parameters
    ----------
    light, hull : (rows, columns), the area, and the smallest convex one around it
    """
    return (
        not _is_light_writing(light, image)
        and _is_sheet(light, hull, image.ground)
        and _is_large_enough(light, hull, image)
    )


def _is_light_writing(light: NDArray[np.bool_], image: _Overview) -> bool:
    """Whether a light area is light writing or lines, closed to an area, or the dark ground around these.

    Parameters
    ----------
    light : (rows, columns)
    """
    ground = float(np.median(image.ground[light]))
    if np.median(image.cells[light]) < _DARKER * ground or ground < _AS_LIGHT * image.paper:
        return True
    pieces, _ = ndimage.label(light & (image.cells >= _DARKER * image.ground))
    return bool(np.bincount(pieces.ravel())[1:].max(initial=0) < _IN_ONE_PIECE * np.count_nonzero(light))


def _is_large_enough(light: NDArray[np.bool_], hull: NDArray[np.bool_], image: _Overview) -> bool:
    """Whether a sheet is no picture, and if it reaches a corner of the image no lit part of a page."""
    if _lies_within(hull) or image.corners.max() < _DARKER * image.paper:
        return bool(light.mean() >= _SMALLEST)
    is_dark_beside = np.median(image.ground[~hull]) <= _DARKER_BESIDE * image.paper
    return bool(light.mean() >= _SMALLEST_IN_CORNER and is_dark_beside)


def _count_letters(cells: Grey, sheet: NDArray[np.bool_]) -> tuple[int, int]:
    """Count pieces like letters beyond a sheet, if that is flat, and on it: a form's label is beside its field.

    Of grain, cloth and keys no more is known than that they are not flat.

    Parameters
    ----------
    cells : (rows, columns), the image on the finer grid
    sheet : (rows, columns), which of them are the sheet
    """
    ground = ndimage.grey_closing(cells, size=(_STROKE_CELLS, _STROKE_CELLS))
    contrast = 1 - cells / np.maximum(ground, 1).astype(np.float32)
    beyond = ~ndimage.binary_dilation(sheet, np.ones((3, 3)), _BESIDE_CELLS)
    beyond &= ground > _BLACK * np.median(ground[sheet])
    if not beyond.any() or np.quantile(contrast[beyond], _MOST_OF_IT) > _FLAT:
        return 0, 0
    counts = []
    for area in (beyond, sheet):
        boxes = label_runs((contrast > _DARK) & area).boxes[1:]
        down, across = boxes[:, 2] - boxes[:, 0], boxes[:, 3] - boxes[:, 1]
        is_letter = (down > 1) & (down <= _LETTER_CELLS) & (across > 1) & (across <= _WORD_CELLS)
        counts.append(int(np.count_nonzero(is_letter)))
    return counts[0], counts[1]


def _are_bars(grey: Grey, sheet: NDArray[np.bool_]) -> bool:
    """Whether what lies beyond a sheet are the bars of a screenshot: drawn in one grey, from side to side.

    Parameters
    ----------
    sheet : (H, W), which pixels are the sheet
    """
    rows = sheet.any(axis=1)
    if rows.all() or np.count_nonzero(sheet.all(axis=1)) < _SIDE_TO_SIDE * np.count_nonzero(rows):
        return False
    steps = np.abs(np.diff(grey[~rows][::_BAR_ROWS].astype(np.int16), axis=1))
    return bool(np.count_nonzero(steps <= 1) >= _DRAWN * steps.size)


def _on_grid(cells: NDArray[np.bool_], other: NDArray[Any]) -> NDArray[np.bool_]:
    """Bring cells to the coarser or finer grid (rows, columns) of others, sharply."""
    return np.asarray(Image.fromarray(cells).resize(other.shape[::-1], Image.Resampling.NEAREST))


def _areas(light: NDArray[np.bool_]) -> list[NDArray[np.bool_]]:
    """The light areas that are large enough for sheets, the largest first."""
    areas, _ = ndimage.label(light)
    sizes = np.bincount(areas.ravel())
    sizes[0] = 0
    return [areas == number for number in np.argsort(-sizes) if sizes[number] >= _SMALLEST * light.size]


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
    return bool(np.mean(darkest / np.maximum(lightest, 1) < _DARKER) >= _SHARP)


def _lies_within(sheet: NDArray[np.bool_]) -> bool:
    """Whether a sheet hardly reaches the edges of its image, and none of the corners: a lit corner of a page does."""
    edges = np.concatenate([sheet[0], sheet[-1], sheet[:, 0], sheet[:, -1]])
    corners = sheet[[0, 0, -1, -1], [0, -1, 0, -1]]
    return bool(edges.mean() <= _ALL_AROUND and not corners.any())
