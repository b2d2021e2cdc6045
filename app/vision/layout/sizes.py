"""Writing of two sizes on one page: printed labels beside what somebody filled in, or text below a large heading."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from app.vision.box import bounds
from app.vision.ink.components import LETTER, Components, text_height
from app.vision.layout.mixed_lines import SHORTEST, Lines, SizedRow, TwoSizes
from app.vision.layout.rows import find_rows, levelled

# Pieces lower than `LETTER` begin no row of the page: they are dots, commas and accents, or small writing. There is
# small writing if there are enough low pieces in rows like words:
_FEWEST = 12  # of them, at least
_SHARE = 0.05  # of all pieces, at least; fewer are torn rules and texture
_IN_A_ROW = 4  # letters of such a row, at least
_MOSTLY = 0.75  # share of the gaps of such a row that are no wider than `_CLOSE`, at least
_LOWEST_PX = 8.0  # height of small writing, at least: lower letters cannot be read
# In heights of the small writing:
_CLOSE = 1.0  # largest gap between letters of a word
# Capitals of the small writing may be as high as the page's lower letters. They stand beside the low pieces of a row:
_CAPITAL = 2.2  # height at most
_BESIDE = 0.6  # share of the lower of both, the capital and the row, that stands beside the other, at least
_REACH = 3.0  # distance from the row, at most
# If there are fewer low pieces than `_FEWEST`, but enough by `_SHARE`, they may be the label of a single field. Other
# letters are far from a label:
_ACROSS = 1.0  # across, at least
_ABOVE = 0.3  # or, above or below it, at least
_WIDE = 1.3  # width of a label in its height, at least; a quotation mark has less
# Height of a label in stroke widths, at least. Dots of an ellipsis have 2.3 at most on 960 drawn pages, printed labels
# on 60 drawn forms 2.9 and more.
_STROKES = 2.5


def find_lines(components: Components) -> tuple[Lines, float]:
    """As `find_rows`, but small writing is put into rows of its own, which may be on one line with large writing."""
    letter_px, small = text_height(components), _small_writing(components)
    if not len(small):
        rows, slope = find_rows(components)
        return [[SizedRow(row, letter_px)] for row in rows], slope
    large, own = np.setdiff1d(np.arange(len(components)), small), components.subset(small)
    rows, slope = find_rows(components.subset(large))
    sizes = TwoSizes(levelled(components.boxes, slope), letter_px, text_height(own))
    return sizes.lines([large[row] for row in rows], [small[row] for row in find_rows(own)[0]]), slope


def _small_writing(components: Components) -> NDArray[np.intp]:
    """Return the indices, ascending, of the pieces of small writing; none if there is no such writing."""
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
    """Whether a row of small writing, with its capitals, is a label and no mark of other letters.

    Parameters
    ----------
    row : indices of its pieces
    letter_px : height of the small writing
    least_px : height of the lowest of the page's letters
    """
    heights = components.heights[row]
    top, left, bottom, right = bounds(components.boxes[row[heights >= LETTER * letter_px]])
    if right - left < _WIDE * (bottom - top) or heights.max() < _STROKES * components.stroke_px:
        return False
    others = np.delete(components.boxes, row, axis=0)
    tops, lefts, bottoms, rights = others[others[:, 2] - others[:, 0] >= least_px].T
    away_x, away_y = np.maximum(lefts - right, left - rights), np.maximum(tops - bottom, top - bottoms)
    return bool(((away_x >= _ACROSS * letter_px) | (away_y >= _ABOVE * letter_px)).all())


def _beside(row: NDArray[np.intp], components: Components, letter_px: float) -> NDArray[np.intp]:
    """Return the indices of the pieces that stand beside a row of small writing and are no higher than its capitals."""
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
    """Leave out of a row of low pieces those that stand alone and nearer to a large letter: full stops, commas, dashes.

    Parameters
    ----------
    row : indices of its pieces among the boxes (N, 4) of all low pieces, from left to right
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
    """Whether a row, as boxes (n, 4), has at least `fewest` letters that stand as close as those of words."""
    letters = boxes[boxes[:, 2] - boxes[:, 0] >= LETTER * letter_px]
    gaps = letters[1:, 1] - letters[:-1, 3]
    return len(letters) >= fewest and bool(np.mean(gaps <= _CLOSE * letter_px) >= _MOSTLY)
