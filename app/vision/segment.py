"""The whole way from a grey page to rows of glyph hypotheses."""

from __future__ import annotations

from dataclasses import dataclass
from math import atan, degrees

import numpy as np
from numpy.typing import NDArray

from app.vision.components import Components, find_components, keep_writing, text_height
from app.vision.glyphs import Hypothesis, Piece, cut_glyphs, hypothesise, join_strokes
from app.vision.ink import even_light, ink_levels
from app.vision.rows import find_rows


@dataclass(frozen=True)
class RowOfInk:
    """One row, from left to right, in pixels of the segmented image.

    Attributes
    ----------
    pieces : ink that is not divided further
    hypotheses : which pieces may be one glyph; each piece alone is among them
    glyphs : (len(hypotheses), 1, GLYPH_SIZE, GLYPH_SIZE) float32, the classifier's input for each hypothesis
    height : of the row's letters
    """

    pieces: list[Piece]
    hypotheses: list[Hypothesis]
    glyphs: NDArray[np.float32]
    height: float


@dataclass(frozen=True)
class Segmentation:
    """What was found on a page, step by step.

    Attributes
    ----------
    ink : (H, W) uint8, how much darker each pixel is than the paper around it
    components : the connected pieces of ink that may be writing
    rows : from top to bottom
    slope : of the rows, as a tangent; positive when they fall to the right
    """

    ink: NDArray[np.uint8]
    components: Components
    rows: list[RowOfInk]
    slope: float

    @property
    def angle_deg(self) -> float:
        """Degrees by which rows are turned against the clock."""
        return degrees(atan(-self.slope)) + 0.0  # no negative zero


def segment(grey: NDArray[np.uint8]) -> Segmentation:
    """Find the rows of a page and what in them may be a glyph.

    Parameters
    ----------
    grey : (H, W), dark ink on light paper
    """
    ink = even_light(grey)
    levels = ink_levels(ink)
    components = keep_writing(find_components(ink, levels))
    typical = text_height(components)
    found, slope = find_rows(components)
    rows = []
    for row in found:
        pieces = join_strokes(row, components)
        # A row of mostly dots and dashes does not say how high its writer's letters are; the page does.
        height = max(float(np.median([piece.box.height for piece in pieces])), 0.5 * typical)
        hypotheses = hypothesise(pieces, height)
        rows.append(RowOfInk(pieces, hypotheses, cut_glyphs(pieces, hypotheses, ink, components, levels), height))
    return Segmentation(ink, components, rows, slope)
