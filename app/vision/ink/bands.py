"""Bands along the edge of a sheet that are written on in white: heads of name tags, of forms and lists."""

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

# On a grid of 240 cells along the longer side:
_STROKE_CELLS = 7  # strokes are narrower
_BAND_CELLS = 9  # bands are at least so high, and no dark stroke is
_DARKER = 0.75  # share of the paper than which the ground of a band is darker
_LIGHTER = 0.25  # of the step from the ground to the paper: letters are lighter by more; the grid blurs small ones
# Letters in cells, joined ones and words too:
_LOWEST = 2  # one cell is a speck
_HIGHEST = 24  # a tenth of the longer side
_WIDEST = 70
# Letters that are a row:
_FEWEST = 3
_GAP_DOWN = 4  # cells between one and the next at most: parts of letters, as an i has
_GAP_ACROSS = 12  # likewise: a space between words
_DENSE = 0.5  # share of a row's length that its letters fill at least; those on the keys of a keyboard fill 0.3
# The ground around letters:
_NEAR_CELLS = 4  # is looked at up to so far from them
_HARDLY_LIGHTER = 1.25  # times as light as between them, at most;
# and that is so of this share of it: of 0.95 and more beside 64 rows on drawn bands, of 0.72 at most beside dark words
# in thick pens, between whose strokes it is light.
_MOST = 0.85
# It varies by so much of the step to the paper at most (standard deviation); a table's grain does by 0.05 and more.
_FLAT = 0.03
_EDGE_CELLS = 5  # a band comes as near to the edge of the sheet; what does not is a box, see `polarity`
_WHITE = 0.9  # quantile of the cells of letters that is as light as a stroke
_SQUARE = np.ones((3, 3), bool)


@dataclass(frozen=True)
class Bands:
    """What belongs to a sheet beside its paper.

    Attributes
    ----------
    ground : (rows, columns), which cells are about as dark as a band and of one piece with it: the table, too, perhaps
    letters : (rows, columns), cells of letters, and those next to them
    place : pixels around the letters
    written : (h, w) of these pixels, float32 in [0, 1]: 1 for letters and 0 for the ground
    """

    ground: Binary
    letters: Binary
    place: tuple[slice, ...]
    written: NDArray[np.float32]

    def write(self, page: NDArray[Any], ink: float) -> None:
        """Write the letters on a page (H, W) in so dark a grey; the page is changed."""
        page[self.place] = page[self.place] * (1 - self.written) + ink * self.written


def find_bands(grey: Grey, cells: Grey, cell: int, sheet: Binary, paper: float) -> Bands | None:
    """Find rows of light letters on flat dark ground that reaches the edge of a sheet; None if there are none.

    Parameters
    ----------
    grey : (H, W)
    cells : (rows, columns), the same on a grid
    cell : width of one in pixels
    sheet : (rows, columns), which cells are the sheet, as far as that is known
    paper : its grey
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
    """Return than what the ground around a row of letters is darker; None if it is not dark and flat on all sides.

    Parameters
    ----------
    own, blurred : (rows, columns), the cells of these letters, and all that are of letters or next to one
    ground : (rows, columns), without strokes
    step : (rows, columns), how far each cell is from the ground to the paper
    """
    lightest = _HARDLY_LIGHTER * float(np.median(ground[own]))
    beside = ndimage.binary_dilation(own, _SQUARE, _NEAR_CELLS) & ~blurred
    alike = beside & (ground < lightest)
    is_flat = alike.sum() >= _MOST * beside.sum() and step[alike].std() <= _FLAT
    return lightest if is_flat else None


def _rows_of_letters(light: Binary) -> NDArray[np.int32]:
    """Number the rows of letters among light cells (rows, columns): 0 for all that is in none.

    What is left out has no cells with its number.
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
    """Return how far each pixel (h, w) is from the ground to the white of its cell, from 0 to 1; 0 where that is 0."""
    high = np.asarray(Image.fromarray(white).resize(grey.shape[::-1], Image.Resampling.NEAREST))
    low = enlarged(ground.astype(np.float32), grey.shape)
    return np.where(high > 0, ((grey - low) / np.maximum(high - low, 1)).clip(0, 1), 0)


def _opened(cells: NDArray[Any], size: int) -> NDArray[Any]:
    """Return the opening of cells (rows, columns) by a square of an odd size, as `ndimage.grey_opening` does."""
    return extreme_within(extreme_within(cells, size // 2, np.minimum), size // 2, np.maximum)
