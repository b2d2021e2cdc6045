"""Where a glyph stands between the lines of its row: it tells s from S, and a comma from an apostrophe.

Capitals reach from the cap line of a row down to its baseline; each class has its own top and bottom between and beyond
these two. The lines are fitted to what the glyphs are thought to be, and each glyph is the likelier of a class, the
nearer its top and bottom are to where that class has them. Of a row of one character that says little, as any lines fit
it; but its height beside that of other rows does.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from app.ocr.priors.page_rows import PageRows

SPREAD = 0.13
"""Standard deviation of a letter's top or bottom about its line, in em."""
SEEN_SPREAD = 0.2
"""The same beside a network that has seen how high a letter is in its row, or its place would count twice."""

# Degrees of freedom of Student's t distribution, set by eye: its heavy tails let a badly placed letter stay what it
# looks like.
_FREEDOM = 3.0
_PEN = 0.1  # em; a row of nothing but dashes is as high as the pen is wide
# A row is fitted as if so many more glyphs had confirmed that it is level and of the height it seems to have: few
# glyphs alone would say neither. Set by eye.
_LEVEL_WEIGHT, _HEIGHT_WEIGHT = 1.0, 0.5
# Standard deviation of the logarithm of how high a row of one character is for the em of its sheet. Of 450 such rows on
# sheets by UNIPEN's validation writers 68 in 100 were within 0.05 of their sheet's middle, 95 within 0.22. The steps of
# the em that are tried are half as wide.
_ROW_SPREAD = 0.1


def log_place_likelihood(
    p: NDArray[np.float64],
    places: NDArray[np.float64],
    rows: PageRows,
    extents: NDArray[np.float64],
    spread: float = SPREAD,
) -> NDArray[np.float64]:
    """Log-likelihood (M, K) of the top and the bottom of each glyph of a page, were it of each class.

    ``-(f + 1) / 2 * log(1 + d**2 / f)`` for both, d being the distance from where the class has it, in spreads. The
    top of an s is a third of an em too low for an S, which thereby becomes a tenth as likely.

    Parameters
    ----------
    p : (M, K), what the glyphs are thought to be so far
    places : (M, 3), the middle of each from the left, its top and its bottom, in pixels
    rows : where the rows are among the glyphs
    extents : (K, 2), top and bottom of each class in em, cap line 0 and baseline 1
    spread : of tops and bottoms about their lines, in em
    """
    x = places[:, 0] - (rows.sums(places[:, 0]) / rows.lengths)[rows.row]
    y = places[:, 1:]
    cap, slope, em = _fit_lines(p, x, y, rows, extents)[rows.row].T
    em = np.maximum(em, 1.0)
    expected = (cap + slope * x)[:, None, None] + em[:, None, None] * extents  # (M, K, 2)
    distance = (y[:, None, :] - expected) / (spread * em)[:, None, None]
    return _log_density(distance[:, :, 0]) + _log_density(distance[:, :, 1])


def log_height_likelihood(heights: NDArray[np.float64], extents: NDArray[np.float64]) -> NDArray[np.float64]:
    """Log-likelihood (E, R, K) of how high R rows of one character are, were each of any class, for each of E em.

    All rows have the same em. Those tried go from one that is too small for every row to one that is too large.

    Parameters
    ----------
    heights : (R,), in pixels
    extents : as of `log_place_likelihood`
    """
    log_heights = np.log(np.maximum(heights, 1.0))
    of_classes = np.log(np.maximum(np.ptp(extents, axis=1), _PEN))
    least, most = log_heights.min() - of_classes.max(), log_heights.max() - of_classes.min()
    ems = np.arange(least - 2 * _ROW_SPREAD, most + 2 * _ROW_SPREAD, _ROW_SPREAD / 2)
    return _log_density((log_heights[:, None] - ems[:, None, None] - of_classes) / _ROW_SPREAD)


def _log_density(distance: NDArray[np.float64]) -> NDArray[np.float64]:
    """Of Student's t distribution, up to a constant."""
    return np.asarray(-(_FREEDOM + 1) / 2 * np.log1p(distance**2 / _FREEDOM), np.float64)


def _fit_lines(
    p: NDArray[np.float64], x: NDArray[np.float64], y: NDArray[np.float64], rows: PageRows, extents: NDArray[np.float64]
) -> NDArray[np.float64]:
    """Return (R, 3) of each row: its cap line at x = 0, the slope of its lines, and its em, in pixels.

    Weighted least squares for ``y = cap + slope * x + em * extent`` over tops and bottoms y (M, 2), each glyph counting
    as every class in proportion to its probability.
    """
    expected = p @ extents  # (M, 2)
    em = rows.sums(np.ptp(y, axis=1)) / np.maximum(rows.sums(np.ptp(expected, axis=1)), _PEN * rows.lengths)
    wide = np.maximum(np.maximum.reduceat(np.abs(x), rows.starts), em)
    # Normal equations, summed over glyphs, classes, and top and bottom.
    of_x, of_xx = 2 * rows.sums(x), 2 * rows.sums(x**2) + _LEVEL_WEIGHT * wide**2
    of_extent, of_x_extent = rows.sums(expected.sum(axis=1)), rows.sums(x * expected.sum(axis=1))
    of_extent_square = rows.sums((p @ extents**2).sum(axis=1)) + _HEIGHT_WEIGHT
    a = [[2 * rows.lengths, of_x, of_extent], [of_x, of_xx, of_x_extent], [of_extent, of_x_extent, of_extent_square]]
    of_y, of_xy, of_y_extent = (rows.sums(each.sum(axis=1)) for each in (y, x[:, None] * y, expected * y))
    b = [of_y, of_xy, of_y_extent + _HEIGHT_WEIGHT * em]
    return np.asarray(np.linalg.solve(np.moveaxis(np.array(a), 2, 0), np.array(b).T[:, :, None])[:, :, 0], np.float64)
