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
_LONG = 22.0  # a straight run this long is no part of a letter; the bar of a wide T has about 12
_TORN = 5.0  # thin ink this close to the end of a run, on its level, is the same line torn by noise
_DASH = 6.0  # the top of a box for a character is that long, where the character leaves it free
# Rows of boxes side by side. Of 57 drawn pages of writing, with and without lines, none has such tops at two heights, 8
# do in a width of 24, and 9 with half of the width.
_ROW_OF_BOXES = 36.0  # they are looked at in such a width,
_TOPS = 0.6  # of which the tops of boxes are this share
_CORNER = 3.0  # level lines whose ends are no farther apart than this may be the top and the bottom of a box
_SIDE = 0.8  # share of the way between them that a column of a box's side is inked


def find_rules(binary: Binary, stroke_px: float, cleared: Binary | None = None) -> tuple[Binary, list[Cells]]:
    """Return the ink of long lines, about level or upright, of the short sides of boxes, and of what divides these.

    And the cells that were divided, as `find_combs` does.

    Where a letter crosses a line its ink is not the line's, so that letters standing on a rule come apart whole. Lines
    are found by shifts of the whole page: the time grows with its pixels, not with what is on it.

    Parameters
    ----------
    binary : (H, W), ink True
    cleared : (H, W), level lines that were found before; their ink is not in `binary`
    """
    # Both directions are looked at before anything is erased: a crossing is part of two lines.
    level, upright = _level_lines(binary, stroke_px), _level_lines(binary.T, stroke_px).T
    seen = level if cleared is None else level | cleared
    boxes = level_boxes(seen, stroke_px)
    combs, cells = find_combs(binary, seen, boxes, stroke_px, _dashes(binary, level, stroke_px))
    sides = _sides(binary, seen, boxes, stroke_px)
    if cleared is not None:  # where squares were, a box may still have lines of its own
        sides |= _sides(binary, level, level_boxes(level, stroke_px), stroke_px)
    rules = level | upright | sides | combs
    for erased, page in ((rules, binary), (rules.T, binary.T)):
        for rows, columns, ink in sloping_lines(page, stroke_px, erased):
            erased[rows, columns] |= ink
    return rules, cells


def shorter_than(lines: Binary, least_px: float, stroke_px: float) -> Binary:
    """Return those lines (H, W) that, with all others that they touch, are less than `least_px` high and wide."""
    labels, boxes, cell = label_lines(lines, stroke_px, reach=1)
    low = np.maximum(boxes[:, 2] - boxes[:, 0], boxes[:, 3] - boxes[:, 1]) < least_px
    return lines & in_pixels(np.append(False, low)[labels], cell, lines.shape)


def _sides(binary: Binary, level: Binary, boxes: NDArray[np.intp], stroke_px: float) -> Binary:
    """Return the upright sides of boxes: thin ink between a level line and the next below that is as long.

    Parameters
    ----------
    level, boxes : level lines (H, W), and where each is (N, 4), see `level_boxes`
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
        for x in (left, right):
            rows, columns = slice(top, bottom), slice(max(0, x - reach), x + reach)
            side = binary[above:below, columns].mean(axis=0) >= _SIDE
            side[1:-1] |= side[2:] | side[:-2]  # its edges are frayed
            sides[rows, columns] |= binary[rows, columns] & side
    return sides


def _dashes(binary: Binary, level: Binary, stroke_px: float) -> Binary | None:
    """Return level strokes that follow each other at one height, as the tops of boxes side by side do; None if none do.

    Few pages have them. So they are first looked for in every second row, by eight pixels at a time: at two heights.

    Parameters
    ----------
    level : (H, W), the level lines, which are none
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
    """Return the ink of level lines. One that slopes a little is a staircase of runs, which joins when it is grown."""
    near = open_horizontally(dilate_vertically(binary), round(_LONG * stroke_px), grown=round(_TORN * stroke_px))
    if not near.any():
        return near
    thick = open_horizontally(binary.T, int(THIN * stroke_px) + 1).T
    return binary & near & ~thick
