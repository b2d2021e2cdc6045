"""Dotted lines, such as forms have to write on: no full stops.

More pieces that are neither round nor evenly spaced are found by `app.vision.marks.torn_lines`.
"""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray

from app.vision.marks.chains import find_chains, find_next

# So many dots in a row that nothing parts are printed; three end a sentence, and of more a hand misses the place or the
# line of some.
_FEWEST = 12
_DOT = 2.0  # no dot is wider or higher, in stroke widths
_FARTHEST = 5.0  # from the middle of one dot to that of the next, in dots
_OFF = 0.3  # of the way from one to the next: how far from its place a dot may be, along the line and across
_EVEN = 0.1  # likewise, but all dots of a chain on average; those of a hand are off by more than that both ways
_MOST = 3000  # more specks than this are texture


def are_dots_of_lines(boxes: NDArray[np.int32], stroke_px: float) -> NDArray[np.bool_]:
    """Tell which pieces (N,) are dots of a dotted line: of one size, evenly spaced, and straight.

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
        if dotted[specks[chain]].all():
            continue
        step, first = np.polyfit(np.arange(len(chain)), x[chain], 1)
        slope, begin = np.polyfit(x[chain], y[chain], 1)
        place = (x - first) / step
        along, across = np.abs(place - np.rint(place)), np.abs(y - begin - slope * x) / step
        if max(_rms(along[chain]), _rms(across[chain])) <= _EVEN:
            dotted[specks[(along <= _OFF) & (across <= _OFF)]] = True
    return dotted


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
