"""One glyph, cut from a page or drawn from pen strokes, to the classifier's input.

Training and reading both come through here, so that they cannot differ.
"""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray
from PIL import Image

GLYPH_SIZE = 32  # pixels along each side of the classifier's input
MARGIN_PX = 3  # paper around the glyph in it
# Share of the glyph's darkest ink. Fainter ink is the blurred edge: it is drawn, but the box is measured without it.
_EDGE = 0.3


def normalise_glyph(ink: NDArray[np.uint8]) -> NDArray[np.float32]:
    """Scale a glyph to a square of fixed size: aspect kept, centred, with a margin.

    Parameters
    ----------
    ink : (H, W), 255 for full ink and 0 for paper; all other writing is cleared to 0 already

    Returns
    -------
    ndarray of shape (GLYPH_SIZE, GLYPH_SIZE), ink 1 at its darkest, paper 0; all 0 if there is no ink
    """
    glyph = np.zeros((GLYPH_SIZE, GLYPH_SIZE), np.float32)
    peak = int(ink.max(initial=0))
    if peak == 0:
        return glyph
    solid = ink >= _EDGE * peak
    rows, columns = np.flatnonzero(solid.any(axis=1)), np.flatnonzero(solid.any(axis=0))
    top, bottom, left, right = int(rows[0]), int(rows[-1]) + 1, int(columns[0]), int(columns[-1]) + 1
    scale = (GLYPH_SIZE - 2 * MARGIN_PX) / max(bottom - top, right - left)
    height, width = (max(1, round(side * scale)) for side in (bottom - top, right - left))
    # Pillow's bilinear filter is the wider the more it reduces, so that it averages all pixels of a large glyph. It
    # looks beyond the box by `reach` pixels. There must be paper, however tightly the glyph was cut.
    reach = math.ceil(1 / scale)
    lacking = max(0, reach - min(top, left, ink.shape[0] - bottom, ink.shape[1] - right))
    if lacking:
        tight, ink = ink, np.zeros((ink.shape[0] + 2 * lacking, ink.shape[1] + 2 * lacking), np.uint8)
        ink[lacking:-lacking, lacking:-lacking] = tight  # several times as fast as np.pad
    box = (left + lacking, top + lacking, right + lacking, bottom + lacking)
    scaled = Image.fromarray(ink).resize((width, height), Image.Resampling.BILINEAR, box=box)
    top, left = (GLYPH_SIZE - height) // 2, (GLYPH_SIZE - width) // 2
    glyph[top : top + height, left : left + width] = np.asarray(scaled)
    return glyph / max(float(glyph.max()), 1.0)  # thin ink that is reduced very far may have rounded to 0 everywhere
