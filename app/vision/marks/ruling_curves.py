"""The lines in a chain of dark stretches: one, as a rule, but letters in a thick pen join lines that they touch."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

Binary = NDArray[np.bool_]
Places = NDArray[np.float64]

_DEGREE = 2  # of the curves that lines are taken for, as paper bends
_THICKEST_PX = 12  # more rows of pixels that are dark for a whole stretch are of a letter
_OFF_PX = 1.5  # distance of a stretch from its line, at most
_MOST_PAIRS = 4000  # of stretches through which a line is laid to see how many others are on it
_FITS = 3  # times that a curve is laid anew through all stretches that are on it


class Curve(NamedTuple):
    """A line through the stretches `begin` to ``end - 1`` of a chain.

    Attributes
    ----------
    coefficients : of the row of its middle, as a polynomial of the number of the stretch, as for `np.polyval`
    """

    begin: int
    end: int
    coefficients: NDArray[np.float64]


def curves_in(chain: Binary, least: int) -> list[Curve]:
    """Return the lines in a chain of stretches.

    If not all stretches are on one curve, the line that passes through two of them and has the most on it counts, and
    then that of the rest, until too few are on any.

    Parameters
    ----------
    chain : (H, N), which rows of pixels are dark throughout each of N stretches, one beside the other
    least : stretches that a line has, at least

    References
    ----------
    Fischler, Bolles (1981), Random sample consensus; here all pairs are tried, or evenly chosen ones.
    """
    curves, stretches = [], np.arange(chain.shape[1])
    x, y = _middles(chain)
    while len(np.unique(x)) > least // 2:
        coefficients = np.polyfit(x, y, _DEGREE)
        if _off(coefficients, x, y).max() > 2 * _OFF_PX:
            coefficients = _commonest(x, y, least)
        rows = np.clip(np.rint(np.polyval(coefficients, stretches)), 0, len(chain) - 1).astype(np.intp)
        dark = np.flatnonzero(chain[rows, stretches])  # also where a letter hides the line
        if len(dark) < least:
            break
        curves.append(Curve(int(dark[0]), int(dark[-1]) + 1, coefficients))
        others = _off(coefficients, x, y) > 2 * _OFF_PX
        x, y = x[others], y[others]
    return curves


def _middles(chain: Binary) -> tuple[Places, Places]:
    """Return the stretch and the middle row of each dark place (M,) that is no thicker than a line."""
    ends = np.diff(chain.T.astype(np.int8), axis=1, prepend=0, append=0)
    x, tops = np.nonzero(ends > 0)
    _, bottoms = np.nonzero(ends < 0)
    thin = bottoms - tops <= _THICKEST_PX
    return x[thin].astype(float), (tops + bottoms - 1)[thin] / 2


def _commonest(x: Places, y: Places, least: int) -> NDArray[np.float64]:
    """Return the coefficients of the curve that the most places (M,) are on."""
    first, second = np.nonzero(x - x[:, None] >= least // 2)
    step = len(first) // _MOST_PAIRS + 1
    first, second = first[::step], second[::step]
    slope = (y[second] - y[first]) / (x[second] - x[first])
    straight = np.column_stack([slope, y[first] - slope * x[first]])
    counts = (np.abs(straight[:, :1] * x + straight[:, 1:] - y) <= _OFF_PX).sum(axis=1)
    coefficients = straight[np.argmax(counts)]
    for _ in range(_FITS):
        on = _off(coefficients, x, y) <= _OFF_PX
        coefficients = np.polyfit(x[on], y[on], min(_DEGREE, len(np.unique(x[on])) - 1))
    return coefficients


def _off(coefficients: NDArray[np.float64], x: Places, y: Places) -> Places:
    """Return how far places (M,) are from a curve."""
    return np.abs(np.polyval(coefficients, x) - y)
