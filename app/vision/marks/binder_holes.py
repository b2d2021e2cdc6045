"""Holes in a column or in a row, as of a spiral or a binder: no letters and no dashes."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray
from scipy.ndimage import distance_transform_edt

from app.vision.box import transposed
from app.vision.ink.components import Components
from app.vision.marks.chains import find_chains, find_next

_FEWEST = 6  # holes of a chain
_THINNEST = 1.5  # the shorter side of a hole in stroke widths; one of a chain may be thinner than most
_FILLED = 0.45  # share of its box that a hole inks, also with wire in it; most letters have less
# How thick holes are where each is thickest; the medians of a chain, at least:
_THICK = 2.0  # stroke widths: too thick for the page's pen
# In their longer sides: too thick for any pen. A disc has 1, one that the sheet's edge or wire joins about 0.5, a bar
# of bold print 0.2 and a dash 0.3.
_COMPACT = 0.4
_ALIKE = 1.35  # no hole is so many times as long, down the chain, as the next, or as most
# From the middle of one to that of the next, in their lengths:
_NEAREST = 1.1  # they do not touch,
_FARTHEST = 4.0  # and are no farther apart
# In the distance from one hole to the next:
_ASIDE = 0.35  # so far to the side is the next at most
_OFF = 0.2  # so far from its place along the chain a hole is at most
_FOLLOWS = 3.0  # the text of a bullet is nearer
# Share of a column's holes that no text follows. Text lines are not as far apart as holes, and end somewhere; of the
# entries of a list few are empty.
_BARE = 0.2
_BETWEEN = 0.3  # of other pieces to each hole of a row; of more the row is text, and the holes are bullets
_FITS = 3  # times that a chain grows past its gaps,
_GROWS = 0.6  # and by what share of its length at both ends
_MOST_PIECES = 1000  # more such pieces are texture or print


def are_binder_holes(components: Components) -> NDArray[np.bool_]:
    """Tell which pieces of ink (N,) are holes in a column or in a row.

    Holes are thick, alike and evenly spaced. So are bullets, but text follows each. What else is in the strip that they
    fill stays.
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
    """Yield pieces (N,) of which each is about below the one before it, as far as that from its own, and as high.

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
    """Return the pieces of a chain, with those past a gap in it, and which pieces (N,) are in the strip that it fills.

    No piece is of it if those that are known turn out not to be evenly spaced.

    Parameters
    ----------
    places : (N, 4), as of `_chains`
    stout : the pieces that may be of it
    some : those that are known
    """
    top, left, bottom, right = places.T
    y, x, long = (top + bottom) / 2, (left + right) / 2, bottom - top
    usual, wide = np.median(long[some]), np.median((right - left)[some])
    alike = np.maximum(long[stout], usual) <= _ALIKE * np.minimum(long[stout], usual)
    y -= y[some[0]]
    chain, place = some, np.zeros(len(places))
    place[some] = np.arange(len(some))
    for _ in range(_FITS):
        # Steps become shorter with the distance from the camera, so places are no multiples of one.
        number, line = np.polyfit(y[chain], np.rint(place[chain]), 2), np.polyfit(y[chain], x[chain], 1)
        place = np.polyval(number, y)
        off = np.abs(place - np.rint(place))
        # A curve is no guide far beyond what it was fitted to.
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
    """Tell whether some pieces are thicker than strokes, most of them."""
    # A line of one pixel has the distance 1.
    thick = np.array([2 * distance_transform_edt(np.pad(components.mask(each), 1)).max() - 1 for each in chain])
    longer = np.maximum(components.heights, components.widths)[chain]
    return bool(np.median(thick) >= _THICK * components.stroke_px and np.median(thick / longer) >= _COMPACT)


def _share_bare(boxes: NDArray[np.int32], chain: NDArray[np.intp], others: NDArray[np.bool_]) -> float:
    """Return the share of some pieces in a column that none of `others` (N,) follows on their line."""
    middle = boxes[chain, 0::2].mean(axis=1)
    near = _FOLLOWS * np.median(np.diff(np.sort(middle)))
    others = others & (boxes[:, 1] >= boxes[chain, 3].min()) & (boxes[:, 1] <= boxes[chain, 3].max() + near)
    top, left, bottom, _ = boxes[others].T
    bare = 0
    for y, right in zip(middle, boxes[chain, 3], strict=True):
        bare += not np.any((left >= right) & (left <= right + near) & (top <= y) & (bottom >= y))
    return bare / len(chain)
