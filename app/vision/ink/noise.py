"""Find the ink of a page, also if the camera's noise or the grain of the paper nearly hides it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import partial
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy import ndimage
from skimage.restoration import denoise_nl_means

from app.vision.ink.barcodes import without_barcodes
from app.vision.ink.binarise import NO_INK, Levels, flatten_illumination, ink_levels
from app.vision.ink.polarity import dark_on_light
from app.vision.ink.sheet import without_surroundings
from app.vision.ink.texture import without_texture

Grey = NDArray[np.uint8]

# Values of `Levels.clearness`: how many times as dark as the darkest noise ink is.
_CLEAR = 1.8  # from this on ink is not hidden; from 2 on noise does not even roughen the edges of strokes
# Below this, after all that can be done, what was found is noise: of 30 drawn pages below it none could be read.
_NOTHING = 1.15
# By how many times smoothing makes ink clearer, or it is not used. It does not if noise is as coarse as strokes.
_CLEARER = 1.05
# Standard deviations of the smoothing that is tried: half an octave from one to the next, up to half the width of a
# pen.
_SMOOTHING_PX = (1.0, 1.4, 2.0)
# Non-local means average a pixel with others near it whose patches look like its own. Patches and neighbourhoods of 3
# pixels, and 0.5 or 0.8 standard deviations, were each worse on two of three sets of noisy pages.
_NEAR_PX = 4  # how far away the others are at most, down and across
_PATCH_PX = 5  # side of a patch
# By how many standard deviations of the noise patches that count as alike differ. With fewer, noise is left; with more,
# strokes are blurred.
_ALIKE = 0.6
_TIDY_PX = 0.5  # smoothing of the result: at the edges of strokes few patches are alike, and noise is left
# The response to this mask has a standard deviation of 6 times that of the noise. It is 0 where light changes evenly.
_NOISE_MASK = np.array([[1, -2, 1], [-2, 4, -2], [1, -2, 1]], np.float32)
_MEDIAN_OF_NORMAL = 0.6745  # median of the absolute value of a normal variable, in standard deviations


@dataclass(frozen=True)
class FoundInk:
    """Ink and paper, told apart.

    Attributes
    ----------
    grey : (H, W), the page in which the ink was found; it was smoothed if noise hid the ink
    ink : (H, W), how much darker each pixel is than the paper around it
    levels : how dark ink must be to count as a stroke
    """

    grey: Grey
    ink: Grey
    levels: Levels

    @property
    def is_clear(self) -> bool:
        """Whether no ink is hidden by noise."""
        return self.levels.clearness >= _CLEAR


def find_ink(grey: Grey, *, known_dark: bool = False, photographed: NDArray[np.bool_] | None = None) -> FoundInk:
    """Tell ink from paper, and from all that is neither.

    These pages are tried one after the other, until noise does not hide the ink. The clearest ink is kept.

    1. The page as it came; on most pages ink is clear.
    2. The page smoothed by a pixel: noise that differs from pixel to pixel averages out, and strokes remain.
    3. The page after `non_local_means`; wider smoothing alone would take strokes away with the noise.
    4. The latter smoothed by a pixel and more: ink is clearest if the filter is as wide as a stroke, and so matches it.

    Parameters
    ----------
    grey : (H, W), not changed
    known_dark : whether all writing is known to be darker than its ground; if not, `dark_on_light` finds out
    photographed : (H, W), as of `ink_levels`

    References
    ----------
    Turin (1960), An introduction to matched filters.
    Lindeberg (1998), Feature detection with automatic scale selection: the scale at which the answer is strongest.
    """
    grey = without_barcodes(grey)
    find = partial(_find, known_dark=known_dark, photographed=photographed)
    found = find(grey)
    if found.is_clear:
        return found
    smoothed = _clearer(found, find, _smoothed(grey, _SMOOTHING_PX[0]), _SMOOTHING_PX[0])
    if smoothed.is_clear:
        return smoothed
    quiet = non_local_means(grey, photographed)
    if quiet is not grey:
        found = _clearer(found, find, quiet, _TIDY_PX)
    for smoothing_px in _SMOOTHING_PX:
        if found.is_clear:
            break
        found = _clearer(found, find, _smoothed(quiet, smoothing_px), smoothing_px)
    return found if found.levels.clearness >= _NOTHING else replace(found, levels=NO_INK)


def non_local_means(grey: Grey, photographed: NDArray[np.bool_] | None = None) -> Grey:
    """Average each pixel with others near it that look alike: strokes with strokes, and paper with paper.

    Parameters
    ----------
    grey : (H, W); it is returned itself if it is smaller than a patch or has no noise
    photographed : (H, W), as of `ink_levels`

    References
    ----------
    Buades, Coll, Morel (2005), A non-local algorithm for image denoising. Immerkaer (1996), Fast noise variance
    estimation, for the mask; here the median of its responses is taken, which strokes change less than the mean.
    """
    exact = grey.astype(np.float32)
    answers = np.abs(ndimage.convolve(exact, _NOISE_MASK, mode="nearest"))
    if photographed is not None:
        answers = answers[photographed]
    sigma = float(np.median(answers) / np.linalg.norm(_NOISE_MASK)) / _MEDIAN_OF_NORMAL
    if min(grey.shape) < _PATCH_PX or not sigma:
        return grey
    averaged = denoise_nl_means(exact, _PATCH_PX, _NEAR_PX, h=_ALIKE * sigma, sigma=sigma, preserve_range=True)
    return _smoothed(averaged, _TIDY_PX)


def _find(
    grey: Grey, smoothed_px: float = 0.0, *, known_dark: bool, photographed: NDArray[np.bool_] | None
) -> FoundInk:
    """Find the ink of a page that was smoothed already, by `smoothed_px` as a standard deviation."""
    sheet = without_surroundings(grey)
    page = written = sheet if known_dark else dark_on_light(sheet)
    if written is not sheet and np.array_equal(written, 255 - sheet):  # a board, too, may end within its image
        page = without_surroundings(written, is_board=True)
    if sheet is not grey or page is not written:
        kept = (sheet == grey) & (page == written)
        photographed = kept if photographed is None else kept & photographed
    ink = without_texture(flatten_illumination(page), photographed)
    return FoundInk(grey, ink, ink_levels(ink, smoothed_px, photographed))


def _clearer(found: FoundInk, find: Callable[[Grey, float], FoundInk], grey: Grey, smoothed_px: float) -> FoundInk:
    """Return what is found on a smoothed page if the ink is clearly clearer there, or else what was found before."""
    again = find(grey, smoothed_px)
    levels = again.levels
    return again if levels.floor and levels.clearness >= _CLEARER * found.levels.clearness else found


def _smoothed(grey: NDArray[Any], smoothing_px: float) -> Grey:
    return np.rint(ndimage.gaussian_filter(grey.astype(np.float32), smoothing_px, mode="nearest")).astype(np.uint8)
