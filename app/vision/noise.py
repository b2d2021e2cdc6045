"""Ink that the camera's noise or the grain of the paper nearly hides: the page is smoothed as far as that helps."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from scipy import ndimage

from app.vision.ink import Levels, even_light, ink_levels
from app.vision.polarity import dark_on_light
from app.vision.sheet import without_surroundings
from app.vision.texture import without_texture

Grey = NDArray[np.uint8]

# Ink so many times as dark as noise may be stands clear. From 2 on noise does not even eat into the edges of strokes.
_CLEAR = 1.8
# Standard deviations that are tried, in pixels: half an octave from one to the next, up to half the width of a pen.
_SMOOTHING_PX = (1.0, 1.4, 2.0)
# Smoothing must make ink so many times as clear as less of it: it does not where the noise is as coarse as strokes.
_CLEARER = 1.05


def find_ink(grey: Grey) -> tuple[Grey, Levels]:
    """Tell ink from paper, and from all that is neither.

    A page whose ink does not stand clear of its noise is smoothed. Noise that differs from pixel to pixel averages out,
    strokes remain, until the smoothing is wider than they are: the clearest ink is found by a filter that matches them.
    All other pages are left as they are.

    Parameters
    ----------
    grey : (H, W), not changed

    Returns
    -------
    ink, levels : (H, W) how much darker each pixel is than the paper around it; from where on that is ink

    References
    ----------
    Turin (1960), An introduction to matched filters.
    Lindeberg (1998), Feature detection with automatic scale selection: the scale at which the answer is strongest.
    """
    ink = _ink(grey)
    levels = ink_levels(ink)
    for smoothing_px in _SMOOTHING_PX:
        if levels.clearness >= _CLEAR:
            break
        smoothed = _ink(_smoothed(grey, smoothing_px))
        found = ink_levels(smoothed, smoothing_px)
        if found.floor and found.clearness >= _CLEARER * levels.clearness:
            ink, levels = smoothed, found
    return ink, levels


def _ink(grey: Grey) -> Grey:
    return without_texture(even_light(dark_on_light(without_surroundings(grey))))


def _smoothed(grey: Grey, smoothing_px: float) -> Grey:
    return np.rint(ndimage.gaussian_filter(grey.astype(np.float32), smoothing_px, mode="nearest")).astype(np.uint8)
