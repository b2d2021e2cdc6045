"""Straight runs of ink, found by shifts of a whole page: the time grows with its pixels, not with what is on it."""

from __future__ import annotations

from typing import TypeVar

import numpy as np
from numpy.typing import NDArray
from scipy import ndimage

Binary = NDArray[np.bool_]
_Bits = TypeVar("_Bits", np.bool_, np.uint8)

# In stroke widths:
THIN = 1.8  # where a run is thicker than this, a letter crosses or touches it, and the ink stays
CROSSED = 6.0  # a letter that touches a line hides no more of it than twice this


def open_runs(binary: Binary, length: int) -> Binary:
    """Return what lies in level runs of at least `length` pixels: a morphological opening by a line.

    The page is combined with itself shifted, each time about twice as far, so that the number of passes grows with
    the logarithm of the length. Pixels of eight rows go into one byte, which a shift along the rows leaves together.
    """
    width = binary.shape[1]
    if length > width:
        return np.zeros_like(binary)
    begins, reach = _packed(binary), 1  # where a run of at least `reach` pixels begins
    while reach < length:
        step = min(reach, length - reach)
        begins = begins[:, :-step] & begins[:, step:]
        reach += step
    runs = np.zeros_like(binary)
    if begins.any():
        packed = spread(np.pad(begins, ((0, 0), (0, length - 1))), length)
        for row in range(8):
            of_row = runs[row::8]
            np.not_equal(packed[: len(of_row)] & (128 >> row), 0, out=of_row)
    return runs


def _packed(binary: Binary) -> NDArray[np.uint8]:
    """As `np.packbits` along the columns, which is slow where rows lie in memory one after the other."""
    if binary.flags.f_contiguous:
        return np.packbits(binary, axis=0)
    packed = np.zeros((-(-len(binary) // 8), binary.shape[1]), np.uint8)
    for row in range(8):
        of_row = binary[row::8]
        packed += packed
        packed[: len(of_row)] |= of_row
    return packed


def spread(binary: NDArray[_Bits], length: int) -> NDArray[_Bits]:
    """Make of every pixel of ink a level run of `length` pixels that begins there, cut off at the edge."""
    spread, reach = binary.copy(order="K"), 1
    while reach < min(length, binary.shape[1]):
        step = min(reach, length - reach, binary.shape[1] - 1)
        spread[:, step:] |= spread[:, :-step]
        reach += step
    return spread


def grown_up_and_down(binary: Binary, by_px: int = 1) -> Binary:
    """Spread ink; to both sides where the transpose is given."""
    grown = binary.copy(order="K")
    for step in range(1, by_px + 1):
        grown[step:] |= binary[:-step]
        grown[:-step] |= binary[step:]
    return grown


def lines_apart(lines: Binary, cell: int, reach: int) -> tuple[NDArray[np.int32], list[tuple[int, int, int, int]]]:
    """Label lines that do not touch, on a grid of `cell` pixels; pieces up to 2 * `reach` cells apart are one line.

    Returns
    -------
    labels, boxes : (rows, columns of the grid), 0 for none; (top, left, bottom, right) in cells
    """
    height, width = lines.shape
    down, across = -(-height // cell), -(-width // cell)
    whole = np.pad(lines, ((0, down * cell - height), (0, across * cell - width)))
    coarse = _any_of(_any_of(whole, cell).T, cell).T
    grown = grown_up_and_down(coarse)
    grown = spread(grown, reach + 1) | spread(grown[:, ::-1], reach + 1)[:, ::-1]
    labels, _ = ndimage.label(grown, np.ones((3, 3)))
    labels[~coarse] = 0
    return labels, [(y.start, x.start, y.stop, x.stop) for y, x in ndimage.find_objects(labels)]


def _any_of(binary: Binary, count: int) -> Binary:
    """Combine each `count` rows of pixels to one; by whole rows, ten times as fast as `any` over an axis of so few."""
    combined = binary[::count].copy(order="K")
    for offset in range(1, count):
        combined |= binary[offset::count]
    return combined
