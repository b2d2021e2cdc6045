"""Writing by a paler pen beside darker writing: pencil on a printed form, or below the heading by a marker."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from app.vision.ink.binarise import Levels
from app.vision.ink.components import Components, text_height
from app.vision.ink.windows import extreme_within

Ink = NDArray[np.uint8]

_EVERY = 8  # of so many rows of pixels one is looked at: most letters are crossed by three or more
_ABOVE_NOISE = 1.5  # times as dark as noise may be, crossings are; what is no darker is not told from noise
# Strokes are crossed in so many of their widths: what is wider is a stain or runs along the row, what is less is noise.
_THIN, _THICK = 0.5, 4.0
# A pen has so many pale crossings, as 8 small letters do, and so many for each dark one. In one of 15 looks at drawn
# pages in one pen there are as many, as sharp as what follows asks: mostly of pale lines.
_LEAST_CROSSINGS, _SHARE = 40, 0.25
# Uprights of tables and squares are crossed again so many rows farther down, to within so many pixels: so are 0.38 to
# 0.56 of the pale crossings where they are, 0.25 at most where a paler pen wrote.
_FAR, _NEAR_PX, _UPRIGHT = 4, 3, 0.3
# Their edges are so sharp beside those of the dark ones, each measured by how dark the stroke is: the medians. On drawn
# pages a paler pen has 0.75 to 1.6, of dry markers 0.76; of what shows through from the back of the sheet, which paper
# blurs, and of the ends of one pen's strokes most is 0.4 to 0.7.
_SHARP = 0.75
# A broad pen beside small print has softer edges; but what shows through is seldom as dark. So a pen may be less sharp
# by as much as it is darker than this leaves, in shares of the darker pen.
_SHARP_OR_DARK = 1.07
# So many pieces without dark ink are letters,
_LEAST_LETTERS = 8
# and hold so much of the ink of all such pieces: where a paler pen wrote mostly 0.75 and more, where paper is grained,
# blotted or erased 0.1 to 0.65.
_MOSTLY = 0.7
# Heights and widths of a letter, in the height of most of them,
_HEIGHTS, _WIDTHS = (0.4, 2.5), (0.15, 4.0)
# which is so many strokes: 4.5 and more on drawn pages; grain, blocks of a JPEG and crumbs of torn rules are lower.
_LEAST_STROKES = 4.0


def with_pens_alike(ink: Ink, levels: Levels, components: Components) -> Ink:
    """Make what a paler pen may have written as dark as the darker writing; `ink` itself if there is one pen only.

    How dark strokes are is seen where rows of pixels cross them, for there a dark stroke has no pale edges of its own.
    Then each pixel is measured by the darkest ink around it: dark strokes and what is near them stay as they are.

    Parameters
    ----------
    ink : (H, W), not changed
    components : all that `levels` find there
    """
    lowest = round(_ABOVE_NOISE * levels.floor)
    pens = _find_pens(ink, lowest, levels, components.stroke_px)
    if pens is None:
        return ink
    darker, paler = pens[0], max(pens[1], pens[0] * lowest / levels.sure)  # noise is not to become sure
    written = np.where(components.label_image > 0, ink, np.uint8(0))  # what is near a rule may be pale
    darkest = extreme_within(written, round(components.stroke_px), np.maximum)
    gains = np.maximum(darker / np.maximum(np.arange(256, dtype=np.float32), paler), np.float32(1))
    return np.where(ink < levels.floor, np.uint8(0), np.minimum(ink * gains[darkest], 255).astype(np.uint8))


def _find_pens(ink: Ink, lowest: int, levels: Levels, stroke_px: float) -> tuple[float, float] | None:
    """Return how dark strokes of the darker pen are, and of the paler one; None if nothing speaks for a second.

    Parameters
    ----------
    lowest : what is paler is not looked at
    """
    line, stride = _in_a_line(ink[::_EVERY])
    inked = line >= lowest
    edges = np.flatnonzero(inked[1:] != inked[:-1]) + 1
    if not len(edges):
        return None
    darkness, widths = np.maximum.reduceat(line, edges)[::2], edges[1::2] - edges[::2]
    dark = darkness >= levels.sure
    pale = ~dark & (widths >= _THIN * stroke_px) & (widths <= _THICK * stroke_px)
    if not dark.any() or np.count_nonzero(pale) < max(_LEAST_CROSSINGS, _SHARE * np.count_nonzero(dark)):
        return None
    middles = (edges[::2] + widths // 2)[pale]
    if np.isin(middles, (middles + _FAR * stride)[:, None] + np.arange(-_NEAR_PX, _NEAR_PX + 1)).mean() > _UPRIGHT:
        return None
    steps = np.maximum(line[1:], line[:-1]) - np.minimum(line[1:], line[:-1])
    sharpness = np.maximum.reduceat(steps, edges - 1)[::2] / darkness
    sharp = np.median(sharpness[pale]) / np.median(sharpness[dark])
    darker, paler = float(np.median(darkness[dark])), float(np.median(darkness[pale]))
    return (darker, paler) if sharp >= _SHARP or sharp + paler / darker >= _SHARP_OR_DARK else None


def is_second_pen(ink: Ink, levels: Levels, components: Components) -> bool:
    """Tell whether what only `with_pens_alike` made dark enough are letters.

    Parameters
    ----------
    ink : (H, W) as it was before
    components : what was found after that
    """
    has_dark = np.zeros(int(components.label_image.max(initial=0)) + 1, bool)
    has_dark[components.label_image[ink >= levels.sure]] = True
    pale = components.select(~has_dark[components.labels])
    letter_px = text_height(pale)
    if letter_px < _LEAST_STROKES * components.stroke_px:
        return False
    heights, widths = pale.heights / letter_px, pale.widths / letter_px
    fits = (heights > _HEIGHTS[0]) & (heights < _HEIGHTS[1]) & (widths > _WIDTHS[0]) & (widths < _WIDTHS[1])
    return bool(np.count_nonzero(fits) >= _LEAST_LETTERS and pale.areas[fits].sum() >= _MOSTLY * pale.areas.sum())


def _in_a_line(rows: Ink) -> tuple[Ink, int]:
    """Put rows of pixels (H, W) one behind the other, with paper before each; return that and how long one is so."""
    height, width = rows.shape
    line = np.zeros(height * (width + 1) + 1, np.uint8)
    line[1:].reshape(height, width + 1)[:, :width] = rows
    return line, width + 1
