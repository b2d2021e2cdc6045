"""Rows that spread like a fan, as on a sheet that the camera saw from one side.

On a photograph of such a sheet, all lines that are level on the sheet meet in one point far beside it. So the slope of
the rows changes evenly from the top of the page to its bottom. It is measured on stretches: letters that stand close
together, whatever the slope of their row. Then all pieces are moved as if rows were level, before rows are looked for::

    ----__                     ________
          --__
    ----------      becomes    ________
          __--
    ----__                     ________
"""

from __future__ import annotations

from dataclasses import replace
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from app.vision.ink.components import LETTER, Components, text_height
from app.vision.layout.rows import find_chains

# Two letters always have a slope, and two slopes a change. These are the fewest among which one that is off shows:
_FEWEST_LETTERS = 3  # of a stretch
_FEWEST_STRETCHES = 4  # of a page
# Standard deviations, by which the slopes of stretches of all lengths were explained on 960 drawn pages that are level:
_HAND = 0.01  # of the slopes of rows that one hand wrote
_UNEVEN = 0.12  # of how far the middle of a letter is off its row, in heights of the writing
# In standard deviations of a slope:
_OUTLIER = 3.0  # a stretch that is farther off leads into another row, or is none
_SURE = 3.0  # rows that spread by less are taken for parallel
# Heights of the writing by which a piece in a corner is moved. If it is less, rows are taken for parallel, too. A piece
# that is off by 0.45 is put into another row.
_MOVED = 0.3
# Share by which letters are higher at one end of a row than in its middle, and lower at the other. If it is more, what
# was found is no fan.
_STRONGEST = 0.5


class Fan(NamedTuple):
    """The slopes of a page's rows: ``slope + spread * (level - y)``, where the level of a row is its y at `x`.

    Attributes
    ----------
    x, y : the middle of all letters, pixels
    slope : slope of a row through that middle, as a tangent; positive when it falls to the right
    spread : by how much the slope grows for each pixel that a row is farther down; 0 if rows are parallel
    """

    x: float = 0.0
    y: float = 0.0
    slope: float = 0.0
    spread: float = 0.0

    def straightened(self, components: Components) -> Components:
        """Return pieces with their boxes moved as if rows were level; their pixels stay where they are."""
        if not self.spread:
            return components
        boxes = components.boxes.astype(np.float64)
        x, y = boxes[:, [1, 3]].mean(axis=1, keepdims=True), boxes[:, [0, 2]].mean(axis=1, keepdims=True)
        across = x - self.x
        # Pieces far beside the letters are in no row; there the scale would be too small, or negative.
        scale = np.maximum(1 + self.spread * across, 1 - _STRONGEST)
        boxes[:, [0, 2]] = self.y + (boxes[:, [0, 2]] - self.y - self.slope * across) / scale
        boxes[:, [1, 3]] += self.slope * (y - self.y)  # margins become upright, as on a page that is turned back
        pixels = np.rint(boxes).astype(np.int32)
        pixels[:, 2] = np.maximum(pixels[:, 2], pixels[:, 0] + 1)
        return replace(components, boxes=pixels)


def find_fan(components: Components) -> Fan:
    """Find how the rows of a page spread; if they are nearly parallel, or too few letters tell, `spread` is 0."""
    letter_px = text_height(components)
    boxes = components.boxes[components.heights >= LETTER * letter_px].astype(np.float64)
    chains = [chain for chain in find_chains(boxes, letter_px) if len(chain) >= _FEWEST_LETTERS]
    if len(chains) < _FEWEST_STRETCHES:
        return Fan()
    x, y = boxes[:, [1, 3]].mean(axis=1), boxes[:, [0, 2]].mean(axis=1)
    middle_x, middle_y = float(x.min() + x.max()) / 2, float(y.min() + y.max()) / 2
    slope, spread = _fitted(*_stretches(x, y - middle_y, chains, letter_px))
    across, down = float(np.ptp(x)) / 2, float(np.ptp(y)) / 2
    if abs(spread) * across * down < _MOVED * letter_px or abs(spread) * across > _STRONGEST:
        return Fan()
    return Fan(middle_x, middle_y, slope, spread)


def _stretches(
    x: NDArray[np.float64], y: NDArray[np.float64], chains: list[list[int]], letter_px: float
) -> tuple[NDArray[np.float64], NDArray[np.float64], NDArray[np.float64]]:
    """Return of S stretches of letters, (S,) each: the slopes, the levels, and 1 over the variance of each slope.

    Parameters
    ----------
    x, y : (N,), middles of the letters
    chains : for each stretch the indices of its letters
    """
    owner = np.repeat(np.arange(len(chains)), [len(chain) for chain in chains])
    own = np.concatenate([np.array(chain) for chain in chains])
    x, y, count = x[own], y[own], np.bincount(owner)
    across = x - (np.bincount(owner, x) / count)[owner]
    square = np.maximum(np.bincount(owner, across**2), 1.0)
    slopes, heights = np.bincount(owner, across * y) / square, np.bincount(owner, y) / count
    return slopes, heights, 1 / (_HAND**2 + (_UNEVEN * letter_px) ** 2 / square)


def _fitted(
    slopes: NDArray[np.float64], heights: NDArray[np.float64], weights: NDArray[np.float64]
) -> tuple[float, float]:
    """Fit a line to slopes (S,) at heights (S,): return the slope at height 0, and by how much it grows a pixel down.

    Weighted least squares are solved three times, each time without the outliers of the time before. The result is (0,
    0) if the growth cannot be told from 0.
    """
    kept = weights
    for _ in range(3):
        if np.count_nonzero(kept) < _FEWEST_STRETCHES:
            return 0.0, 0.0
        total = kept.sum()
        middle, mean = kept @ heights / total, kept @ slopes / total
        down = heights - middle
        told = kept @ down**2
        spread = kept @ (down * slopes) / max(told, 1.0)
        square_off = (slopes - mean - spread * down) ** 2
        used, kept = kept, weights * (weights * square_off <= _OUTLIER**2)
    # On a crumpled sheet slopes scatter more than was expected.
    scatter = max(1.0, used @ square_off / (np.count_nonzero(used) - 2))
    if spread**2 * told < _SURE**2 * scatter:
        return 0.0, 0.0
    return float(mean - spread * middle), float(spread)
