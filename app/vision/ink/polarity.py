"""Light writing on dark ground, on a whole page or in a box on it, is made dark on light."""

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

# The whole page. Its ground is the median of the squares of `_GROUND_CELLS` cells around each cell of a grid:
_GRID_CELLS = 100  # along the longer side, about
_GROUND_CELLS = 7  # so many that writing covers less than half of any square
_TEXTURE = 6  # grey levels, of 255; what differs less from its ground is no writing
_CLEARLY = 4.0  # times the energy of darker strokes, that lighter ones must have before the page is turned round
# Share of the lightest ground of a dark page. If the ground differs by more within a square, the edge of the board is
# there, which is no stroke.
_EDGE = 0.3
_DARK = 128  # grey, of 255; a page is dark if its median ground is darker
# Energy of light strokes at least: grey levels squared, mean over the page.
_FAINT_ENERGY = 10.0
_FAINT_ENERGY_ON_DARK = 1.0  # on a dark page, where they are expected

# Boxes. They are looked for on a grid twice as fine:
_BOX_GRID_CELLS = 200  # along the longer side, about
_DARKER = 0.75  # of the paper's grey; the ground of a box is darker
# Side of the closing that estimates the paper, in steps of four cells of the coarse grid; boxes are smaller.
_PAPER_CELLS = 11
_SQUARE_CELLS = 5  # lowest height of a box, in cells
_MOST = 0.6  # of any square of that side within a box a larger share is dark, whatever is written there
# Share that a box has of its convex hull, at least. What lies around a sheet has less, and so have tables.
_SOLID = 0.85
_RIM_CELLS = 2  # cells by which the corners and the blurred edge of a box reach beyond its squares
_AS_LIGHT = 0.9  # of the paper's grey as far as known; lighter places around a box are paper
# In steps from the ground of a box to the paper:
_WHITE = 0.5  # letters are lighter than the ground by more
_DARK_INK = 0.25  # dark writing is darker than the ground by more
_BLURRED = 0.95  # what is lighter is no longer the blurred edge of the box
_FLAT = 0.04  # standard deviation of the ground beside letters, at most; that of pictures is larger
# Share of a box that is light and connected to the paper beside it, at most. 99 % of 222 boxes have less than 0.002,
# letters 0.02.
_RAGGED = 0.006
# Letters become as dark as this quantile of the page, or as their box was if that is darker. Paler ones were lost
# beside darker writing.
_INK = 0.01
# In shares of the ground of a box, without its letters:
_LEAST_WRITING = 0.01  # ink of all letters at least; less is a speck or two
_MOST_WRITING = 0.5  # ink of all letters at most; more is paper, and the dark box is a frame around it
_LARGEST_LETTER = 0.2  # ink of one letter at most; a sheet of paper on something dark has more
# Strokes are long and thin. By both measures 97 % of 737 drawn boxes with white letters or words have such strokes, but
# only 7 % of 243 dark letters with holes, mostly by thick pens.
_LENGTH = 8.0  # outline squared over 4 times the area, at least: 3 for a disc, length over width plus 2 for a stroke
_THIN = 0.25  # mean width of strokes in the mean width of the box, at most
_SQUARE = np.ones((3, 3), bool)  # the neighbours of a cell or of a pixel


def dark_on_light(grey: Grey) -> Grey:
    """Turn greys round wherever writing is lighter than its ground; `grey` itself is returned if it is so nowhere.

    The ground is the median around each place. If lighter strokes have far more energy (squares of differences) than
    darker ones, the whole page is turned round: strokes of chalk are all lighter. Otherwise only dark boxes with light
    writing are.

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
    else:  # away from edges of the board only, or everywhere, as thick letters make such edges, too
        is_light = any(_is_light(above, where, _FAINT_ENERGY_ON_DARK) for where in (everywhere, _is_even(ground)))
    if is_light:
        return 255 - grey
    return _with_boxes_turned(grey, ground, cells, cell)


def _is_light(above: Floats, where: Binary, faint: float) -> bool:
    """Whether writing in some cells (rows, columns) is lighter than its ground.

    Parameters
    ----------
    above : (rows, columns), grey of each cell less that of its ground
    where : (rows, columns), which cells count
    faint : energy that lighter strokes must have at least
    """
    light, dark = (np.mean(np.maximum(sign * above - _TEXTURE, 0) ** 2, where=where) for sign in (1, -1))
    return bool(light > _CLEARLY * dark + faint)


def _is_even(ground: Grey) -> Binary:
    """Tell which cells (rows, columns) have no edge of the board near them; all cells if there are edges everywhere."""
    lightest, darkest = (some(ground, _GROUND_CELLS) for some in (ndimage.maximum_filter, ndimage.minimum_filter))
    even = lightest - darkest <= _EDGE * ground.max()
    return even if even.any() else np.ones(ground.shape, bool)


def _with_boxes_turned(grey: Grey, ground: Grey, cells: Grey, cell: int) -> Grey:
    """Make each solid dark area of a page light, and what is light in it dark, if that is writing.

    Parameters
    ----------
    grey : (H, W)
    ground : (rows, columns), ground of the page on the coarse grid
    cells : (rows, columns), the page on the finer grid
    cell : width of a cell of the finer grid in pixels
    """
    paper = enlarged(
        ndimage.grey_closing(ground[::4, ::4], size=(_PAPER_CELLS, _PAPER_CELLS), mode="nearest"), cells.shape
    )
    dark = cells < _DARKER * paper
    thick = ndimage.uniform_filter(dark.astype(np.float32), _SQUARE_CELLS, mode="nearest") > _MOST
    solid = ndimage.minimum_filter(thick, _SQUARE_CELLS)  # most letters are thinner
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
    """Return a dark box made as light as the paper around it, with its white letters dark; None if it has no letters.

    Parameters
    ----------
    grey : (H, W), the box and what is around it
    cells : (rows, columns), the same on the grid
    paper : (rows, columns), grey of its paper, as far as known from the coarse grid
    box, dark : (rows, columns), which cells are of the box, and which of them are dark
    cell : width of a cell in pixels
    ink : grey that letters become, unless their box is darker
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
    with_edge = _joined_to(within, within | (with_rim & (light < _BLURRED)))  # without what is written beside the box
    return np.where(with_edge, turned, grey).astype(np.uint8)


