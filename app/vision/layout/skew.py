"""How far the rows of a page are turned, seen from its ink as a whole."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from app.vision.ink.components import Components, are_of, text_height

_FARTHEST_DEG = 20.0  # from level
_STEP_DEG = 1.0  # between angles that are tried; what is left is less than the slope that rows may have
_ANGLES = np.arange(-_FARTHEST_DEG, _FARTHEST_DEG + _STEP_DEG / 2, _STEP_DEG)
_BAND = 0.2  # height of the bands that ink is counted in, in heights of the writing
_POINTS = 4000  # of ink that are looked at
# Log-odds by which pages are less likely turned, a square degree. Without any, single words were seen to be taken for
# turned by the slant of their letters.
_DOUBT = 5e-4
# So few pieces that are no longer than so many times their height are one letter, which may lean, or one above another.
_OF_A_LETTER, _ROW = 3, 1.5
# How much less even bands along the lines of squares are, in both directions, than at most angles. On drawn lattices
# that are one piece with the writing it is 1.37 and more.
_CLEAR = 1.3


def skew_deg(components: Components) -> float:
    """Find by how much the rows of a page are turned counter-clockwise, to about a degree.

    Of all angles that at which bands along it hold the ink least evenly: rows and the white between them. It needs no
    letters, so that joined writing and single words have an angle as well.

    Returns
    -------
    float : degrees from -20 to 20; 0 where there is no ink, a letter by itself, or a few pieces one above the other

    References
    ----------
    Postl (1986), Detection of linear oblique structures and skew scan in digitized documents.
    """
    if not len(components):
        return 0.0
    y, x = _ink(components)
    if len(components) <= _OF_A_LETTER and np.ptp(x) < _ROW * np.ptp(y):
        return 0.0
    band_px = max(_BAND * text_height(components), 1.0)
    unevenness = [_unevenness(y * cos + x * sin, band_px) for cos, sin in _directions(_ANGLES)]
    return float(_ANGLES[np.argmax(np.log(unevenness) - _DOUBT * _ANGLES**2)])


def squares_deg(lines: NDArray[np.bool_], band_px: float) -> float:
    """Find by how much lines along rows and columns (H, W) are turned counter-clockwise, as `skew_deg`.

    Parameters
    ----------
    band_px : about as wide as the lines

    Returns
    -------
    float : degrees from -20 to 20; 0 where no angle is much clearer than others, in both directions
    """
    y, x = _coordinates(np.flatnonzero(lines), lines.shape[1])
    turned = [(y * cos + x * sin, x * cos - y * sin) for cos, sin in _directions(_ANGLES)]
    unevenness = np.array([[_unevenness(way, band_px) for way in both] for both in turned])  # (angles, 2)
    clear = unevenness / np.median(unevenness, axis=0)
    best = np.argmax(clear.sum(axis=1))
    return float(_ANGLES[best]) if clear[best].min() >= _CLEAR else 0.0


def are_level(lines: NDArray[np.bool_], turned_deg: float, band_px: float) -> bool:
    """Whether lines along rows and columns (H, W) are sharper as they stand than at an angle that rows seem to have.

    Parameters
    ----------
    turned_deg : as `skew_deg` returns it
    band_px : about as wide as the lines
    """
    places = np.flatnonzero(lines)
    y, x = _coordinates(places, lines.shape[1])
    straight, turned = (
        _unevenness(y * cos + x * sin, band_px) + _unevenness(x * cos - y * sin, band_px)
        for cos, sin in _directions(np.array([0.0, turned_deg]))
    )
    return straight > turned


def _ink(components: Components) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
    """Rows and columns of pixels of writing, evenly chosen."""
    places = np.flatnonzero(components.label_image != 0)  # few of the page; bools are searched fast
    places = places[are_of(components.label_image.ravel()[places], components.labels)]
    return _coordinates(places, components.label_image.shape[1])


def _coordinates(places: NDArray[np.intp], width: int) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
    """Rows and columns of some of the places of an image, evenly chosen."""
    y, x = np.divmod(places[:: max(1, len(places) // _POINTS)], width)
    return y.astype(np.float32), x.astype(np.float32)


def _directions(angles: NDArray[np.float64]) -> list[tuple[float, float]]:
    return list(zip(np.cos(np.radians(angles)).tolist(), np.sin(np.radians(angles)).tolist(), strict=True))


def _unevenness(height: NDArray[np.float32], band_px: float) -> float:
    """Sum of the squares of how much ink each band holds."""
    counts = np.bincount(((height - height.min()) / band_px).astype(np.intp))
    return float(counts @ counts)
