"""Dotted lines, as forms have them to write on: the dots are no full stops.

Lines of pieces that are neither round nor evenly spaced are left to `app.vision.marks.torn_lines`.
"""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
from numpy.polynomial import Polynomial
from numpy.typing import NDArray

from app.vision.marks.chains import find_chains, find_next

# Dots in a row without a gap. So many are printed: three end a sentence, and a hand that makes more of them puts some
# off their places.
_FEWEST = 12
_MOST = 3000  # specks of a page; if there are more, they are texture
_DOT = 2.0  # height and width of a dot at most, in stroke widths
_FARTHEST = 5.0  # from the middle of one dot to the middle of the next, in sizes of a dot
# In the distance from one dot to the next:
_OFF = 0.3  # of a dot from its place, along the line and across it, at most
_EVEN = 0.1  # the same as the root mean square over the dots of a chain; dots made by hand are less even
_GROWS = 0.6  # share of its number of dots by which a line is followed past its gaps at a time, at both ends


def are_dots_of_lines(boxes: NDArray[np.int32], stroke_px: float) -> NDArray[np.bool_]:
    """Tell which pieces (N,) are dots of a dotted line: of one size, evenly spaced, and on a straight line.

    A camera and bent paper make the steps and the slope change along the line, so that both are fitted by parabolas.
    Dots that letters separate from the others are found at the places where these curves lead.

    Parameters
    ----------
    boxes : (N, 4) as top, left, bottom, right
    stroke_px : width of strokes
    """
    size = np.maximum(boxes[:, 2] - boxes[:, 0], boxes[:, 3] - boxes[:, 1])
    specks = np.flatnonzero(size <= _DOT * stroke_px)
    dotted = np.zeros(len(boxes), bool)
    if not _FEWEST <= len(specks) <= _MOST:
        return dotted
    top, left, bottom, right = boxes[specks].T
    y, x = (top + bottom) / 2, (left + right) / 2
    for chain in _chains(x, y, size[specks]):
        if not dotted[specks[chain]].all():
            dotted[specks[_whole_line(x, y, np.array(chain))]] = True
    return dotted


def _whole_line(x: NDArray[np.float64], y: NDArray[np.float64], first: NDArray[np.intp]) -> NDArray[np.intp]:
    """Return the indices of all specks of a dotted line, of which some are known; none if these are not even enough.

    Parameters
    ----------
    x, y : (N,), middles of all specks
    first : indices of the known ones, from left to right
    """
    place = np.zeros(len(x))
    place[first] = np.arange(len(first))
    chain, known = first, 0
    while len(chain) > known:
        known = len(chain)
        step = np.ptp(x[chain]) / np.ptp(place[chain])
        number, line = (Polynomial.fit(x[chain], of[chain], 2) for of in (np.rint(place), y))
        place = number(x)
        along, across = np.abs(place - np.rint(place)), np.abs(y - line(x)) / step
        if max(_rms(along[first]), _rms(across[first])) > _EVEN:
            return first[:0]
        # Far beyond the dots that the curves were fitted to, they tell nothing.
        reach = _GROWS * known
        near = (place >= place[chain].min() - reach) & (place <= place[chain].max() + reach)
        chain = np.flatnonzero(near & (along <= _OFF) & (across <= _OFF))
    return chain


def _rms(values: NDArray[np.float64]) -> float:
    return float(np.sqrt(np.mean(values**2)))


def _chains(x: NDArray[np.float64], y: NDArray[np.float64], size: NDArray[np.int32]) -> Iterator[list[int]]:
    """Yield chains, as indices of specks from left to right, that are alike, about level and evenly spaced."""
    order = np.argsort(x, kind="stable")
    x, y, size = x[order], y[order], size[order]

    def fits(one: int, behind: slice) -> NDArray[np.bool_]:
        apart = x[behind] - x[one]
        level, alike = np.abs(y[behind] - y[one]) <= _OFF * apart, np.abs(size[behind] - size[one]) <= 1
        return level & alike & (apart >= size[one])

    after = find_next(x, _FARTHEST * size, fits)
    for chain in find_chains(after, _FEWEST, x, _OFF):
        yield order[chain].tolist()
