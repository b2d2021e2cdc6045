"""What a person's corrections teach: glyphs and rows, each as its network sees it, with what they really say."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from app.vision import Strip


@dataclass(frozen=True)
class TaughtGlyph:
    """One character that somebody named.

    Attributes
    ----------
    image : (GLYPH_SIZE, GLYPH_SIZE) float32, ink 1 on paper 0: the glyph network's input
    source : id of the correction
    held_out : whether it is measured on and never trained on; the same correction is always the one or the other
    """

    image: NDArray[np.float32]
    char: str
    source: str
    held_out: bool


@dataclass(frozen=True)
class TaughtRow:
    """One row of writing that somebody spelt.

    Attributes
    ----------
    strip : the row network's input
    source, held_out : as of `TaughtGlyph`
    """

    strip: Strip
    text: str
    source: str
    held_out: bool
