"""Places whose ground is rough, as wood, cloth or leaves are: only what rises above their own noise is left there."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from PIL import Image
from scipy import ndimage

# Noise is measured in about this many places along the longer side: each so large that writing covers less than half,
_PLACES = 30
_SAMPLED_PX = 3  # on one of so many pixels down and across.
_SMALLEST_PLACE = 8  # samples down and across
# Grey noise is taken as normal; what is left must rise above it by this many standard deviations.
_NOISE_SIGMAS = 5.0
# A place of which less than this was photographed, beside a sheet or at its edge, counts as no quieter than usual.
_TELLING = 0.9
# Noise differs from sample to sample; within a thick stroke nothing does, and only few samples are on its edges. Noise
# at most so many times the median step to the next sample as its standard deviation: 1.05 if samples are independent,
# and more where grain is broader than what lies between them. Of 149 edits on sheets on wood 9 more are made with 2.
_STEPS = 4.0
# A place is as quiet as the quieter ones around it, lest thick writing be taken for noise,
_QUIETER = 25  # percentile of a square of
_AROUND = 3  # places;
_ROUGHER = 1.5  # and what is no rougher than so many times the page's usual noise is paper like the rest,
_AT_LEAST = 10  # as it is where nothing is rougher than that by as many of 255 greys


def without_texture(ink: NDArray[np.uint8], photographed: NDArray[np.bool_] | None = None) -> NDArray[np.uint8]:
    """Take from each place the noise by which it exceeds the page; return `ink` itself where all of it is alike.

    Parameters
    ----------
    ink : (H, W), how much darker each pixel is than the paper around it
    photographed : (H, W), as of `ink_levels`

    Returns
    -------
    (H, W), 0 also where ink does not rise above the noise of its place
    """
    noise, side_px = _noise(ink, photographed)
    excess = np.maximum(noise - _ROUGHER * np.median(noise), 0)
    if excess.max() < _AT_LEAST:
        return ink
    height, width = ink.shape
    part = (0, 0, width / side_px, height / side_px)
    rough = Image.fromarray(excess).resize((width, height), Image.Resampling.BILINEAR, box=part)
    level = np.ceil(np.asarray(rough)).astype(np.uint8)
    return ink - np.minimum(ink, level)


def _noise(ink: NDArray[np.uint8], photographed: NDArray[np.bool_] | None) -> tuple[NDArray[np.float32], int]:
    """Return the level (rows, columns of places) above which there is ink, and how many pixels wide a place is."""
    sampled = ink[::_SAMPLED_PX, ::_SAMPLED_PX]
    height, width = sampled.shape
    side = max(_SMALLEST_PLACE, round(max(height, width) / _PLACES))
    tall = min(side, height)  # no taller than the page: one as flat as a thread would become a thousand times as large
    wide = min(side, width)
    down, across = -(-height // tall), -(-width // wide)
    whole = np.pad(sampled, ((0, down * tall - height), (0, across * wide - width)), mode="symmetric")
    places = whole.reshape(down, tall, across, wide).swapaxes(1, 2).reshape(down, across, tall * wide)
    ranks = [int(share * tall * wide) for share in (0.16, 0.5)]  # a standard deviation below the mean, and the mean
    below, middle = np.moveaxis(np.partition(places, ranks, axis=2)[:, :, ranks].astype(np.float32), 2, 0)
    sigma = np.maximum(middle - below, 1)
    level = middle + np.float32(_NOISE_SIGMAS) * sigma
    rough = level > _ROUGHER * np.median(level) + _AT_LEAST
    sigma[rough] = np.minimum(sigma[rough], _sigma_by_steps(places[rough].reshape(-1, tall, wide)))
    level[rough] = np.minimum(level, below + np.float32(_NOISE_SIGMAS + 1) * sigma)[rough]
    if photographed is not None:
        telling = _share(photographed, level.shape) >= _TELLING
        if telling.any():
            level[~telling] = np.maximum(level[~telling], np.median(level[telling]))
    quiet = ndimage.percentile_filter(level, _QUIETER, size=_AROUND, mode="nearest")
    return np.minimum(quiet, 255), side * _SAMPLED_PX


def _sigma_by_steps(places: NDArray[np.uint8]) -> NDArray[np.float32]:
    """Return the standard deviation (N,) of noise that explains the steps between neighbours in places (N, H, W)."""
    sigma = np.ones(len(places), np.float32)
    for axis in (1, 2):
        if len(places) and places.shape[axis] > 1:
            steps = np.abs(np.diff(places.astype(np.int16), axis=axis))
            sigma = np.maximum(sigma, _STEPS * np.median(steps, axis=(1, 2)).astype(np.float32))
    return sigma


def _share(photographed: NDArray[np.bool_], places: tuple[int, ...]) -> NDArray[np.float32]:
    """Return how much of each place (rows, columns) was photographed, 0 to 1."""
    sampled = Image.fromarray(photographed[::_SAMPLED_PX, ::_SAMPLED_PX].astype(np.float32))
    down, across = places
    return np.asarray(sampled.resize((across, down), Image.Resampling.BOX))
