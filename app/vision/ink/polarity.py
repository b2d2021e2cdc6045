"""Light writing on dark ground, on a whole page or in a part of it, made dark on light."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from scipy import ndimage
from skimage.filters.rank import median

from app.vision.ink.grid import cell_px, filled, reduced

Grey = NDArray[np.uint8]
Binary = NDArray[np.bool_]

# The ground is looked for on a grid of about this many cells along the longer side,
_GRID_CELLS = 100
# as the median of a square of so many of them: writing covers less than half of any place.
_GROUND_CELLS = 7
_NEIGHBOURHOOD_CELLS = 11
_TEXTURE = 6  # of 255; what differs less from its ground is not writing
# Strokes lighter than the ground must hold so many times the energy of darker ones before anything is turned round.
_CLEARLY = 4.0
# Grey levels squared, mean over the neighbourhood, that light strokes must have at least; on a page that is dark they
# are expected, and may be faint.
_FAINT_ENERGY, _FAINT_ENERGY_ON_DARK, _DARK = 10.0, 1.0, 128
_STEP = 50  # of 255; a box in the page is at least so much darker than the paper
_EDGE_PX = 2  # the blurred edge of such a box, to both sides
# In shares of such a box: how much of it letters cover, and what no letter does.
_LEAST_WRITING, _MOST_WRITING, _LARGEST_LETTER = 0.01, 0.5, 0.2
# Strokes are long and thin. Of 737 drawn boxes with white letters or words 97 % are so by both measures; of 243 dark
# letters with holes, mostly of thick pens, 7 %.
_LENGTH = 8.0  # at least: the outline squared over 4 times the area, 3 for a disc, length / width + 2 for a stroke
_THIN = 0.25  # at most: their mean width in mean widths of the box


def dark_on_light(grey: Grey) -> Grey:
    """Turn greys round where writing is lighter than its ground; return `grey` itself where there is no such place.

    The ground is the median of a neighbourhood. Whether writing is lighter or darker than that is a question of where
    more energy lies: strokes of chalk are all on one side. The edge of a shadow is light beside its ground, too, and so
    is the hole of an A; so an area is looked at without its edge, and must hold light that has the shape of strokes.

    Parameters
    ----------
    grey : (H, W)
    """
    cell = cell_px(grey.shape, _GRID_CELLS)
    ground, light, dark = _strokes(reduced(grey, cell))
    faint = _FAINT_ENERGY_ON_DARK if np.median(ground) < _DARK else _FAINT_ENERGY
    if light.mean() > _CLEARLY * dark.mean() + faint:
        return 255 - grey
    paper = float(np.quantile(ground, 0.8))
    places = (light > _CLEARLY * dark) & (light > _FAINT_ENERGY) & (ground < paper - _STEP)
    if not places.any():
        return grey
    turned = grey.copy()
    areas, _ = ndimage.label(grey < (paper + float(np.median(ground[places]))) / 2)
    boxes = ndimage.find_objects(areas)
    middles = np.minimum(np.argwhere(places) * cell + cell // 2, np.array(grey.shape) - 1)
    for number in np.unique(areas[middles[:, 0], middles[:, 1]]):
        if number:
            wide = tuple(slice(max(0, side.start - _EDGE_PX), side.stop + _EDGE_PX) for side in boxes[number - 1])
            _turn_round(turned[wide], areas[wide] == number, paper, cell)
    return turned


def _strokes(coarse: Grey) -> tuple[Grey, NDArray[np.float32], NDArray[np.float32]]:
    """Return the ground on the coarse grid, and how much energy around there lies above and below it."""
    half = _GROUND_CELLS // 2
    padded = np.pad(coarse, half, mode="edge")
    ground = median(padded, np.ones((_GROUND_CELLS, _GROUND_CELLS), np.uint8))[half:-half, half:-half]
    above = coarse.astype(np.float32) - ground
    light, dark = (
        ndimage.uniform_filter(np.maximum(sign * above - _TEXTURE, 0) ** 2, _NEIGHBOURHOOD_CELLS, mode="nearest")
        for sign in (1, -1)
    )
    return ground, light, dark


def _turn_round(grey: Grey, ground: Binary, paper: float, cell: int) -> None:
    """Make a dark area as light as the paper around it, and white in it black, in place, if that is writing.

    Parameters
    ----------
    grey, ground : (H, W) around the area, which is True in `ground`, letters left out
    """
    outside, _ = ndimage.label(np.pad(~ground, 1, constant_values=True))  # 1 is what reaches the edge
    box = ground | (outside[1:-1, 1:-1] > 1)
    ground_grey = float(np.median(grey[ground]))
    white = box & (grey > (paper + ground_grey) / 2)
    if np.count_nonzero(grey[ground] < ground_grey - _STEP / 2) > np.count_nonzero(white):
        return  # a picture, or dark writing in a shadow
    if not (_has_strokes(box, white) and _is_lighter_within(grey, box, cell)):
        return
    light = np.clip((grey[box] - ground_grey) / (255 - ground_grey), 0, 1)
    grey[box] = (paper * (1 - light)).astype(np.uint8)
    inner = ndimage.binary_erosion(box, iterations=_EDGE_PX, border_value=1)
    grey[ndimage.binary_dilation(box, iterations=_EDGE_PX) & ~inner] = round(paper)


def _has_strokes(box: Binary, white: Binary) -> bool:
    """Whether the white in a box may be letters: a small share of it, and thin lines."""
    letters, count = ndimage.label(white, np.ones((3, 3)))
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


def _is_lighter_within(grey: Grey, box: Binary, cell: int) -> bool:
    """Whether light strokes are in a box, and not clearly more dark ones, as in a shadow; its edge is left out."""
    within = reduced(box.astype(np.uint8) * 255, cell) == 255
    inner = ndimage.binary_erosion(within, np.ones((3, 3)), border_value=1)
    inner = inner if inner.any() else within
    if not inner.any():
        return False
    _, light, dark = _strokes(filled(reduced(grey, cell), inner))
    return bool(light.mean() > _FAINT_ENERGY and dark.mean() < _CLEARLY * light.mean())
