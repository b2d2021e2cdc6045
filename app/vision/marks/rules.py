"""Lines that are printed or drawn, not written: rules, underlines, the lines of a form, graph paper."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from app.vision.cells import Cells
from app.vision.ink.grid import in_pixels
from app.vision.marks.combs import find_combs
from app.vision.marks.lines import (
    THIN,
    dilate_vertically,
    eights,
    label_lines,
    level_boxes,
    open_horizontally,
)
from app.vision.marks.sloping_lines import sloping_lines

Binary = NDArray[np.bool_]

# In stroke widths:
_LONG = 22.0  # length of a rule, at least; the bar of a wide T has about 12
_TORN = 5.0  # distance from the end of such a run at which thin ink on its level is the same line, torn by noise
_DASH = 6.0  # length of the top of a box for one character that the character leaves free, at least
_CORNER = 3.0  # difference of the ends of two level lines that are the top and the bottom of a box, at most
# Boxes side by side have their tops at one height, and their bottoms at another. At both heights, dashes fill this
# share of a window this wide. None of 57 drawn pages of writing, with and without lines, has such dashes at two
# heights; 8 pages have them in windows 24 wide, and 9 with a share of 0.5.
_ROW_OF_BOXES = 36.0
_TOPS = 0.6
_BROAD = 0.33  # share of the width in which a side is looked for, of which it takes no more
_SIDE = 0.8  # share of the height of a box that is ink in a column of its side, at least


def find_rules(binary: Binary, stroke_px: float, cleared: Binary | None = None) -> tuple[Binary, list[Cells]]:
    """Find long lines that are about level or upright, the short sides of boxes, and combs.

    Where a letter crosses a line, the ink is left to the letter, so that letters that stand on a rule come off it
    whole. Lines are found by shifts of the whole page: the time depends on its size, not on what is on it.

    Parameters
    ----------
    binary : (H, W), ink True
    cleared : (H, W), lines that were found before, and whose ink is not in `binary`; None if there are none

    Returns
    -------
    rules, cells : the ink of all these (H, W); the cells of combs, as of `find_combs`
    """
    # Lines of both directions are found before any is erased, because a crossing is part of two.
    level, upright = _level_lines(binary, stroke_px), _level_lines(binary.T, stroke_px).T
    seen = level if cleared is None else level | cleared
    boxes = level_boxes(seen, stroke_px)
    combs, cells = find_combs(binary, seen, boxes, stroke_px, _dashes(binary, level, stroke_px))
    sides = _sides(binary, seen, boxes, stroke_px)
    if cleared is not None:  # on squared paper the cleared lines are one piece, but a box may have lines of its own
        sides |= _sides(binary, level, level_boxes(level, stroke_px), stroke_px)
    rules = level | upright | sides | combs
    for erased, page in ((rules, binary), (rules.T, binary.T)):
        for rows, columns, ink in sloping_lines(page, stroke_px, erased):
            erased[rows, columns] |= ink
    return rules, cells


def shorter_than(lines: Binary, least_px: float, stroke_px: float) -> Binary:
    """Return the ink of lines (H, W) that, with all that they touch, are less than `least_px` high and wide."""
    labels, boxes, cell = label_lines(lines, stroke_px, reach=1)
    low = np.maximum(boxes[:, 2] - boxes[:, 0], boxes[:, 3] - boxes[:, 1]) < least_px
    return lines & in_pixels(np.append(False, low)[labels], cell, lines.shape)


def _sides(binary: Binary, level: Binary, boxes: NDArray[np.intp], stroke_px: float) -> Binary:
    """Return the ink (H, W) of the sides of boxes: about upright, between a level line and the next with the same ends.

    Parameters
    ----------
    level, boxes : (H, W), which pixels are of level lines; (N, 4), where each line is, see `level_boxes`
    """
    sides = np.zeros_like(binary)
    if len(boxes) < 2:
        return sides
    reach = round(_CORNER * stroke_px)
    boxes = boxes[np.lexsort(boxes.T[::-1])]  # from top to bottom
    for number, (top, left, above, right) in enumerate(boxes.tolist()):
        later = boxes[number + 1 :]
        alike = (np.abs(later[:, 1] - left) <= reach) & (np.abs(later[:, 3] - right) <= reach) & (later[:, 0] > above)
        if not alike.any():
            continue
        below, _, bottom, _ = later[alike][0].tolist()
        bottom = min(bottom, len(binary))  # boxes are rounded to whole cells
        for x in (left, right):
            near = slice(max(0, x - reach), x + reach)
            side = _side(binary[above:below, near], max(1, round(stroke_px / 2)))
            whole = np.pad(side, ((above - top, bottom - below), (0, 0)), mode="edge")
            sides[top:bottom, near] |= binary[top:bottom, near] & whole
    return sides


def _side(near: Binary, step: int) -> Binary:
    """Return which pixels (h, w) between two level lines are where the side of a box is; none if there is no side.

    A photograph makes sides lean. Leans are tried in steps of so many pixels from end to end; that with the fullest
    column counts.

    Parameters
    ----------
    near : (h, w), ink near the ends of the lines
    """
    height, width = near.shape
    if np.count_nonzero(near) < _SIDE * height:
        return np.zeros_like(near)
    rows, columns = np.arange(height)[:, None], np.arange(width)
    best, found = np.zeros(width), np.zeros((height, 1), np.intp)
    for lean in sorted(range(-(width // 2), width // 2 + 1, step), key=abs):
        off = np.rint(lean * (rows / height - 0.5)).astype(np.intp)
        at = columns + off
        full = (near[rows, at.clip(0, width - 1)] & (at >= 0) & (at < width)).mean(axis=0)
        if full.max() > best.max():
            best, found = full, off
    side = best >= _SIDE
    if np.count_nonzero(side) > _BROAD * width:  # a black square
        return np.zeros_like(near)
    side[1:-1] |= side[2:] | side[:-2]  # the edges of a side are ragged
    return np.asarray(side[(columns - found).clip(0, width - 1)])


def _dashes(binary: Binary, level: Binary, stroke_px: float) -> Binary | None:
    """Return the ink (H, W) of dashes: thin level strokes that may be tops and bottoms of boxes side by side.

    None if the page has no row of such boxes, like most pages. This is first looked for in every second row of pixels,
    eight pixels at a time.

    Parameters
    ----------
    level : (H, W), which pixels are of level lines; these are no dashes
    """
    inked = eights(binary) == 255
    width = max(1, round(_ROW_OF_BOXES * stroke_px / 8))
    if inked.shape[1] <= width or np.count_nonzero(inked.sum(axis=1) >= _TOPS * width) < 2:
        return None
    inked &= eights(level) == 0
    before = np.pad(np.cumsum(inked, axis=1, dtype=np.int32), ((0, 0), (1, 0)))
    tops = before[:, width:] - before[:, :-width] >= _TOPS * width
    if (np.count_nonzero(tops[1:] & ~tops[:-1], axis=0) + tops[0]).max() < 2:
        return None
    dashes = open_horizontally(dilate_vertically(binary), round(_DASH * stroke_px), grown=round(stroke_px))
    thick = open_horizontally(binary.T, int(THIN * stroke_px) + 1).T
    return binary & dashes & ~thick


def _level_lines(binary: Binary, stroke_px: float) -> Binary:
    """Return the ink (H, W) of level lines. One that slopes a little is a staircase of runs: dilation joins them."""
    near = open_horizontally(dilate_vertically(binary), round(_LONG * stroke_px), grown=round(_TORN * stroke_px))
    if not near.any():
        return near
    thick = open_horizontally(binary.T, int(THIN * stroke_px) + 1).T
    return binary & near & ~thick
