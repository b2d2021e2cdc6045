"""A page on a grid of cells: light, ground and sheets are larger than a cell, and found fast there."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray
from PIL import Image
from scipy import ndimage


def cell_px(shape: tuple[int, ...], cells: int) -> int:
    """Return how wide a cell is if there are about so many along the longer side of a page (H, W)."""
    return max(1, round(max(shape) / cells))


def reduced(grey: NDArray[np.uint8], cell: int) -> NDArray[np.uint8]:
    """Return the mean of each cell of a page (H, W), the last ones of a row and of a column being perhaps smaller."""
    return np.asarray(Image.fromarray(grey).reduce(cell))


def enlarged(cells: NDArray[Any], shape: tuple[int, ...]) -> NDArray[Any]:
    """Interpolate cells (rows, columns), uint8 or float32, to a page (H, W)."""
    height, width = shape
    return np.asarray(Image.fromarray(cells).resize((width, height), Image.Resampling.BILINEAR))


def in_pixels(cells: NDArray[Any], cell: int, shape: tuple[int, ...]) -> NDArray[Any]:
    """Give each pixel of a page (H, W), or of a part of it, the value of its cell (rows, columns)."""
    height, width = shape
    return np.repeat(np.repeat(cells, cell, axis=0), cell, axis=1)[:height, :width]


def weights_between(cells: int, pixels: int) -> NDArray[np.float32]:
    """Return the matrix (pixels, cells) that interpolates along one side as `enlarged` does, up to rounding.

    A band of the page can so be interpolated when it is its turn, and need not come from memory.
    """
    place = np.clip((np.arange(pixels) + 0.5) * cells / pixels - 0.5, 0, cells - 1)
    before, number = place.astype(np.intp), np.arange(pixels)
    weights = np.zeros((pixels, cells), np.float32)
    weights[number, np.minimum(before + 1, cells - 1)] = place - before
    weights[number, before] += 1 - (place - before)
    return weights


def filled(cells: NDArray[Any], known: NDArray[np.bool_]) -> NDArray[Any]:
    """Give every cell (rows, columns) the value of the nearest one that is known, of which there must be some."""
    nearest = ndimage.distance_transform_edt(~known, return_distances=False, return_indices=True)
    return np.asarray(cells[tuple(nearest)])
