"""The whole way from a grey page to rows of glyph hypotheses."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property, partial
from math import atan, degrees
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from app.vision.box import Box
from app.vision.components import Components, find_components, keep_writing, text_height
from app.vision.glyphs import Hypothesis, Piece, cut_glyphs, hypothesise, join_strokes
from app.vision.ink import Levels, even_light, ink_levels
from app.vision.polarity import dark_on_light
from app.vision.rows import find_rows
from app.vision.scale import overview_zoom, reading_zoom, scaled
from app.vision.sheet import without_surroundings
from app.vision.strip import Strip, cut_strip
from app.vision.texture import without_texture


@dataclass(frozen=True)
class RowOfInk:
    """One row, from left to right, in pixels of the segmented image.

    Attributes
    ----------
    pieces : ink that is not divided further
    hypotheses : which pieces may be one glyph; each piece alone is among them
    height : of the row's letters
    strip : the row as a whole, the input of a row network
    cut : cuts the glyphs, for which `glyphs` calls it
    """

    pieces: list[Piece]
    hypotheses: list[Hypothesis]
    height: float
    strip: Strip
    cut: Callable[[], NDArray[np.float32]]

    @cached_property
    def glyphs(self) -> NDArray[np.float32]:
        """(len(hypotheses), 1, GLYPH_SIZE, GLYPH_SIZE), the classifier's input; cut only if somebody asks for it."""
        return self.cut()


@dataclass(frozen=True)
class Segmentation:
    """What was found on a page, step by step; all in pixels of `grey`.

    Attributes
    ----------
    grey : (H, W) uint8, the page as large as its writing needs: reduced, enlarged or as it came
    ink : (H, W) uint8, how much darker each pixel is than the paper around it
    components : the connected pieces of ink that may be writing
    rows : from top to bottom
    slope : of the rows, as a tangent; positive when they fall to the right
    """

    grey: NDArray[np.uint8]
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
    grey : (H, W)
    """
    page = _look(grey, overview_zoom(grey.shape))
    zoom = reading_zoom(grey.shape, page.zoom, text_height(page.components))
    if zoom != page.zoom:
        page = _look(grey, zoom)
    typical = text_height(page.components)
    found, slope = find_rows(page.components)
    rows = []
    for row in found:
        pieces = join_strokes(row, page.components)
        # A row of mostly dots and dashes does not say how high its writer's letters are; the page does.
        height = max(float(np.median([piece.box.height for piece in pieces])), 0.5 * typical)
        hypotheses = hypothesise(pieces, height)
        cut = partial(cut_glyphs, pieces, hypotheses, page.ink, page.components, page.levels)
        strip = cut_strip(row, page.components, page.ink, page.levels, slope, typical)
        rows.append(RowOfInk(pieces, hypotheses, height, strip, cut))
    return Segmentation(page.grey, page.ink, page.components, rows, slope)


def find_strips(grey: NDArray[np.uint8]) -> list[tuple[Strip, Box]]:
    """Find the rows of a page, from top to bottom, as `segment` does, but cut no glyphs: (strip, box on the page).

    Parameters
    ----------
    grey : (H, W), its writing of a height that needs no scaling
    """
    page = _look(grey, 1.0)
    typical = text_height(page.components)
    found, slope = find_rows(page.components)
    return [
        (
            cut_strip(row, page.components, page.ink, page.levels, slope, typical),
            Box.around(Box(*(int(side) for side in box)) for box in page.components.boxes[row]),
        )
        for row in found
    ]


class _Look(NamedTuple):
    """The ink of a page at one size, and what of it may be writing."""

    zoom: float
    grey: NDArray[np.uint8]
    ink: NDArray[np.uint8]
    levels: Levels
    components: Components


def _look(grey: NDArray[np.uint8], zoom: float) -> _Look:
    grey = scaled(grey, zoom)
    ink = without_texture(even_light(dark_on_light(without_surroundings(grey))))
    levels = ink_levels(ink)
    return _Look(zoom, grey, ink, levels, keep_writing(find_components(ink, levels)))
