"""Binarisation: flatten the illumination of a grey page, then find the levels that tell ink from paper."""

from __future__ import annotations

from dataclasses import dataclass
from math import inf

import numpy as np
from numpy.typing import NDArray
from scipy import ndimage
from skimage.filters import threshold_otsu

from app.vision.ink.grid import cell_px, enlarged, reduced, weights_between

# The paper's brightness is estimated on a grid of about this many cells along the longer side. A shadow spans many of
# them, the thickest pen stroke only a few.
_GRID_CELLS = 200
_STROKE_CELLS = 9  # side of the square of the closing: narrower strokes are closed
_BAND_ROWS = 64  # rows of pixels that are divided at a time: these fit into the processor's cache
_NOISE_SIGMAS = 5.0  # standard deviations of the paper's noise, taken as normal, by which ink must be darker
_SOLID = 1.3  # times `Levels.sure`; ink this dark or darker is full ink
# Darkness, of 255:
_FAINTEST_INK = 12  # what is fainter cannot be told from the texture of paper
_FAINTEST_SMOOTHED = 7  # the same on a smoothed page, which has less texture
_FAR = 3.0  # standard deviations of a smoothing; the noise of pixels this far apart is independent


def flatten_illumination(grey: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """Remove light and shadow: return how much darker each pixel is than the paper around it.

    The page is divided by the paper's brightness, which is a grey closing of the page on a coarse grid, smoothed.

    Parameters
    ----------
    grey : (H, W), dark ink on light paper

    Returns
    -------
    (H, W), 0 for paper, 255 for a pixel that reflects nothing
    """
    coarse = reduced(grey, cell_px(grey.shape, _GRID_CELLS)).astype(np.float32)
    paper = ndimage.grey_closing(coarse, size=(_STROKE_CELLS, _STROKE_CELLS), mode="nearest")
    paper = ndimage.gaussian_filter(paper, 2.0, mode="nearest")
    gain = enlarged(255.0 / np.maximum(paper, 8.0), (len(paper), grey.shape[1]))
    down = weights_between(len(paper), len(grey))
    flat = np.empty_like(grey)
    for top in range(0, len(grey), _BAND_ROWS):
        band = slice(top, top + _BAND_ROWS)
        near = np.flatnonzero(down[band].any(axis=0))
        cells = slice(near[0], near[-1] + 1)
        ink = np.multiply(grey[band], down[band, cells] @ gain[cells])
        np.subtract(255.0, ink, out=ink)
        flat[band] = np.clip(ink, 0, 255, out=ink)
    return flat


@dataclass(frozen=True)
class Levels:
    """Levels of darkness, of 255, by which ink is told from paper with hysteresis.

    Attributes
    ----------
    faint : pixels this dark or darker are ink if they are connected to a pixel that is surely ink
    sure : pixels this dark or darker are surely ink
    floor : noise stays below this; 0 if the page has no ink
    """

    faint: int
    sure: int
    floor: int = 0

    @property
    def clearness(self) -> float:
        """How many times as dark as the darkest noise ink is; infinite if `floor` is 0."""
        return self.sure / self.floor if self.floor else inf

    @property
    def stretch(self) -> NDArray[np.uint8]:
        """(256,) table from darkness to a scale on which full ink is 255, however dark the pen is."""
        full = min(255.0, _SOLID * self.sure)
        return np.asarray(np.minimum(np.arange(256) / full, 1) * 255).astype(np.uint8)


NO_INK = Levels(256, 256)
"""The levels of a page without ink: no pixel is that dark."""


def ink_levels(
    ink: NDArray[np.uint8], smoothed_px: float = 0.0, photographed: NDArray[np.bool_] | None = None
) -> Levels:
    """Find the levels between paper and ink.

    The paper's noise is measured twice: by how far pixels are below the median darkness, where no ink is, and by how
    much pixels differ that are so far apart that their noise is independent. Otsu's threshold is then taken over all
    that is darker than noise. Over the whole page it would miss the ink, which is often a hundredth of it.

    Parameters
    ----------
    ink : (H, W) of `flatten_illumination`
    smoothed_px : standard deviation by which the page was smoothed before
    photographed : (H, W), which pixels the camera saw; None for all. What was made paper has no noise, and is left out
    """
    some = ink[::2, ::2] if photographed is None else ink[::2, ::2][photographed[::2, ::2]]
    histogram = np.bincount(some.ravel(), minlength=256)
    paper = np.cumsum(histogram) / max(histogram.sum(), 1)
    median = int(np.searchsorted(paper, 0.5))
    below = median - int(np.searchsorted(paper, 0.16))
    # `flatten_illumination` cuts off what is brighter than the paper. On a large page this is half of the noise, and
    # nothing is left below the median. The usual step between pixels is about as large as the noise itself if nothing
    # is cut off, and half as large if half is: then twice the step is the noise.
    sigma = max(1.0, below, 2 * _usual_step(ink, max(1, round(_FAR * smoothed_px)), photographed) - below)
    faintest = _FAINTEST_SMOOTHED if smoothed_px else _FAINTEST_INK
    floor = int(min(max(median + _NOISE_SIGMAS * sigma, faintest), 200))
    above = histogram.copy()
    above[:floor] = 0
    greys = np.flatnonzero(above)
    if not len(greys):
        return NO_INK
    # A scan in black and white has one grey of ink, and Otsu's method nothing to tell apart.
    sure = int(threshold_otsu(hist=above.astype(np.float64))) if len(greys) > 1 else int(greys[0])
    return Levels(max(floor, sure // 2), sure, floor)


def _usual_step(ink: NDArray[np.uint8], apart_px: int, photographed: NDArray[np.bool_] | None) -> int:
    """Return the median difference of pixels that are `apart_px` apart on a row, over every eighth row of pixels."""
    left, right = ink[::8, :-apart_px], ink[::8, apart_px:]
    steps = np.maximum(left, right) - np.minimum(left, right)
    if photographed is not None:
        steps = steps[photographed[::8, :-apart_px] & photographed[::8, apart_px:]]
    counts = np.bincount(steps.ravel())
    return int(np.searchsorted(np.cumsum(counts), counts.sum() / 2))
