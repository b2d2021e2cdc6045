"""Writing by a paler pen beside darker writing: pencil on a printed form, or below the heading by a marker."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from app.vision.ink.binarise import Levels
from app.vision.ink.components import Components, text_height
from app.vision.ink.windows import extreme_within

Ink = NDArray[np.uint8]

# A crossing is a run of ink on a row of pixels: there the row crosses a stroke. It is as dark as its darkest pixel, and
# as sharp as the largest step between two of its pixels is, divided by how dark it is.
_EVERY = 8  # rows of pixels from one that is looked at to the next; most letters are crossed by three or more
_ABOVE_NOISE = 1.5  # times `Levels.floor`; crossings that are paler cannot be told from noise
# In stroke widths:
_THIN = 0.5  # a pale crossing that is narrower is noise
_THICK = 4.0  # one that is wider is a stain, or a stroke along the row of pixels
# Pale crossings that a second pen makes, at least: 8 small letters have as many. One of 15 looks at drawn pages in one
# pen finds as many, and as sharp ones as are asked for below: mostly those of pale lines.
_LEAST_CROSSINGS = 40
_SHARE = 0.25  # pale crossings for each dark one, at least
# Upright lines of tables and squares are crossed again, `_FAR` of the rows that are looked at farther down, to within
# `_NEAR_PX` pixels.
_FAR = 4
_NEAR_PX = 3
# Share of the pale crossings. If more are crossed again so, they are such lines: these have 0.38 to 0.56, a paler pen
# has 0.25 at most.
_UPRIGHT = 0.3
# Median sharpness of the pale crossings in that of the dark ones, at least. A paler pen has 0.75 to 1.6 on drawn pages,
# a dry marker 0.76. What shows through from the back of the sheet, which the paper blurs, and the ends of one pen's
# strokes mostly have 0.4 to 0.7.
_SHARP = 0.75
# A broad pen beside small print is less sharp, but it is darker than most of what shows through. So it is enough, too,
# if the median sharpness and the median darkness of the pale crossings, each in that of the dark ones, add up to this.
_SHARP_OR_DARK = 1.07
_LEAST_LETTERS = 8  # pieces without dark ink that have the size of letters, if a second pen wrote
# Share that these letters have of the ink of all pieces without dark ink, at least. A paler pen mostly has 0.75 and
# more, paper that is grained, blotted or erased 0.1 to 0.65.
_MOSTLY = 0.7
# Heights and widths of a letter, in the usual height of pieces without dark ink:
_HEIGHTS = (0.4, 2.5)
_WIDTHS = (0.15, 4.0)
# That usual height in stroke widths, at least. Letters have 4.5 and more on drawn pages; grain, blocks of a JPEG and
# crumbs of torn rules are lower.
_LEAST_STROKES = 4.0


def with_pens_alike(ink: Ink, levels: Levels, components: Components) -> Ink:
    """Make what a paler pen may have written as dark as the darker writing; `ink` itself if there is one pen only.

    How dark the pens are is measured where rows of pixels cross strokes: the darkest pixel of a crossing is no pale
    edge. Then each pixel is multiplied by what the darkest ink around it lacks of the darker pen, but by no more than
    the paler pen lacks. So dark strokes and what is near them stay as they are.

    Parameters
    ----------
    ink : (H, W), not changed
    components : all pieces that were found in `ink` with `levels`
    """
    lowest = round(_ABOVE_NOISE * levels.floor)
    pens = _find_pens(ink, lowest, levels, components.stroke_px)
    if pens is None:
        return ink
    darker, paler = pens[0], max(pens[1], pens[0] * lowest / levels.sure)  # `lowest` must not become darker than `sure`
    written = np.where(components.label_image > 0, ink, np.uint8(0))  # without rules, beside which a pale pen may write
    darkest = extreme_within(written, round(components.stroke_px), np.maximum)
    gains = np.maximum(darker / np.maximum(np.arange(256, dtype=np.float32), paler), np.float32(1))
    return np.where(ink < levels.floor, np.uint8(0), np.minimum(ink * gains[darkest], 255).astype(np.uint8))


def _find_pens(ink: Ink, lowest: int, levels: Levels, stroke_px: float) -> tuple[float, float] | None:
    """Return how dark strokes of the darker pen are, and of the paler one; None if there is no sign of a second pen.

    Parameters
    ----------
    lowest : how dark the ink of a crossing is, at least
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
    """Tell whether the pieces that are dark only because of `with_pens_alike` are letters.

    Parameters
    ----------
    ink : (H, W), as given to `with_pens_alike`
    components : what was found in its result
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
    """Put rows of pixels (H, W) one behind the other, with a pixel of paper before each.

    Returns
    -------
    line, stride : (H * (W + 1) + 1,); pixels from the beginning of one row to that of the next
    """
    height, width = rows.shape
    line = np.zeros(height * (width + 1) + 1, np.uint8)
    line[1:].reshape(height, width + 1)[:, :width] = rows
    return line, width + 1
