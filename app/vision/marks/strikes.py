"""Words that somebody crossed out: one long stroke through their letters, level or sloping, or a scribble over them."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from scipy import ndimage

from app.vision.box import Box
from app.vision.ink.components import Components, are_of
from app.vision.marks.scribbles import find_scribbles
from app.vision.marks.sloping import find_sloping
from app.vision.marks.straight import open_runs

Binary = NDArray[np.bool_]

# In heights of the writing:
_LONG = 2.5  # no bar of a letter is so long
_REACH = 0.6  # letters show above and below the stroke no farther away than this
_BEYOND = 1.2  # it ends no farther beside the letters; a rule runs on
_AROUND = 3.0  # how far beside a row is looked, to tell these two apart
# In stroke widths: how far a stroke wavers up and down, how thick it is at most, and what is clearly beside it.
_WAVERING, _THICK, _CLEAR = 0.4, 2.5, 1.5
# Shares of the stroke's columns with letters above it, and below it; under an underline there are few.
_ABOVE, _BELOW = 0.4, 0.4
_MOSTLY = 0.6  # of its width that a piece of ink must be crossed to be struck out


def split_struck_out(
    row: NDArray[np.intp], components: Components, binary: Binary, typical: float
) -> tuple[NDArray[np.intp], list[Box]]:
    """Take what is crossed out from a row.

    Parameters
    ----------
    row : indices of the row's components
    binary : (H, W), ink True, erased rules included: a straight stroke may have been taken for one
    typical : height of the page's letters, pixels

    Returns
    -------
    row, boxes : the indices that are left, and the box of each struck-out word with its stroke
    """
    boxes = components.boxes[row]
    marks = _through(row, components, binary, typical)
    marks += find_sloping(row, components, typical) + find_scribbles(row, components, typical)
    kept, struck = np.ones(len(row), bool), []
    for mark in marks:
        within = np.minimum(boxes[:, 3], mark.right) - np.maximum(boxes[:, 1], mark.left)
        crossed = kept & (within >= _MOSTLY * (boxes[:, 3] - boxes[:, 1]))
        if not crossed.any():  # a second stroke through a word, or one through part of a joined one
            continue
        kept &= ~crossed
        struck.append(Box.around([mark, *(Box(*map(int, box)) for box in boxes[crossed])]))
    return row[kept], struck


def _through(row: NDArray[np.intp], components: Components, binary: Binary, typical: float) -> list[Box]:
    """Return the boxes of nearly level strokes through letters of a row, as of `split_struck_out`."""
    boxes = components.boxes[row]
    (top, left), (bottom, right) = boxes[:, :2].min(axis=0), boxes[:, 2:].max(axis=0)
    around = round(_AROUND * typical)
    start, stop = max(0, int(left) - around), min(binary.shape[1], int(right) + around)
    place = (slice(int(top), int(bottom)), slice(start, stop))
    runs, strokes = _strokes(binary[place], components.stroke_px, typical)
    if not strokes:
        return []
    # Of two underlines neither shows letters to the other.
    own = are_of(components.label_image[place], components.labels[row]) & ~runs
    return [
        Box(int(top) + int(y.min()), start + int(x[0]), int(top) + int(y.max()) + 1, start + int(x[-1]) + 1)
        for y, x in strokes
        if _goes_through(own, y, x, components.stroke_px, typical)
    ]


def _strokes(
    binary: Binary, stroke_px: float, typical: float
) -> tuple[Binary, list[tuple[NDArray[np.float64], NDArray[np.intp]]]]:
    """Return the ink of long nearly level runs, and those that are thin strokes as y, x of each of their columns."""
    grown = binary.copy()
    for step in range(1, max(1, round(_WAVERING * stroke_px)) + 1):
        grown[step:] |= binary[:-step]
        grown[:-step] |= binary[step:]
    runs = open_runs(grown, round(_LONG * typical)) & binary
    if not runs.any():  # as on nearly every row
        return runs, []
    labels, _ = ndimage.label(runs, np.ones((3, 3)))
    strokes = []
    for number, (rows, columns) in enumerate(ndimage.find_objects(labels), 1):
        own = labels[rows, columns] == number
        thickness = own.sum(axis=0)
        x = np.flatnonzero(thickness)
        if len(x) >= _LONG * typical and np.median(thickness[x]) <= _THICK * stroke_px:
            y = (own * np.arange(own.shape[0])[:, None]).sum(axis=0)[x] / thickness[x]
            strokes.append((y + rows.start, x + columns.start))
    return runs, strokes


def _goes_through(own: Binary, y: NDArray[np.float64], x: NDArray[np.intp], stroke_px: float, typical: float) -> bool:
    """Whether letters show above and below a stroke, and it ends where they end."""
    away = np.arange(own.shape[0])[:, None] - y
    near = own[:, x] & (np.abs(away) <= _REACH * typical) & (np.abs(away) >= _CLEAR * stroke_px)
    above, below = (near & (away < 0)).any(axis=0), (near & (away > 0)).any(axis=0)
    if above.mean() < _ABOVE or below.mean() < _BELOW:
        return False
    crossed = x[above | below]
    return bool(max(crossed[0] - x[0], x[-1] - crossed[-1]) <= _BEYOND * typical)
