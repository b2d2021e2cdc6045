"""Coloured bands along the edge of a sheet, with light writing on them: the heads of name tags, forms and lists."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray
from PIL import Image
from scipy import ndimage

from app.vision.ink.grid import enlarged
from app.vision.ink.runs import label_runs
from app.vision.ink.windows import extreme_within

Grey = NDArray[np.uint8]
Binary = NDArray[np.bool_]

# The ground is what is around letters. A step is that from the grey of the ground to the grey of the paper. Cells are
# those of a grid with 240 along the page's longer side.
# In cells:
_STROKE_CELLS = 7  # width of the widest stroke of a letter, and a little more
_BAND_CELLS = 9  # height of the lowest band; dark strokes are narrower
_EDGE_CELLS = 5  # a band comes this near to the edge of the sheet; a box farther inside is left to `polarity`
# Sizes of a light piece that may be a letter, joined letters or a word:
_LOWEST = 2  # a piece one cell high is a speck
_HIGHEST = 24  # a tenth of the longer side
_WIDEST = 70
_GAP_DOWN = 4  # largest gap between pieces of one row, down: between the parts of an i
_GAP_ACROSS = 12  # the same across: a space between words
_NEAR_CELLS = 4  # how far around letters their ground is looked at
# Counts:
_FEWEST = 3  # letters of a row
# Shares:
_DARKER = 0.75  # of the paper's grey; the ground of a band is darker
_LIGHTER = 0.25  # of a step, by which letters are lighter than the ground at least; small ones are blurred by the grid
_DENSE = 0.5  # of a row's length, which its letters fill at least; those on the keys of a keyboard fill 0.3
_HARDLY_LIGHTER = 1.25  # of the ground's median between the letters; where it is lighter, the ground has an end
# Of what is around letters, at least this share is no lighter than that. 64 rows on drawn bands have 0.95 and more.
# Dark words in thick pens, between whose strokes it is light, have 0.72 at most.
_MOST = 0.85
_FLAT = 0.03  # of a step: standard deviation of the ground at most; the grain of a table has 0.05 and more
_WHITE = 0.9  # quantile of a row's cells that is as light as a stroke
_SQUARE = np.ones((3, 3), bool)  # the neighbours of a cell


@dataclass(frozen=True)
class Bands:
    """The bands of a sheet, and the letters on them.

    Attributes
    ----------
    ground : (rows, columns), which cells are of a band, or about as dark and connected to one, as the table may be
    letters : (rows, columns), which cells are of letters or next to one
    place : the part of the page, in pixels, in which all letters are
    written : (h, w), for the pixels of that part, float32 in [0, 1]: 1 for letters and 0 for the ground
    """

    ground: Binary
    letters: Binary
    place: tuple[slice, ...]
    written: NDArray[np.float32]

    def write(self, page: NDArray[Any], ink: float) -> None:
        """Write the letters on a page (H, W) in the grey `ink`; the page is changed."""
        page[self.place] = page[self.place] * (1 - self.written) + ink * self.written


def find_bands(grey: Grey, cells: Grey, cell: int, sheet: Binary, paper: float) -> Bands | None:
    """Find rows of light letters on flat dark ground that reaches the edge of a sheet; None if there are none.

    Parameters
    ----------
    grey : (H, W)
    cells : (rows, columns), the same on a grid
    cell : width of a cell in pixels
    sheet : (rows, columns), which cells are of the sheet, as far as is known
    paper : grey of the sheet's paper
    """
    ground = _opened(cells, _STROKE_CELLS)
    dark = _opened(ground < _DARKER * paper, _BAND_CELLS)
    step = (cells - ground) / np.maximum(paper - ground.astype(np.float32), 1)
    rows = _rows_of_letters((step > _LIGHTER) & dark)
    if not rows.any():  # as on most pages
        return None
    blurred = ndimage.binary_dilation(rows > 0, _SQUARE)
    inner = ndimage.binary_erosion(sheet, _SQUARE, _EDGE_CELLS, border_value=1)
    of_bands, white = np.zeros(cells.shape, bool), np.zeros(cells.shape, np.float32)
    for number, place in enumerate(ndimage.find_objects(rows), 1):
        if place is None:
            continue
        wide = tuple(slice(max(0, side.start - _NEAR_CELLS), side.stop + _NEAR_CELLS) for side in place)
        own = rows[wide] == number
        lightest = _lightest_ground(own, blurred[wide], ground[wide], step[wide])
        if lightest is None:
            continue
        own_blurred = ndimage.binary_dilation(own, _SQUARE)
        flat = cells < lightest
        flat[wide] |= own_blurred
        areas, _ = ndimage.label(_opened(flat, _BAND_CELLS))  # dark writing on the sheet is thinner
        band = (areas > 0) & np.isin(areas, areas[wide][own])
        if (band & ~inner).any():
            of_bands |= band
            white[wide][own_blurred] = np.quantile(cells[wide][own], _WHITE)
    if not white.any():
        return None
    (near,) = ndimage.find_objects((white > 0).astype(np.int8))
    place = tuple(slice(side.start * cell, side.stop * cell) for side in near)
    return Bands(of_bands, white > 0, place, _written(grey[place], ground[near], white[near]))


def _lightest_ground(own: Binary, blurred: Binary, ground: Grey, step: NDArray[np.float32]) -> float | None:
    """Return a grey that the ground around a row of letters is darker than; None unless it is flat on all sides.

    Parameters
    ----------
    own : (rows, columns), which cells are of these letters
    blurred : (rows, columns), which cells are of any letters, or next to one
    ground : (rows, columns), the page without strokes
    step : (rows, columns), by how much each cell is lighter than the ground, in steps from the ground to the paper
    """
    lightest = _HARDLY_LIGHTER * float(np.median(ground[own]))
    beside = ndimage.binary_dilation(own, _SQUARE, _NEAR_CELLS) & ~blurred
    alike = beside & (ground < lightest)
    is_flat = alike.sum() >= _MOST * beside.sum() and step[alike].std() <= _FLAT
    return lightest if is_flat else None


def _rows_of_letters(light: Binary) -> NDArray[np.int32]:
    """Return the number, from 1, of the row of letters that each light cell (rows, columns) is in; 0 for none.

    Some numbers are missing: they were those of pieces that are no rows.
    """
    pieces = label_runs(light)
    down, across = pieces.boxes[:, 2] - pieces.boxes[:, 0], pieces.boxes[:, 3] - pieces.boxes[:, 1]
    are_letters = (down >= _LOWEST) & (down <= _HIGHEST) & (across <= _WIDEST)
    letters = are_letters[pieces.label_image]
    rows, count = ndimage.label(ndimage.maximum_filter(letters, (_GAP_DOWN + 1, _GAP_ACROSS + 1)))
    if not count:
        return np.zeros(light.shape, np.int32)
    row_of = np.zeros(len(are_letters), np.intp)
    row_of[pieces.label_image[letters]] = rows[letters]
    lengths = [0] + [place[1].stop - place[1].start - _GAP_ACROSS for place in ndimage.find_objects(rows)]
    filled = np.bincount(row_of, weights=across, minlength=count + 1)
    are_rows = (np.bincount(row_of, minlength=count + 1) >= _FEWEST) & (filled >= _DENSE * np.array(lengths))
    return np.where(letters & are_rows[rows], rows, 0)


def _written(grey: Grey, ground: Grey, white: NDArray[np.float32]) -> NDArray[np.float32]:
    """Return how light each pixel (h, w) is, from 0 for the ground to 1 for the white of its cell.

    Parameters
    ----------
    ground, white : (rows, columns); `white` is 0 where there are no letters, and the result is 0 there
    """
    high = np.asarray(Image.fromarray(white).resize(grey.shape[::-1], Image.Resampling.NEAREST))
    low = enlarged(ground.astype(np.float32), grey.shape)
    return np.where(high > 0, ((grey - low) / np.maximum(high - low, 1)).clip(0, 1), 0)


def _opened(cells: NDArray[Any], size: int) -> NDArray[Any]:
    """Return the opening of cells (rows, columns) by a square of an odd size, as `ndimage.grey_opening` does."""
    return extreme_within(extreme_within(cells, size // 2, np.minimum), size // 2, np.maximum)
