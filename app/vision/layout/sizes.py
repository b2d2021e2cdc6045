"""Writing of two sizes on one page: printed labels beside what somebody filled in, the text below a large heading."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from app.vision.box import bounds
from app.vision.ink.components import LETTER, Components, text_height
from app.vision.layout.mixed_lines import SHORTEST, Lines, SizedRow, TwoSizes
from app.vision.layout.rows import find_rows, levelled

# Lower pieces than `LETTER` begin no row of the page: they are dots, commas and accents, or writing of its own size.
# Of that
_FEWEST = 12  # there are so many,
_SHARE = 0.05  # and such a share of all pieces, as fewer are torn rules and texture;
_LOWEST_PX = 8.0  # it is as high, as smaller letters cannot be read,
_IN_A_ROW = 4  # and stands in rows of so many and more,
_MOSTLY = 0.75  # most of which
_CLOSE = 1.0  # are no farther apart than letters of a word; in heights of the small writing, as all that follows.
# Capitals among them may be as high as the page's lower letters. They stand beside the low ones:
_CAPITAL = 2.2  # no higher than this,
_BESIDE = 0.6  # with this share of the lower of both on one level,
_REACH = 3.0  # and no farther beside the row.
# Fewer than `_FEWEST`, but such a share, are the label of a single field. No other letter is so near,
_ACROSS = 1.0  # across
_ABOVE = 0.3  # or above and below; and it is
_WIDE = 1.3  # times as wide as high, unlike a quotation mark,
# and so many strokes high, unlike an ellipsis: on 960 drawn pages dots of those are at most 2.3 strokes high, and
# printed labels of 60 drawn forms at least 2.9.
_STROKES = 2.5


def find_lines(components: Components) -> tuple[Lines, float]:
    """As `find_rows`, and small writing beside large in rows of its own, which may be parts of a line of text."""
    letter_px, small = text_height(components), _small_writing(components)
    if not len(small):
        rows, slope = find_rows(components)
        return [[SizedRow(row, letter_px)] for row in rows], slope
    large, own = np.setdiff1d(np.arange(len(components)), small), components.subset(small)
    rows, slope = find_rows(components.subset(large))
    sizes = TwoSizes(levelled(components.boxes, slope), letter_px, text_height(own))
    return sizes.lines([large[row] for row in rows], [small[row] for row in find_rows(own)[0]]), slope


def _small_writing(components: Components) -> NDArray[np.intp]:
    """Return the pieces, by index, of rows too low for the page's letters, ascending."""
    least_px = LETTER * text_height(components)
    low = np.flatnonzero(components.heights < least_px)
    if len(low) < SHORTEST:
        return low[:0]
    own = components.subset(low)
    letter_px = text_height(own)
    if letter_px < _LOWEST_PX:
        return low[:0]
    large = np.delete(components.boxes, low, axis=0)
    found = [_without_stops(row, own.boxes, large, letter_px) for row in find_rows(own)[0]]
    rows = [low[row] for row in found if _is_writing(own.boxes[row], letter_px, SHORTEST)]
    whole = [np.union1d(row, _beside(row, components, letter_px)) for row in rows]
    share = _SHARE * len(components)
    if sum(len(row) for row in found if _is_writing(own.boxes[row], letter_px, _IN_A_ROW)) < max(_FEWEST, share):
        whole = [row for row in whole if _is_label(row, components, letter_px, least_px)]
        if sum(len(row) for row in whole) < share:
            return low[:0]
    return np.unique(np.concatenate([low[:0], *whole]))


def _is_label(row: NDArray[np.intp], components: Components, letter_px: float, least_px: float) -> bool:
    """Whether a row of small writing, with its capitals, is no mark of other letters, which are as high or higher."""
    heights = components.heights[row]
    top, left, bottom, right = bounds(components.boxes[row[heights >= LETTER * letter_px]])
    if right - left < _WIDE * (bottom - top) or heights.max() < _STROKES * components.stroke_px:
        return False
    others = np.delete(components.boxes, row, axis=0)
    tops, lefts, bottoms, rights = others[others[:, 2] - others[:, 0] >= least_px].T
    away_x, away_y = np.maximum(lefts - right, left - rights), np.maximum(tops - bottom, top - bottoms)
    return bool(((away_x >= _ACROSS * letter_px) | (away_y >= _ABOVE * letter_px)).all())


def _beside(row: NDArray[np.intp], components: Components, letter_px: float) -> NDArray[np.intp]:
    """Return the pieces that stand beside a row of small writing and are no higher than its capitals."""
    top, left, bottom, right = bounds(components.boxes[row])
    tops, lefts, bottoms, rights = components.boxes.T
    level = np.minimum(bottoms, bottom) - np.maximum(tops, top)
    near = level >= _BESIDE * np.minimum(components.heights, bottom - top)
    near &= (components.heights <= _CAPITAL * letter_px) & (
        np.maximum(lefts - right, left - rights) <= _REACH * letter_px
    )
    return np.flatnonzero(near)


def _without_stops(
    row: NDArray[np.intp], boxes: NDArray[np.int32], large: NDArray[np.int32], letter_px: float
) -> NDArray[np.intp]:
    """Leave out of a row of low pieces what stands alone, nearer to a large letter: full stops, commas and dashes.

    Parameters
    ----------
    row : of the boxes (N, 4) of low pieces, from left to right
    large : (M, 4), boxes of large letters
    """
    own = boxes[row]
    white = np.concatenate([[np.inf], own[1:, 1] - np.maximum.accumulate(own[:-1, 3]), [np.inf]])
    apart = np.minimum(white[:-1], white[1:])
    alone = np.flatnonzero(apart > _CLOSE * letter_px)
    if not len(alone):
        return row
    large = large[(large[:, 0] < own[:, 2].max()) & (large[:, 2] > own[:, 0].min())]
    tops, lefts, bottoms, rights = own[alone, :, None].transpose(1, 0, 2)
    level = (large[:, 0] < bottoms) & (large[:, 2] > tops)
    away = np.maximum(large[:, 1] - rights, lefts - large[:, 3]).min(
        axis=1, where=level, initial=np.iinfo(np.int32).max
    )
    return np.delete(row, alone[away < apart[alone]])


def _is_writing(boxes: NDArray[np.int32], letter_px: float, fewest: int) -> bool:
    """Whether the letters among the boxes (N, 4) of a row are not too few, and stand as close as in words."""
    letters = boxes[boxes[:, 2] - boxes[:, 0] >= LETTER * letter_px]
    gaps = letters[1:, 1] - letters[:-1, 3]
    return len(letters) >= fewest and bool(np.mean(gaps <= _CLOSE * letter_px) >= _MOSTLY)
