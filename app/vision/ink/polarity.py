"""Light writing on dark ground, on a whole page or in a part of it, made dark on light."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from scipy import ndimage
from skimage.filters.rank import median
from skimage.morphology import convex_hull_image

from app.vision.ink.grid import cell_px, enlarged, filled, in_pixels, reduced

Grey = NDArray[np.uint8]
Binary = NDArray[np.bool_]
Floats = NDArray[np.float32]

# The ground is looked for on a grid of about this many cells along the longer side,
_GRID_CELLS = 100
# as the median of a square of so many of them: writing covers less than half of any place.
_GROUND_CELLS = 7
_TEXTURE = 6  # of 255; what differs less from its ground is not writing
# Strokes lighter than the ground must hold so many times the energy of darker ones before the page is turned round.
_CLEARLY = 4.0
# Where a dark ground differs by more than this share of its lightest within such a square, there is the edge of the
# board, which is no stroke.
_EDGE = 0.3
_FAINT_ENERGY = 10.0  # grey levels squared, mean over the page, that light strokes must have at least
_FAINT_ENERGY_ON_DARK = 1.0  # on a page that is dark they are expected, and may be fainter
_DARK = 128  # of 255; the median ground of such a page is darker

_BOX_GRID_CELLS = 200  # boxes are looked for on a finer grid, twice as fine
_DARKER = 0.75  # share of the paper than which the ground of a box is darker
_PAPER_CELLS = 11  # the paper is known from within so many times four cells of the coarse grid: boxes are smaller
_SQUARE_CELLS = 5  # a box is at least so high; of any square of so many cells in it
_MOST = 0.6  # more than this share is dark, whatever is written there
_SOLID = 0.85  # of the smallest convex area around it belongs to a box; less to what lies around a sheet, and to tables
_RIM_CELLS = 2  # so far beyond those cells its corners and its blurred edge reach
_AS_LIGHT = 0.9  # of the paper, at least: where the paper around a box is seen
# In steps from the ground of a box to the paper:
_WHITE = 0.5  # letters are lighter than the ground by more
_DARK_INK = 0.25  # dark writing is darker by more
_BLURRED = 0.95  # the blur of the box's edge ends where a twentieth is left
# Share of a box that is paper reaching in from beside it, at most: 0.002 in 99 % of 222 boxes, 0.02 in letters
_RAGGED = 0.006
_FLAT = 0.04  # such steps, by which the ground beside letters varies at most (standard deviation); pictures do more
# Letters become as dark as this quantile of the page, or as their box was: paler ones were lost beside darker writing.
_INK = 0.01
# In shares of the ground of a box that is left between letters:
_LEAST_WRITING = 0.01  # what all letters cover at least; a speck or two are none
_MOST_WRITING = 0.5  # and at most: more is the paper, and what is dark is a frame around it
_LARGEST_LETTER = 0.2  # what no letter covers, but a sheet of paper on something dark does
# Strokes are long and thin. Of 737 drawn boxes with white letters or words 97 % are so by both measures; of 243 dark
# letters with holes, mostly of thick pens, 7 %.
_LENGTH = 8.0  # at least: the outline squared over 4 times the area, 3 for a disc, length / width + 2 for a stroke
_THIN = 0.25  # at most: their mean width in mean widths of the box
_SQUARE = np.ones((3, 3), bool)


def dark_on_light(grey: Grey) -> Grey:
    """Turn greys round where writing is lighter than its ground; return `grey` itself where there is no such place.

    The ground of the page is the median of a neighbourhood. Whether writing is lighter or darker than that is a
    question of where more energy lies: strokes of chalk are all on one side. If it is darker, there may still be dark
    boxes with light writing.

    Parameters
    ----------
    grey : (H, W)
    """
    cell = cell_px(grey.shape, _BOX_GRID_CELLS)
    cells = reduced(grey, cell)
    coarse = reduced(cells, _BOX_GRID_CELLS // _GRID_CELLS)
    half = _GROUND_CELLS // 2
    padded = np.pad(coarse, half, mode="edge")
    ground = median(padded, np.ones((_GROUND_CELLS, _GROUND_CELLS), np.uint8))[half:-half, half:-half]
    above = coarse.astype(np.float32) - ground
    everywhere = np.ones(ground.shape, bool)
    if np.median(ground) >= _DARK:
        is_light = _is_light(above, everywhere, _FAINT_ENERGY)
    else:  # thick letters make edges of their own
        is_light = any(_is_light(above, where, _FAINT_ENERGY_ON_DARK) for where in (everywhere, _is_even(ground)))
    if is_light:
        return 255 - grey
    return _with_boxes_turned(grey, ground, cells, cell)


def _is_light(above: Floats, where: Binary, faint: float) -> bool:
    """Whether strokes (rows, columns), in greys above their ground, are lighter than it in some of the cells."""
    light, dark = (np.mean(np.maximum(sign * above - _TEXTURE, 0) ** 2, where=where) for sign in (1, -1))
    return bool(light > _CLEARLY * dark + faint)


def _is_even(ground: Grey) -> Binary:
    """Tell which cells (rows, columns) have no edge of the ground near; all of them if it has edges everywhere."""
    lightest, darkest = (some(ground, _GROUND_CELLS) for some in (ndimage.maximum_filter, ndimage.minimum_filter))
    even = lightest - darkest <= _EDGE * ground.max()
    return even if even.any() else np.ones(ground.shape, bool)


def _with_boxes_turned(grey: Grey, ground: Grey, cells: Grey, cell: int) -> Grey:
    """Make each solid dark area of a page light, and what is light in it dark, if that is writing.

    Parameters
    ----------
    grey : (H, W)
    ground : (rows, columns), of the page on the coarse grid
    cells : (rows, columns), the page on the finer grid
    cell : width of one in pixels
    """
    paper = enlarged(
        ndimage.grey_closing(ground[::4, ::4], size=(_PAPER_CELLS, _PAPER_CELLS), mode="nearest"), cells.shape
    )
    dark = cells < _DARKER * paper
    thick = ndimage.uniform_filter(dark.astype(np.float32), _SQUARE_CELLS, mode="nearest") > _MOST
    solid = ndimage.minimum_filter(thick, _SQUARE_CELLS)  # and most letters are not
    if not solid.any():
        return grey
    areas, _ = ndimage.label(thick)
    places = ndimage.find_objects(areas)
    turned = grey
    ink = int(np.quantile(grey[::8, ::8], _INK))
    for number in np.unique(areas[solid]):
        place = places[number - 1]
        wide = tuple(slice(max(0, side.start - _RIM_CELLS - 1), side.stop + _RIM_CELLS + 1) for side in place)
        box = ndimage.binary_fill_holes(areas[wide] == number)
        if box.sum() < _SOLID * convex_hull_image(box).sum():
            continue
        pixels = tuple(slice(side.start * cell, side.stop * cell) for side in wide)
        part = _turned_round(grey[pixels], cells[wide], paper[wide], box, dark[wide] & box, cell, ink)
        if part is not None:
            turned = grey.copy() if turned is grey else turned
            turned[pixels] = part
    return turned


def _turned_round(grey: Grey, cells: Grey, paper: Grey, box: Binary, dark: Binary, cell: int, ink: int) -> Grey | None:
    """Return a dark box as light as the paper around it, and white in it black; None if that is no writing.

    Parameters
    ----------
    grey : (H, W), the box and what is around it
    cells, paper : (rows, columns), the same on the grid, and its paper as far as known from the coarse one
    box, dark : (rows, columns), cells of the box, and those of them that are dark
    cell : width of one in pixels
    ink : grey that letters become, if their box is no darker
    """
    rim = ndimage.binary_dilation(box, _SQUARE, _RIM_CELLS)
    inner = ndimage.binary_erosion(dark, _SQUARE, border_value=1)
    inner = inner if inner.any() else dark
    ground = _ground_between_letters(cells, inner)
    paper = np.maximum(_paper_around(cells, paper, ground, rim), ground + 1)
    light = (grey - enlarged(ground, grey.shape)) / enlarged(paper - ground, grey.shape)
    within, with_rim = (in_pixels(some, cell, grey.shape) for some in (box, rim))
    white = _white_inside(light, within, with_rim)
    if white is None or not _has_strokes(within, white):
        return None
    near_white = ndimage.binary_dilation(white, iterations=cell)
    between = inner & (reduced(near_white.astype(np.uint8) * 255, cell) == 0)
    if between.any() and ((cells - ground) / (paper - ground))[between].std() > _FLAT:
        return None  # a picture
    ink = min(ink, int(ground.min()))
    written = np.where(near_white, light.clip(0, 1), 0)
    turned = ink * written + enlarged(paper, grey.shape) * (1 - written)
    with_edge = _joined_to(within, within | (with_rim & (light < _BLURRED)))  # and not what is written beside the box
    return np.where(with_edge, turned, grey).astype(np.uint8)


def _ground_between_letters(cells: Grey, inner: Binary) -> Floats:
    """Return the grey of the ground of a box, everywhere (rows, columns); it is the darkest near each cell.

    Parameters
    ----------
    inner : (rows, columns), which cells are of the box and not of its blurred edge
    """
    darkest = ndimage.minimum_filter(np.where(inner, cells, 255), _SQUARE_CELLS)
    ground = filled(darkest, ndimage.maximum_filter(inner, _SQUARE_CELLS)).astype(np.float32)
    return ndimage.uniform_filter(ground, _SQUARE_CELLS, mode="nearest")


def _paper_around(cells: Grey, paper: Grey, ground: Floats, rim: Binary) -> Floats:
    """Return the grey that the paper around a box would have in it, everywhere (rows, columns).

    Parameters
    ----------
    paper : (rows, columns), as far as known from the coarse grid, for where no paper is seen around the box
    ground : (rows, columns), of the box
    rim : (rows, columns), the box and its blurred edge
    """
    closed = ndimage.grey_closing(cells, size=(_SQUARE_CELLS, _SQUARE_CELLS), mode="nearest")
    around = ~rim & (closed > _AS_LIGHT * paper) & (ground < _DARKER * closed)
    return (filled(closed, around) if around.any() else paper).astype(np.float32)


def _white_inside(light: Floats, within: Binary, with_rim: Binary) -> Binary | None:
    """Return the pixels (H, W) of a box that are as light as letters, without paper that reaches in from beside it.

    None if the box is but the dark ground of dark writing.

    Parameters
    ----------
    light : (H, W), 0 for the ground of the box, 1 for paper
    within, with_rim : (H, W), the box, without and with its blurred edge
    """
    bright, count = ndimage.label((light > _WHITE) & with_rim)
    is_letter = np.ones(count + 1, bool)
    is_letter[bright[~within]] = is_letter[0] = False  # but the paper beside the box
    white = is_letter[bright]
    if np.count_nonzero(light[within] < -_DARK_INK) > np.count_nonzero(white):
        return None  # dark writing in a shadow
    if np.count_nonzero(bright[within]) - np.count_nonzero(white) > _RAGGED * np.count_nonzero(within):
        return None  # dense dark writing with paper between
    return white


def _joined_to(some: Binary, pixels: Binary) -> Binary:
    """Return those of some pixels (H, W) that are of one piece with others."""
    pieces, count = ndimage.label(pixels)
    joined = np.zeros(count + 1, bool)
    joined[pieces[some]] = True
    return joined[pieces]


def _has_strokes(box: Binary, white: Binary) -> bool:
    """Whether the white in a box may be letters: a small share of it, and thin lines."""
    letters, count = ndimage.label(white, _SQUARE)
    areas = np.bincount(letters.ravel(), minlength=2)[1:]
    ink, ground = areas.sum(), np.count_nonzero(box & ~white)
    if not _LEAST_WRITING * ground < ink < _MOST_WRITING * ground or areas.max() > _LARGEST_LETTER * ground:
        return False  # nothing is written on it, or it is what lies around a sheet of paper
    outlines = _outlines(letters, count)
    width, box_width = ink / outlines.sum(), np.count_nonzero(box) / _outlines(box.astype(np.uint8), 1).sum()
    return bool((outlines**2).sum() >= 4 * _LENGTH * ink and width <= _THIN * box_width)


def _outlines(labels: NDArray[np.integer], count: int) -> NDArray[np.float64]:
    """Length of the outline of each label from 1 on, by Crofton's formula as in `components`."""
    framed = np.pad(labels, 1)
    crossings = np.zeros(count + 1)
    for one, other in ((framed[1:], framed[:-1]), (framed[:, 1:], framed[:, :-1])):
        edge = one != other
        crossings += np.bincount(one[edge], minlength=count + 1) + np.bincount(other[edge], minlength=count + 1)
    return np.asarray(np.pi / 4 * crossings[1:])
