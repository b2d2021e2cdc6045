"""Holes of a spiral or a binder, in a column or in a row: they are neither letters nor dashes."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray
from scipy.ndimage import distance_transform_edt

from app.vision.box import transposed
from app.vision.ink.components import Components
from app.vision.marks.chains import find_chains, find_next

# A chain is a column or a row of holes. The length of a hole is its side along the chain.
_FEWEST = 6  # holes of a chain
_MOST_PIECES = 1000  # of a page that may be holes; if there are more, they are texture or print
# In stroke widths:
_THINNEST = 1.5  # shorter side of a piece that may be a hole; one of a chain may be thinner than most
_THICK = 2.0  # median, over a chain, of how thick holes are at their thickest place: too thick for the page's pen
# The same median, in the longer sides of the holes: too thick for any pen. A disc has 1, a hole that the sheet's edge
# or a wire is joined to about 0.5, a dash 0.3, and a bar of bold print 0.2.
_COMPACT = 0.4
_FILLED = 0.45  # share of its box that is ink in a hole, also if there is wire in it; most letters have less
_ALIKE = 1.35  # largest ratio of the lengths of two neighbours, and of a hole's length and the median length
# From the middle of a hole to the middle of the next, in lengths of the hole:
_NEAREST = 1.1  # holes do not touch
_FARTHEST = 4.0
# In the distance from a hole to the next:
_ASIDE = 0.35  # the next hole is no farther to the side
_OFF = 0.2  # a hole is no farther from its place along the chain
_FOLLOWS = 3.0  # the text that follows a bullet is nearer to it
# Share of the pieces of a column that no text follows. Holes have more: lines of text are not as far apart as holes,
# and end somewhere. Bullets have less: few entries of a list are empty.
_BARE = 0.2
_BETWEEN = 0.3  # other pieces for each hole of a row; if there are more, the row is text, and the holes are bullets
# A chain is followed past its gaps this many times, each time by this share of its number of holes at both ends.
_FITS = 3
_GROWS = 0.6


def are_binder_holes(components: Components) -> NDArray[np.bool_]:
    """Tell which pieces of ink (N,) are holes in a column or in a row.

    Holes are thick, alike and evenly spaced. So are bullets, but text follows each of them. Other pieces between the
    holes are left as they are.
    """
    boxes = components.boxes
    holes = np.zeros(len(boxes), bool)
    less = np.minimum(components.heights, components.widths)
    more = np.maximum(components.heights, components.widths)
    stout = np.flatnonzero((less >= _THINNEST * components.stroke_px) & (components.areas >= _FILLED * less * more))
    if not _FEWEST <= len(stout) <= _MOST_PIECES:
        return holes
    for down, places in ((True, boxes), (False, transposed(boxes))):
        for some in _chains(places[stout]):
            if holes[stout[some]].all():
                continue
            chain, inside = _whole_chain(places, stout, stout[some])
            if not len(chain) or not _are_thick(components, chain):
                continue
            others = np.count_nonzero(inside) - len(chain)
            if (_share_bare(boxes, chain, ~inside) >= _BARE) if down else (others <= _BETWEEN * len(chain)):
                holes[chain] = True
    return holes


def _chains(places: NDArray[np.int32]) -> Iterator[NDArray[np.intp]]:
    """Yield chains: the indices (M,) of pieces as high as each other, each below the one before it at an even distance.

    Parameters
    ----------
    places : (N, 4), boxes as they are or with rows and columns exchanged
    """
    order = np.argsort(places[:, 0] + places[:, 2], kind="stable")
    top, left, bottom, right = places[order].T
    y, x, long = (top + bottom) / 2, (left + right) / 2, bottom - top

    def fits(one: int, below: slice) -> NDArray[np.bool_]:
        apart = y[below] - y[one]
        alike = np.maximum(long[below], long[one]) <= _ALIKE * np.minimum(long[below], long[one])
        return alike & (apart >= _NEAREST * long[one]) & (np.abs(x[below] - x[one]) <= _ASIDE * apart)

    after = find_next(y, _FARTHEST * long, fits)
    for chain in find_chains(after, _FEWEST, y, _OFF):
        yield order[chain]


def _whole_chain(
    places: NDArray[np.int32], stout: NDArray[np.intp], some: NDArray[np.intp]
) -> tuple[NDArray[np.intp], NDArray[np.bool_]]:
    """Follow a chain past its gaps.

    Parameters
    ----------
    places : (N, 4), as of `_chains`
    stout : indices of the pieces that may be holes
    some : indices of the pieces of the chain that are known

    Returns
    -------
    chain, inside : the indices of all its pieces, none if the known ones are not evenly spaced; which pieces (N,) are
        in the strip that it fills
    """
    top, left, bottom, right = places.T
    y, x, long = (top + bottom) / 2, (left + right) / 2, bottom - top
    usual, wide = np.median(long[some]), np.median((right - left)[some])
    alike = np.maximum(long[stout], usual) <= _ALIKE * np.minimum(long[stout], usual)
    y -= y[some[0]]
    chain, place = some, np.zeros(len(places))
    place[some] = np.arange(len(some))
    for _ in range(_FITS):
        # Steps become shorter with the distance from the camera, so the number of a hole is a curve of its place.
        number, line = np.polyfit(y[chain], np.rint(place[chain]), 2), np.polyfit(y[chain], x[chain], 1)
        place = np.polyval(number, y)
        off = np.abs(place - np.rint(place))
        # Far beyond the holes that the curve was fitted to, it tells nothing.
        reach = _GROWS * len(chain)
        near = (place >= place[chain].min() - reach) & (place <= place[chain].max() + reach)
        near &= np.abs(x - np.polyval(line, y)) <= wide
        chain = stout[near[stout] & alike & (off[stout] <= _OFF)]
        if len(chain) < _FEWEST:
            return some[:0], np.zeros(len(places), bool)
    inside = near & (y >= y[chain].min() - usual) & (y <= y[chain].max() + usual)
    inside[chain] = True
    return chain, inside


def _are_thick(components: Components, chain: NDArray[np.intp]) -> bool:
    """Tell whether most pieces of a chain are thicker than strokes."""
    # The distance to the paper is 1 in a line one pixel thick, so twice the distance is one too many.
    thick = np.array([2 * distance_transform_edt(np.pad(components.mask(each), 1)).max() - 1 for each in chain])
    longer = np.maximum(components.heights, components.widths)[chain]
    return bool(np.median(thick) >= _THICK * components.stroke_px and np.median(thick / longer) >= _COMPACT)


def _share_bare(boxes: NDArray[np.int32], chain: NDArray[np.intp], others: NDArray[np.bool_]) -> float:
    """Return the share of the pieces in a column that are bare: none of `others` (N,) follows them on their line."""
    middle = boxes[chain, 0::2].mean(axis=1)
    near = _FOLLOWS * np.median(np.diff(np.sort(middle)))
    others = others & (boxes[:, 1] >= boxes[chain, 3].min()) & (boxes[:, 1] <= boxes[chain, 3].max() + near)
    top, left, bottom, _ = boxes[others].T
    bare = 0
    for y, right in zip(middle, boxes[chain, 3], strict=True):
        bare += not np.any((left >= right) & (left <= right + near) & (top <= y) & (bottom >= y))
    return bare / len(chain)
