"""Rows that spread like a fan, as on a sheet that the camera saw from one side.

Level lines of such a sheet meet in one point, far beside it. So the slope of a row changes evenly from the top of the
page to its bottom. Stretches of letters that stand close together tell it, whatever the slope of their row. Then all
pieces are moved as if rows were level, before they are put into rows::

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

# Counts. Two letters have a slope and two slopes a change, whatever they are; these are the fewest of which one that is
# off can be told.
_FEWEST_LETTERS, _FEWEST_STRETCHES = 3, 4
# How far a slope is off, as standard deviations: that of a hand's rows among each other, and the middle of a letter,
# in heights of the writing. So far a stretch of any length was found to be off on 960 drawn pages that are level.
_HAND, _UNEVEN = 0.01, 0.12
_OUTLIER = 3.0  # standard deviations: a stretch that is farther off leads into another row, or is none
# Rows are parallel unless they spread by more than so many standard deviations, and so far that a piece at a corner
# of the writing is moved by so many heights: from a height of 0.45 on it is in another row.
_SURE, _MOVED = 3.0, 0.3
_STRONGEST = 0.5  # how much higher or lower than in the middle of a row its letters may be at an end


class Fan(NamedTuple):
    """The slopes of a page's rows: ``slope + spread * (level - y)``; the level of a row is its height at `x`.

    Attributes
    ----------
    x, y : middle of the letters, pixels
    slope : of a row there, as a tangent; positive when it falls to the right
    spread : how much more that of a row is for each pixel that it is further down
    """

    x: float = 0.0
    y: float = 0.0
    slope: float = 0.0
    spread: float = 0.0

    def straightened(self, components: Components) -> Components:
        """Return pieces in boxes as if rows were level, for what looks at nothing but boxes."""
        if not self.spread:
            return components
        boxes = components.boxes.astype(np.float64)
        x, y = boxes[:, [1, 3]].mean(axis=1, keepdims=True), boxes[:, [0, 2]].mean(axis=1, keepdims=True)
        across = x - self.x
        # Far beside the letters there may be something that is in no row.
        scale = np.maximum(1 + self.spread * across, 1 - _STRONGEST)
        boxes[:, [0, 2]] = self.y + (boxes[:, [0, 2]] - self.y - self.slope * across) / scale
        boxes[:, [1, 3]] += self.slope * (y - self.y)  # margins become upright as far as the page is turned
        pixels = np.rint(boxes).astype(np.int32)
        pixels[:, 2] = np.maximum(pixels[:, 2], pixels[:, 0] + 1)
        return replace(components, boxes=pixels)


def find_fan(components: Components) -> Fan:
    """Find how the rows of a page spread; where they are nearly parallel, or nothing tells, they do not."""
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
    """Return of each stretch of letters its slope, its height, and how sure the slope is: one by its variance.

    Parameters
    ----------
    x, y : (N,) middles of the letters
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
    """Return the slope at the height 0, and how much it grows a pixel down; (0, 0) if that cannot be told from 0.

    Weighted least squares, three times, without the outliers of the time before.
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
    # A crumpled sheet scatters more.
    scatter = max(1.0, used @ square_off / (np.count_nonzero(used) - 2))
    if spread**2 * told < _SURE**2 * scatter:
        return 0.0, 0.0
    return float(mean - spread * middle), float(spread)
