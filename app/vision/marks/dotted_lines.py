"""Dotted lines, such as forms have to write on: no full stops.

More pieces that are neither round nor evenly spaced are found by `app.vision.marks.torn_lines`.
"""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
from numpy.polynomial import Polynomial
from numpy.typing import NDArray

from app.vision.marks.chains import find_chains, find_next

# So many dots in a row that nothing parts are printed; three end a sentence, and of more a hand misses the place or the
# line of some.
_FEWEST = 12
_DOT = 2.0  # no dot is wider or higher, in stroke widths
_FARTHEST = 5.0  # from the middle of one dot to that of the next, in dots
_OFF = 0.3  # of the way from one to the next: how far from its place a dot may be, along the line and across
_EVEN = 0.1  # likewise, but all dots of a chain on average; those of a hand are off by more than that both ways
_GROWS = 0.6  # by what share of its dots a line grows past its gaps at once, at both ends
_MOST = 3000  # more specks than this are texture


def are_dots_of_lines(boxes: NDArray[np.int32], stroke_px: float) -> NDArray[np.bool_]:
    """Tell which pieces (N,) are dots of a dotted line: of one size, evenly spaced, and straight.

    A camera and bent paper make steps and slope change along the line, which is taken for a parabola in both.
    Dots of a line that letters part from the others are found by where they must be.

    Parameters
    ----------
    boxes : (N, 4) as top, left, bottom, right
    stroke_px : how thick strokes are
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
    """Return the specks (N,) of a dotted line of which the first are known; none if they are uneven or not straight."""
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
        # A curve is no guide far beyond what it was fitted to.
        reach = _GROWS * known
        near = (place >= place[chain].min() - reach) & (place <= place[chain].max() + reach)
        chain = np.flatnonzero(near & (along <= _OFF) & (across <= _OFF))
    return chain


def _rms(values: NDArray[np.float64]) -> float:
    return float(np.sqrt(np.mean(values**2)))


def _chains(x: NDArray[np.float64], y: NDArray[np.float64], size: NDArray[np.int32]) -> Iterator[list[int]]:
    """Yield specks (N,) of which each is as far from the one before it as the next."""
    order = np.argsort(x, kind="stable")
    x, y, size = x[order], y[order], size[order]

    def fits(one: int, behind: slice) -> NDArray[np.bool_]:
        apart = x[behind] - x[one]
        level, alike = np.abs(y[behind] - y[one]) <= _OFF * apart, np.abs(size[behind] - size[one]) <= 1
        return level & alike & (apart >= size[one])

    after = find_next(x, _FARTHEST * size, fits)
    for chain in find_chains(after, _FEWEST, x, _OFF):
        yield order[chain].tolist()
