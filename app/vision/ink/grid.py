"""A page on a coarse grid of cells, on which large things are found fast: light and shadow, the ground, sheets."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray
from PIL import Image
from scipy import ndimage


def cell_px(shape: tuple[int, ...], cells: int) -> int:
    """Return the width of a cell in pixels, with about `cells` of them along the longer side of a page (H, W)."""
    return max(1, round(max(shape) / cells))


def reduced(grey: NDArray[np.uint8], cell: int) -> NDArray[np.uint8]:
    """Return the mean of each cell (rows, columns) of a page (H, W); the last of a row or a column may be smaller."""
    return np.asarray(Image.fromarray(grey).reduce(cell))


def enlarged(cells: NDArray[Any], shape: tuple[int, ...]) -> NDArray[Any]:
    """Interpolate cells (rows, columns), uint8 or float32, to a page (H, W)."""
    height, width = shape
    return np.asarray(Image.fromarray(cells).resize((width, height), Image.Resampling.BILINEAR))


def in_pixels(cells: NDArray[Any], cell: int, shape: tuple[int, ...]) -> NDArray[Any]:
    """Give each pixel of a page (H, W), or of the part that the cells cover, the value of its cell (rows, columns)."""
    height, width = shape
    return np.repeat(np.repeat(cells, cell, axis=0), cell, axis=1)[:height, :width]


def weights_between(cells: int, pixels: int) -> NDArray[np.float32]:
    """Return the matrix (pixels, cells) that interpolates along one side as `enlarged` does, up to rounding.

    With it, a page can be interpolated band by band as it is needed, while the band is in the processor's cache.
    """
    place = np.clip((np.arange(pixels) + 0.5) * cells / pixels - 0.5, 0, cells - 1)
    before, number = place.astype(np.intp), np.arange(pixels)
    weights = np.zeros((pixels, cells), np.float32)
    weights[number, np.minimum(before + 1, cells - 1)] = place - before
    weights[number, before] += 1 - (place - before)
    return weights


def filled(cells: NDArray[Any], known: NDArray[np.bool_]) -> NDArray[Any]:
    """Give every cell (rows, columns) the value of the nearest known cell; at least one must be known."""
    nearest = ndimage.distance_transform_edt(~known, return_distances=False, return_indices=True)
    return np.asarray(cells[tuple(nearest)])


def inside(corners: NDArray[np.float64], shape: tuple[int, ...], margin: float = 0.0) -> NDArray[np.bool_]:
    """Tell which cells (rows, columns) have their middle between corners (4, 2), x and y, that go round clockwise.

    Parameters
    ----------
    margin : distance from the sides between the corners, at least
    """
    height, width = shape
    y, x = np.arange(height)[:, None] + 0.5, np.arange(width) + 0.5
    between = np.ones(shape, bool)
    for a, b in zip(corners, np.roll(corners, -1, axis=0), strict=True):
        across, down = b - a
        between &= across * (y - a[1]) - margin * np.hypot(across, down) >= down * (x - a[0])
    return between
