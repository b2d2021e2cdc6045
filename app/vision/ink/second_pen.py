"""Writing by a paler pen beside darker writing: a remark in pencil on a page in ink, orange beside black."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from app.vision.ink.binarise import Levels
from app.vision.ink.components import Components, are_of, text_height

# Of pieces without sure ink so many must be of a letter's size, heights and widths in heights of the page's letters.
# Fewer are what is left of a form's boxes.
_LEAST = 8
_HEIGHTS, _WIDTHS = (0.4, 2.5), (0.15, 4.0)
# Their edges are at least so sharp beside those of the darker writing, each measured by how dark the stroke is. On
# drawn pages a pen half as dark has 1.1 to 1.3, a dry marker 0.74; what shows through from the back of the sheet, which
# paper blurs, 0.53 at most.
_SHARP = 0.65
_CLEAR = 2.5  # times as dark as noise may be: of a pen that is no clearer, half as dark ends of strokes are noise


def levels_with_second_pen(ink: NDArray[np.uint8], levels: Levels, components: Components) -> Levels:
    """Return levels by which the palest writing of a page counts as well; `levels` itself if there is one pen only.

    They are as low as on a page by the paler pen alone.

    Parameters
    ----------
    ink : (H, W)
    components : all that `levels` find there
    """
    pale = _letters_without_sure_ink(components)
    if len(pale) < _LEAST:
        return levels
    is_pale, is_dark = are_of(components.label_image, pale), are_of(components.label_image, components.labels)
    if not is_dark.any():
        return levels
    pen, darker_pen = (float(np.percentile(ink[mask], 90)) for mask in (is_pale, is_dark))
    step = _steps(ink)
    sharp, sharp_dark = (float(np.percentile(step[mask], 80)) for mask in (is_pale, is_dark))
    if sharp / pen < _SHARP * sharp_dark / darker_pen:
        return levels
    sure = round(levels.sure * pen / darker_pen)
    if sure < _CLEAR * levels.floor:
        return levels
    return replace(levels, sure=sure, faint=max(levels.floor, sure // 2))


def _letters_without_sure_ink(components: Components) -> NDArray[np.intp]:
    letter_px = text_height(components)
    top, left, bottom, right = components.unsure_boxes.T
    heights, widths = (bottom - top) / max(letter_px, 1.0), (right - left) / max(letter_px, 1.0)
    fits = (heights > _HEIGHTS[0]) & (heights < _HEIGHTS[1]) & (widths > _WIDTHS[0]) & (widths < _WIDTHS[1])
    return components.unsure[fits]


def _steps(ink: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """Return (H, W), the larger of the differences from the next pixel to the right and from that below."""
    steps = np.zeros_like(ink)
    right, below = (np.maximum(a, b) - np.minimum(a, b) for a, b in ((ink[:, 1:], ink[:, :-1]), (ink[1:], ink[:-1])))
    steps[:, :-1] = right
    np.maximum(steps[:-1], below, out=steps[:-1])
    return steps
