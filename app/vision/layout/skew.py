"""How far the rows of a page are turned, measured on all of its ink."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from app.vision.ink.components import Components, are_of, text_height

_FARTHEST_DEG = 20.0  # largest angle that is tried
_STEP_DEG = 1.0  # between two angles that are tried; rows may still slope by more than what this misses
_ANGLES = np.arange(-_FARTHEST_DEG, _FARTHEST_DEG + _STEP_DEG / 2, _STEP_DEG)
_BAND = 0.2  # height of the bands in which ink is counted, in heights of the writing
_POINTS = 4000  # pixels of ink that are looked at, about
# Log-odds against an angle, for each square degree. Without them, single words were taken for turned because their
# letters slant.
_DOUBT = 5e-4
# At most this many pieces, together less wide than `_ROW` times their height, are a single letter, which may lean, or
# letters above one another.
_OF_A_LETTER = 3
_ROW = 1.5
# Unevenness of bands along the lines of squares, in the median over all angles, at least, in both directions. On drawn
# lattices that are one piece with the writing it is 1.37 and more.
_CLEAR = 1.3


def skew_deg(components: Components) -> float:
    """Find by how much the rows of a page are turned counter-clockwise, to about a degree.

    The page is divided into narrow bands at each angle. At the right one some bands hold rows and others the white
    between them, so that the ink is spread least evenly. No letters are needed for that: joined writing and single
    words have an angle, too.

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
    """Find by how much the lines of squared paper are turned counter-clockwise, in the same way as `skew_deg`.

    Parameters
    ----------
    lines : (H, W), which pixels are ink, with the lines
    band_px : width of the lines, about

    Returns
    -------
    float : degrees from -20 to 20; 0 if no angle is much clearer than others in both directions
    """
    y, x = _coordinates(np.flatnonzero(lines), lines.shape[1])
    turned = [(y * cos + x * sin, x * cos - y * sin) for cos, sin in _directions(_ANGLES)]
    unevenness = np.array([[_unevenness(way, band_px) for way in both] for both in turned])  # (angles, 2)
    clear = unevenness / np.median(unevenness, axis=0)
    best = np.argmax(clear.sum(axis=1))
    return float(_ANGLES[best]) if clear[best].min() >= _CLEAR else 0.0


def are_level(lines: NDArray[np.bool_], turned_deg: float, band_px: float) -> bool:
    """Whether lines are rather level and upright than turned by the angle that rows seem to have.

    Parameters
    ----------
    lines : (H, W), which pixels are of the lines
    turned_deg : that angle, as of `skew_deg`
    band_px : width of the lines, about
    """
    places = np.flatnonzero(lines)
    y, x = _coordinates(places, lines.shape[1])
    straight, turned = (
        _unevenness(y * cos + x * sin, band_px) + _unevenness(x * cos - y * sin, band_px)
        for cos, sin in _directions(np.array([0.0, turned_deg]))
    )
    return straight > turned


def _ink(components: Components) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
    """Return the rows and the columns (P,) of about `_POINTS` pixels of writing, evenly chosen."""
    places = np.flatnonzero(components.label_image != 0)  # far fewer than all pixels, and found fast
    places = places[are_of(components.label_image.ravel()[places], components.labels)]
    return _coordinates(places, components.label_image.shape[1])


def _coordinates(places: NDArray[np.intp], width: int) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
    """Return the rows and the columns (P,) of about `_POINTS` of these places in an image of this width."""
    y, x = np.divmod(places[:: max(1, len(places) // _POINTS)], width)
    return y.astype(np.float32), x.astype(np.float32)


def _directions(angles: NDArray[np.float64]) -> list[tuple[float, float]]:
    return list(zip(np.cos(np.radians(angles)).tolist(), np.sin(np.radians(angles)).tolist(), strict=True))


def _unevenness(height: NDArray[np.float32], band_px: float) -> float:
    """Return the sum of the squares of how many of these pixels each band holds, for their heights (P,)."""
    counts = np.bincount(((height - height.min()) / band_px).astype(np.intp))
    return float(counts @ counts)
