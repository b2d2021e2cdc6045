"""Lines that are printed or drawn, not written: rules, underlines, the lines of a form, graph paper."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from scipy import ndimage

Binary = NDArray[np.bool_]

# In stroke widths:
_LONG = 22.0  # a straight run this long is no part of a letter; the bar of a wide T has about 12
_THIN = 1.8  # where a run is thicker than this, a letter crosses or touches it, and the ink stays
_TORN = 5.0  # thin ink this close to the end of a run, on its level, is the same line torn by noise
_CORNER = 3.0  # level lines whose ends are no farther apart than this may be the top and the bottom of a box
_CROSSED = 6.0  # a letter that touches such a line hides no more of it than twice this
_SIDE = 0.8  # share of the way between them that a column of a box's side is inked


def find_rules(binary: Binary, stroke_px: float) -> Binary:
    """Return the ink of long straight lines, level or upright, and of the short sides of boxes.

    Where a letter crosses a line its ink is not the line's, so that letters standing on a rule come apart whole. Lines
    are found by shifts of the whole page: the time grows with its pixels, not with what is on it.

    Parameters
    ----------
    binary : (H, W), ink True
    """
    # Both directions are looked at before anything is erased: a crossing is part of two lines.
    level, upright = _level_lines(binary, stroke_px), _level_lines(binary.T, stroke_px).T
    return level | upright | _sides(binary, level, stroke_px)


def shorter_than(lines: Binary, least_px: float, stroke_px: float) -> Binary:
    """Return the lines that, with all others that they touch, are less than `least_px` high and wide."""
    cell = max(2, round(stroke_px))
    labels, boxes = _apart(lines, cell, 1)
    low = [max(bottom - top, right - left) * cell < least_px for top, left, bottom, right in boxes]
    short = np.array([False, *low])[labels]
    height, width = lines.shape
    return lines & np.repeat(np.repeat(short, cell, axis=0), cell, axis=1)[:height, :width]


def _apart(lines: Binary, cell: int, reach: int) -> tuple[NDArray[np.int32], list[tuple[int, int, int, int]]]:
    """Label lines that do not touch, on a grid of `cell` pixels; pieces up to 2 * `reach` cells apart are one line.

    Returns
    -------
    labels, boxes : (rows, columns of the grid), 0 for none; (top, left, bottom, right) in cells
    """
    height, width = lines.shape
    down, across = -(-height // cell), -(-width // cell)
    whole = np.pad(lines, ((0, down * cell - height), (0, across * cell - width)))
    coarse = _any_of(_any_of(whole, cell).T, cell).T
    labels, _ = ndimage.label(ndimage.binary_dilation(coarse, np.ones((3, 2 * reach + 1))), np.ones((3, 3)))
    labels[~coarse] = 0
    return labels, [(y.start, x.start, y.stop, x.stop) for y, x in ndimage.find_objects(labels)]


def _any_of(binary: Binary, count: int) -> Binary:
    """Combine each `count` rows of pixels to one; by whole rows, ten times as fast as `any` over an axis of so few."""
    combined = binary[::count].copy(order="K")
    for offset in range(1, count):
        combined |= binary[offset::count]
    return combined


def _sides(binary: Binary, level: Binary, stroke_px: float) -> Binary:
    """Return the upright sides of boxes: thin ink between a level line and the next below that is as long."""
    sides = np.zeros_like(binary)
    if not level.any():
        return sides
    cell = max(2, round(stroke_px))
    reach = round(_CORNER * stroke_px)
    boxes = np.array(sorted(_apart(level, cell, round(_CROSSED * stroke_px / cell))[1])) * cell
    thick = open_runs(binary, int(_THIN * stroke_px) + 1) & ~level
    for number, (top, left, above, right) in enumerate(boxes.tolist()):
        later = boxes[number + 1 :]
        alike = (np.abs(later[:, 1] - left) <= reach) & (np.abs(later[:, 3] - right) <= reach) & (later[:, 0] > above)
        if not alike.any():
            continue
        below, _, bottom, _ = later[alike][0].tolist()
        for x in (left, right):
            rows, columns = slice(top, bottom), slice(max(0, x - reach), x + reach)
            side = binary[above:below, columns].mean(axis=0) >= _SIDE
            side[1:-1] |= side[2:] | side[:-2]  # its edges are frayed
            sides[rows, columns] |= binary[rows, columns] & side
            sides[above:below, columns] &= ~thick[above:below, columns]
    return sides


def _level_lines(binary: Binary, stroke_px: float) -> Binary:
    """Return the ink of level lines. One that slopes a little is a staircase of runs, which joins when it is grown."""
    long = open_runs(grown_up_and_down(binary), round(_LONG * stroke_px))
    if not long.any():
        return np.zeros_like(binary)
    reach = round(_TORN * stroke_px) + 1
    near = _spread(long, reach) | _spread(long[:, ::-1], reach)[:, ::-1]
    thick = open_runs(binary.T, int(_THIN * stroke_px) + 1).T
    return binary & near & ~thick


def open_runs(binary: Binary, length: int) -> Binary:
    """Return what lies in level runs of at least `length` pixels: a morphological opening by a line.

    The page is combined with itself shifted, each time about twice as far, so that the number of passes grows with
    the logarithm of the length.
    """
    width, reach = binary.shape[1], 1
    if length > width:
        return np.zeros_like(binary)
    begins = binary.copy(order="K")  # where a run of at least `reach` pixels begins
    while reach < length:
        step = min(reach, length - reach)
        begins[:, : width - step] &= begins[:, step:]
        begins[:, width - step :] = False
        reach += step
    return _spread(begins, length)


def _spread(binary: Binary, length: int) -> Binary:
    """Make of every pixel of ink a level run of `length` pixels that begins there, cut off at the edge."""
    spread, reach = binary.copy(order="K"), 1
    while reach < min(length, binary.shape[1]):
        step = min(reach, length - reach, binary.shape[1] - 1)
        spread[:, step:] |= spread[:, :-step]
        reach += step
    return spread


def grown_up_and_down(binary: Binary) -> Binary:
    """Spread ink by one pixel; to both sides where the transpose is given."""
    grown = binary.copy(order="K")
    grown[1:] |= binary[:-1]
    grown[:-1] |= binary[1:]
    return grown
