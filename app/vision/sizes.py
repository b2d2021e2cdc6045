"""Writing of two sizes on one page: printed labels beside what somebody filled in, the text below a large heading."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from app.vision.components import Components, text_height
from app.vision.rows import LETTER, find_rows

# Lower pieces than `LETTER` begin no row of the page: they are dots, commas and accents, or writing of its own size. Of
# that there are so many, and such a share of all pieces, as others are torn rules and texture; they are not lower than
# so many pixels, as smaller letters cannot be read, and stand
_FEWEST, _SHARE, _LOWEST_PX = 12, 0.05, 8.0
# in rows of four and more, most of which are no farther apart than letters of a word; in heights of the small writing.
_IN_A_ROW, _CLOSE, _MOSTLY = 4, 1.0, 0.75
_SHORTEST = 2  # letters of a row of it, once it is known that there is some
# Capitals among them may be as high as the page's lower letters. They stand beside the low ones: no higher than this,
# with so much of the lower of both on one level, and no farther beside the row; heights again.
_CAPITAL, _BESIDE, _REACH = 2.2, 0.6, 3.0


class SizedRow(NamedTuple):
    """The pieces of a row, from left to right, by their indices; and the height of the letters around it, pixels."""

    pieces: NDArray[np.intp]
    typical: float


def find_rows_of_sizes(components: Components) -> tuple[list[SizedRow], float]:
    """As `find_rows`, and small writing beside large in rows of its own; all by where their middles are once level."""
    typical, small = text_height(components), _small_writing(components)
    if not len(small):
        rows, slope = find_rows(components)
        return [SizedRow(row, typical) for row in rows], slope
    large = np.setdiff1d(np.arange(len(components)), small)
    rows, slope = find_rows(components.some(large))
    sized = [SizedRow(large[row], typical) for row in rows]
    own = components.some(small)
    sized += [SizedRow(small[row], text_height(own)) for row in find_rows(own)[0]]
    top, left, bottom, right = components.boxes.T
    level = top + bottom - slope * (left + right)
    return sorted(sized, key=lambda row: float(np.median(level[row.pieces]))), slope


def _small_writing(components: Components) -> NDArray[np.intp]:
    """Return the pieces, by index, of rows too low for the page's letters, ascending."""
    low = np.flatnonzero(components.heights < LETTER * text_height(components))
    fewest = max(_FEWEST, _SHARE * len(components))
    if len(low) < fewest:
        return low[:0]
    own = components.some(low)
    typical = text_height(own)
    if typical < _LOWEST_PX:
        return low[:0]
    found = find_rows(own)[0]
    if sum(len(row) for row in found if _is_writing(own.boxes[row], typical, _IN_A_ROW)) < fewest:
        return low[:0]
    rows = [low[row] for row in found if _is_writing(own.boxes[row], typical, _SHORTEST)]
    return np.unique(np.concatenate([*rows, *(_beside(row, components, typical) for row in rows)]))


def _beside(row: NDArray[np.intp], components: Components, typical: float) -> NDArray[np.intp]:
    """Return the pieces that stand beside a row of small writing and are no higher than its capitals."""
    (top, left), (bottom, right) = components.boxes[row, :2].min(axis=0), components.boxes[row, 2:].max(axis=0)
    tops, lefts, bottoms, rights = components.boxes.T
    level = np.minimum(bottoms, bottom) - np.maximum(tops, top)
    near = level >= _BESIDE * np.minimum(components.heights, bottom - top)
    near &= (components.heights <= _CAPITAL * typical) & (np.maximum(lefts - right, left - rights) <= _REACH * typical)
    return np.flatnonzero(near)


def _is_writing(boxes: NDArray[np.int32], typical: float, fewest: int) -> bool:
    """Whether the letters among the boxes (N, 4) of a row are not too few, and stand as close as in words."""
    letters = boxes[boxes[:, 2] - boxes[:, 0] >= LETTER * typical]
    gaps = letters[1:, 1] - letters[:-1, 3]
    return len(letters) >= fewest and bool(np.mean(gaps <= _CLOSE * typical) >= _MOSTLY)
