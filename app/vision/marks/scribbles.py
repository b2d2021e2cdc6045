"""Words that somebody scribbled over: wide pieces of ink far more crowded than joined writing, or solid."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from scipy import ndimage

from app.vision.box import Box
from app.vision.ink.components import Components

# Chosen on drawn pages of validation writers, with 180 pieces of joined writing so wide on 480 of them, and on drawn
# scribbles of many pitches and pens. In heights of the writing: a scribble covers three letters or more, and all of
# their height.
_WIDE, _HIGH = 1.8, 0.7
_DENSE = 0.33  # share of its box that is ink
# The strokes along a level line as long as a piece is high, and its holes in a square of the writing's height, weigh so
# much together. Of the joined writing on 960 drawn pages one word has just less, all others 3.2 or less; of 170
# drawn coils and zigzags 148 have more, or are solid.
_HOLE, _CROWDED = 0.3, 3.5
_OPEN = 0.25  # of a pen's width squared; smaller holes are in strokes that are broken
# In a solid one strokes are so many times as wide as the page's, and more of its box is ink than of thick pens' words.
_THICK, _SOLID = 1.35, 0.55


def find_scribbles(row: NDArray[np.intp], components: Components, typical: float) -> list[Box]:
    """Return the boxes of a row's pieces (indices) that are scribbles; `typical` is the height of the letters."""
    heights, widths = components.heights[row], components.widths[row]
    wide = (widths >= _WIDE * typical) & (heights >= _HIGH * typical)
    wide &= components.areas[row] >= _DENSE * heights * widths
    return [
        Box(*components.boxes[number].tolist())
        for number in row[wide]
        if _is_scribble(components.mask(number), components.stroke_px, typical)
    ]


def _is_scribble(own: NDArray[np.bool_], stroke_px: float, typical: float) -> bool:
    """Whether one piece of ink (H, W) is solid or crowded."""
    height, width = own.shape
    across = np.count_nonzero(own[:, 1:] > own[:, :-1]) + np.count_nonzero(own[:, 0])
    down = np.count_nonzero(own[1:] > own[:-1]) + np.count_nonzero(own[0])
    area = np.count_nonzero(own)
    if area >= _SOLID * own.size and area >= np.pi / 4 * (across + down) * _THICK * stroke_px:
        return True
    labels, count = ndimage.label(np.pad(~own, 1, constant_values=True))
    sizes = np.bincount(labels.ravel(), minlength=count + 1)[2:]  # the first label is of the paper around
    holes = np.count_nonzero(sizes >= _OPEN * stroke_px**2)
    return bool(across / width + _HOLE * holes * typical**2 / (height * width) >= _CROWDED)