def _ground_between_letters(cells: Grey, inner: Binary) -> Floats:
    """Return the ground of a box, continued over all cells (rows, columns): the darkest grey around each, smoothed.

    Parameters
    ----------
    inner : (rows, columns), which cells are of the box, without its blurred edge
    """
    darkest = ndimage.minimum_filter(np.where(inner, cells, 255), _SQUARE_CELLS)
    ground = filled(darkest, ndimage.maximum_filter(inner, _SQUARE_CELLS)).astype(np.float32)
    return ndimage.uniform_filter(ground, _SQUARE_CELLS, mode="nearest")


def _paper_around(cells: Grey, paper: Grey, ground: Floats, rim: Binary) -> Floats:
    """Return the grey of the paper around a box, continued over all cells (rows, columns).

    Parameters
    ----------
    paper : (rows, columns), grey of the paper as known from the coarse grid; it is returned if none is around the box
    ground : (rows, columns), ground of the box
    rim : (rows, columns), which cells are of the box or of its blurred edge
    """
    closed = ndimage.grey_closing(cells, size=(_SQUARE_CELLS, _SQUARE_CELLS), mode="nearest")
    around = ~rim & (closed > _AS_LIGHT * paper) & (ground < _DARKER * closed)
    return (filled(closed, around) if around.any() else paper).astype(np.float32)


def _white_inside(light: Floats, within: Binary, with_rim: Binary) -> Binary | None:
    """Return which pixels (H, W) of a box are as light as letters, without paper that reaches into it from outside.

    None if the box is a shadow with dark writing on it, or is dense dark writing itself.

    Parameters
    ----------
    light : (H, W), 0 for the ground of the box, 1 for paper
    within, with_rim : (H, W), which pixels are of the box, without and with its blurred edge
    """
    bright, count = ndimage.label((light > _WHITE) & with_rim)
    is_letter = np.ones(count + 1, bool)
    is_letter[bright[~within]] = is_letter[0] = False  # light pieces that reach out of the box are paper
    white = is_letter[bright]
    if np.count_nonzero(light[within] < -_DARK_INK) > np.count_nonzero(white):
        return None  # dark writing in a shadow
    if np.count_nonzero(bright[within]) - np.count_nonzero(white) > _RAGGED * np.count_nonzero(within):
        return None  # dense dark writing with paper between
    return white


def _joined_to(some: Binary, pixels: Binary) -> Binary:
    """Return those of `pixels` (H, W) that are in one piece with any of `some` (H, W)."""
    pieces, count = ndimage.label(pixels)
    joined = np.zeros(count + 1, bool)
    joined[pieces[some]] = True
    return joined[pieces]


def _has_strokes(box: Binary, white: Binary) -> bool:
    """Whether the white in a box may be letters: it is a small share of the box, and its pieces are long and thin."""
    letters, count = ndimage.label(white, _SQUARE)
    areas = np.bincount(letters.ravel(), minlength=2)[1:]
    ink, ground = areas.sum(), np.count_nonzero(box & ~white)
    if not _LEAST_WRITING * ground < ink < _MOST_WRITING * ground or areas.max() > _LARGEST_LETTER * ground:
        return False  # it has no writing, or it is what lies around a sheet of paper
    outlines = _outlines(letters, count)
    width, box_width = ink / outlines.sum(), np.count_nonzero(box) / _outlines(box.astype(np.uint8), 1).sum()
    return bool((outlines**2).sum() >= 4 * _LENGTH * ink and width <= _THIN * box_width)


def _outlines(labels: NDArray[np.integer], count: int) -> NDArray[np.float64]:
    """Return the length of the outline of each label from 1 to `count`, by Crofton's formula as in `stroke_width`."""
    framed = np.pad(labels, 1)
    crossings = np.zeros(count + 1)
    for one, other in ((framed[1:], framed[:-1]), (framed[:, 1:], framed[:, :-1])):
        edge = one != other
        crossings += np.bincount(one[edge], minlength=count + 1) + np.bincount(other[edge], minlength=count + 1)
    return np.asarray(np.pi / 4 * crossings[1:])
