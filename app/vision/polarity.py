"""Light writing on dark ground, on a whole page or in a part of it, made dark on light."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from PIL import Image
from scipy import ndimage
from skimage.filters.rank import median

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


def dark_on_light(grey: Grey) -> Grey:
    """Turn greys round where writing is lighter than its ground; return `grey` itself where there is no such place.

    The ground is the median of a neighbourhood. Whether writing is lighter or darker than that is a question of where
    more energy lies: strokes of chalk are all on one side.

    Parameters
    ----------
    grey : (H, W)
    """
    ground, light, dark = _strokes(grey)
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
    cell = _cell(grey)
    middles = np.minimum(np.argwhere(places) * cell + cell // 2, np.array(grey.shape) - 1)
    for number in np.unique(areas[middles[:, 0], middles[:, 1]]):
        if number:
            wide = tuple(slice(max(0, side.start - _EDGE_PX), side.stop + _EDGE_PX) for side in boxes[number - 1])
            _turn_round(turned[wide], areas[wide] == number, paper)
    return turned


def _cell(grey: Grey) -> int:
    return max(1, round(max(grey.shape) / _GRID_CELLS))


def _strokes(grey: Grey) -> tuple[Grey, NDArray[np.float32], NDArray[np.float32]]:
    """Return the ground on the coarse grid, and how much energy around there lies above and below it."""
    coarse = np.asarray(Image.fromarray(grey).reduce(_cell(grey)))
    half = _GROUND_CELLS // 2
    padded = np.pad(coarse, half, mode="edge")
    ground = median(padded, np.ones((_GROUND_CELLS, _GROUND_CELLS), np.uint8))[half:-half, half:-half]
    above = coarse.astype(np.float32) - ground
    light, dark = (
        ndimage.uniform_filter(np.maximum(sign * above - _TEXTURE, 0) ** 2, _NEIGHBOURHOOD_CELLS, mode="nearest")
        for sign in (1, -1)
    )
    return ground, light, dark


def _turn_round(grey: Grey, ground: Binary, paper: float) -> None:
    """Make a dark area as light as the paper around it, and white in it black, in place, if it holds letters.

    Parameters
    ----------
    grey, ground : (H, W) around the area, which is True in `ground`, letters left out
    """
    outside, _ = ndimage.label(np.pad(~ground, 1, constant_values=True))  # 1 is what reaches the edge
    outside = outside[1:-1, 1:-1]
    letters = np.bincount(outside.ravel(), minlength=2)[2:]
    size = np.count_nonzero(ground)
    if not _LEAST_WRITING * size < letters.sum() < _MOST_WRITING * size or letters.max() > _LARGEST_LETTER * size:
        return  # nothing is written on it, or it is what lies around a sheet of paper
    ground_grey = float(np.median(grey[ground]))
    if np.count_nonzero(grey[ground] < ground_grey - _STEP / 2) > letters.sum():
        return  # dark writing in a shadow, of which a letter reaches into the light
    box = ground | (outside > 1)
    light = np.clip((grey[box] - ground_grey) / (255 - ground_grey), 0, 1)
    grey[box] = (paper * (1 - light)).astype(np.uint8)
    inner = ndimage.binary_erosion(box, iterations=_EDGE_PX, border_value=1)
    grey[ndimage.binary_dilation(box, iterations=_EDGE_PX) & ~inner] = round(paper)
