"""Binarisation: flatten the illumination of a grey page, then find the levels that tell ink from paper."""

from __future__ import annotations

from dataclasses import dataclass
from math import inf

import numpy as np
from numpy.typing import NDArray
from scipy import ndimage
from skimage.filters import threshold_otsu

from app.vision.ink.grid import cell_px, enlarged, reduced, weights_between

# The paper is looked for on a grid of about this many cells along the longer side: a shadow spans many of them,
# the thickest pen stroke only a few.
_GRID_CELLS = 200
_STROKE_CELLS = 9
_BAND_ROWS = 64  # that are divided at a time, while they are in the processor's cache
# Grey noise is taken as normal; ink must rise above it by this many standard deviations.
_NOISE_SIGMAS = 5.0
_SOLID = 1.3  # ink this many times as dark as what is surely ink is as dark as it gets
_FAINTEST_INK = 12  # of 255; below it, paper texture cannot be told from pencil
_FAINTEST_SMOOTHED = 7  # the same on a smoothed page, which has less of it
_FAR = 3.0  # standard deviations of a smoothing; pixels so far apart have noise of their own


def flatten_illumination(grey: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """Remove light and shadow: return how much darker each pixel is than the paper around it.

    The page is divided by the paper's brightness: a grey closing of the page on a coarse grid, smoothed.

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
    """Grey levels of ink, for hysteresis: `faint` or darker may belong to a stroke, `sure` or darker starts one.

    Noise stays below `floor`; 0 if there is nothing else.
    """

    faint: int
    sure: int
    floor: int = 0

    @property
    def clearness(self) -> float:
        """How many times as dark as noise may be ink is; infinite where there is none that noise could hide."""
        return self.sure / self.floor if self.floor else inf

    @property
    def stretch(self) -> NDArray[np.uint8]:
        """(256,) table that makes solid ink 255: how dark a pen writes says nothing of what it writes."""
        full = min(255.0, _SOLID * self.sure)
        return np.asarray(np.minimum(np.arange(256) / full, 1) * 255).astype(np.uint8)


NO_INK = Levels(256, 256)
"""Nothing is as dark as that."""


def ink_levels(
    ink: NDArray[np.uint8], smoothed_px: float = 0.0, photographed: NDArray[np.bool_] | None = None
) -> Levels:
    """Find the levels between paper and ink.

    The paper's noise is measured below its median, where no ink is, and between pixels that have noise of their own.
    Otsu's threshold is then taken over what rises above the noise, because ink is often a hundredth of a page and would
    hardly move a threshold over all of it.

    Parameters
    ----------
    ink : (H, W) of `flatten_illumination`
    smoothed_px : standard deviation by which the page was smoothed before
    photographed : (H, W), what the camera saw; all of it if None. What was made paper has no noise, and tells of none
    """
    some = ink[::2, ::2] if photographed is None else ink[::2, ::2][photographed[::2, ::2]]
    histogram = np.bincount(some.ravel(), minlength=256)
    paper = np.cumsum(histogram) / max(histogram.sum(), 1)
    median = int(np.searchsorted(paper, 0.5))
    below = median - int(np.searchsorted(paper, 0.16))
    # What is brighter than paper was cut off, on a large page half the noise, so that nothing is left below the median.
    # Steps between pixels then shrink by half; whole, they are about as large as the noise itself.
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
    """Median difference of a pixel from that so far to its right, on every eighth row."""
    left, right = ink[::8, :-apart_px], ink[::8, apart_px:]
    steps = np.maximum(left, right) - np.minimum(left, right)
    if photographed is not None:
        steps = steps[photographed[::8, :-apart_px] & photographed[::8, apart_px:]]
    counts = np.bincount(steps.ravel())
    return int(np.searchsorted(np.cumsum(counts), counts.sum() / 2))
