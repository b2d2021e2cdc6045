"""Random warps of the plane, for the points of strokes and the pixels of images."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from app.datasets.glyphs.augment import Augmentation

_SLOW = 2  # number of slow waves, of 2 to 7 radians over the size of the glyph
_ELASTIC = 6  # number of waves of the elastic field
_SMOOTHNESS = 0.2  # sigma of the elastic field relative to the size of the glyph


class Warps:
    """One random warp for each of `count` glyphs: slow waves and an elastic field, then turn, slant and stretch.

    The elastic field is that of Simard, Steinkraus, Platt (2003), Best practices for convolutional neural networks
    applied to visual document analysis: white noise smoothed by a Gaussian. It is drawn here as a sum of waves whose
    frequencies follow the spectrum of that noise (Rahimi, Recht 2007, Random features for large-scale kernel machines),
    so that it can be computed at any point, without an image of the field.
    """

    def __init__(self, count: int, augmentation: Augmentation, rng: np.random.Generator) -> None:
        turn, slant, stretch = rng.standard_normal((3, count))
        angle = np.radians(augmentation.rotation_deg * turn)
        cos, sin, slant = np.cos(angle), np.sin(angle), augmentation.slant * slant
        aspect = np.exp(augmentation.stretch * stretch / 2)
        # Stretch and slant, then turn: of row vectors x, y.
        self._matrix = np.stack(
            [aspect * cos, aspect * sin, -slant * cos - sin / aspect, -slant * sin + cos / aspect], axis=1
        )
        slow = rng.uniform(2.0, 7.0, (count, 2, _SLOW))
        # Noise smoothed by a Gaussian has a normal spectrum.
        quick = rng.standard_normal((count, 2, _ELASTIC)) / (np.sqrt(2) * _SMOOTHNESS)
        self._frequency = np.concatenate([slow, quick], axis=2)
        self._phase = rng.uniform(0, 2 * np.pi, (count, _SLOW + _ELASTIC))
        scale = np.repeat([augmentation.jitter, augmentation.elastic * np.sqrt(2 / _ELASTIC)], [_SLOW, _ELASTIC])
        self._push = scale * rng.standard_normal((count, 2, _SLOW + _ELASTIC))

    def __call__(self, points: NDArray[np.floating], owner: NDArray[np.integer]) -> NDArray[np.float64]:
        """Return where points (n, 2) go, each bent for the glyph `owner` (n,).

        Points are x, y relative to the size of the glyph, with its corner at 0; (0.5, 0.5) hardly moves.
        """
        x, y = points.T
        frequency, push = self._frequency[owner], self._push[owner]
        wave = np.sin(x[:, None] * frequency[:, 0] + y[:, None] * frequency[:, 1] + self._phase[owner])
        x, y = (along + (wave * push[:, axis]).sum(axis=1) - 0.5 for axis, along in ((0, x), (1, y)))
        matrix = self._matrix[owner].T
        return np.stack([x * matrix[0] + y * matrix[2] + 0.5, x * matrix[1] + y * matrix[3] + 0.5], axis=1)
