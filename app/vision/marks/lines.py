"""Morphology along lines, by shifts of the whole page: the time depends on its size, not on what is on it."""

from __future__ import annotations

from typing import NamedTuple, TypeVar

import numpy as np
from numpy.typing import NDArray
from scipy import ndimage

Binary = NDArray[np.bool_]
_Bits = TypeVar("_Bits", np.bool_, np.uint8)

# In stroke widths:
THIN = 1.8  # thickness of a line at most; where there is more ink, a letter crosses or touches it, and the ink stays
CROSSED = 6.0  # half of the longest gap that a letter makes in a line
_SLOPE = 0.04  # of a level line at most, as a tangent


class Lines(NamedTuple):
    """N lines that do not touch each other.

    Attributes
    ----------
    labels : (rows, columns) of a grid of cells, 0 where there is no line; line number i, from 0, has the label i + 1
    boxes : (N, 4) int, in pixels, rounded to whole cells
    cell : pixels along each side of a cell, about a stroke width
    """

    labels: NDArray[np.int32]
    boxes: NDArray[np.intp]
    cell: int


def open_horizontally(binary: Binary, length: int, grown: int = 0) -> Binary:
    """Return the level runs of ink (H, W) that are at least `length` pixels long: a morphological opening by a line.

    The page is combined with itself, shifted about twice as far each time, so that the number of passes grows with the
    logarithm of the length. Pixels of eight rows are packed into one byte, which a shift along the rows does not part.

    Parameters
    ----------
    grown : pixels by which the runs are made longer at both ends, whether there is ink or not
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
        length += 2 * grown
        packed = _spread(np.pad(begins, ((0, 0), (0, length - 1))), length)[:, grown : grown + width]
        for row in range(8):
            of_row = runs[row::8]
            np.not_equal(packed[: len(of_row)] & (128 >> row), 0, out=of_row)
    return runs


def eights(binary: Binary) -> NDArray[np.uint8]:
    """Return whether any of three rows has ink, for every second row, as bits (H / 2 - 1, W / 8) of eight pixels."""
    packed = packed_horizontally(binary)
    return packed[:-2:2] | packed[1:-1:2] | packed[2::2]


def packed_horizontally(binary: Binary) -> NDArray[np.uint8]:
    """Return the pixels of each row as bits (H, W / 8), eight to a byte; the last byte is filled up with zeros."""
    return _packed(binary.T).T


def _packed(binary: Binary) -> NDArray[np.uint8]:
    """As `np.packbits` along the columns, which alone is slow if the rows lie one after the other in memory."""
    if binary.flags.f_contiguous:
        return np.packbits(binary, axis=0)
    packed = np.zeros((-(-len(binary) // 8), binary.shape[1]), np.uint8)
    for row in range(8):
        of_row = binary[row::8]
        packed += packed
        packed[: len(of_row)] |= of_row
    return packed


def _spread(binary: NDArray[_Bits], length: int) -> NDArray[_Bits]:
    """Make of every pixel of ink a level run of `length` pixels to the right, cut off at the edge of the page."""
    spread, reach = binary.copy(order="K"), 1
    while reach < min(length, binary.shape[1]):
        step = min(reach, length - reach, binary.shape[1] - 1)
        spread[:, step:] |= spread[:, :-step]
        reach += step
    return spread


def dilate_horizontally(binary: Binary, by_px: int = 1) -> Binary:
    """Spread ink (H, W) to the left and to the right."""
    return _spread(binary, by_px + 1) | _spread(binary[:, ::-1], by_px + 1)[:, ::-1]


def dilate_vertically(binary: NDArray[_Bits], by_px: int = 1) -> NDArray[_Bits]:
    """Spread ink (H, W), or ink packed eight pixels to a byte along the rows, up and down."""
    dilated = binary.copy(order="K")
    for step in range(1, by_px + 1):
        dilated[step:] |= binary[:-step]
        dilated[:-step] |= binary[step:]
    return dilated


def label_lines(lines: Binary, stroke_px: float, reach: float = CROSSED) -> Lines:
    """Tell level lines apart, on a grid of cells.

    Parameters
    ----------
    lines : (H, W), which pixels are of lines
    reach : stroke widths; parts that are no farther apart along a row than twice this are one line
    """
    height, width = lines.shape
    cell = max(2, round(stroke_px))
    down, across = -(-height // cell), -(-width // cell)
    whole = np.pad(lines, ((0, down * cell - height), (0, across * cell - width)))
    coarse = any_of(any_of(whole, cell).T, cell).T
    grown = dilate_horizontally(dilate_vertically(coarse), max(1, round(reach * stroke_px / cell)))
    labels, _ = ndimage.label(grown, np.ones((3, 3)))
    labels[~coarse] = 0
    boxes = [(y.start, x.start, y.stop, x.stop) for y, x in ndimage.find_objects(labels)]
    return Lines(labels, np.array(boxes, np.intp).reshape(-1, 4) * cell, cell)


def level_boxes(lines: Binary, stroke_px: float) -> NDArray[np.intp]:
    """Return the boxes (N, 4) of level lines, in pixels, rounded to whole cells; connected squares are no such line."""
    if not lines.any():  # as on most pages
        return np.zeros((0, 4), np.intp)
    _, boxes, cell = label_lines(lines, stroke_px)
    height, width = boxes[:, 2] - boxes[:, 0], boxes[:, 3] - boxes[:, 1]
    return boxes[height <= _SLOPE * width + 3 * cell]


def any_of(binary: Binary, count: int) -> Binary:
    """Combine every `count` rows of pixels to one: ink if any has ink. Ten times as fast as `any` over a short axis."""
    combined = binary[::count].copy(order="K")
    for offset in range(1, count):
        combined |= binary[offset::count]
    return combined
