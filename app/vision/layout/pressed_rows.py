"""Rows that stand so close that most letters touch those above and below them, as in the squares of squared paper.

There are hardly any letters between two rows by which to find these. But along a level line, rows show as more ink, at
even distances.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from scipy import ndimage
from skimage.graph import route_through_array

from app.vision.ink.components import Components, are_of
from app.vision.layout.touching_rows import divided_pieces

_SLOPES = np.arange(-0.14, 0.145, 0.01)  # of rows, as tangents, that are tried
_POINTS = 4000  # pixels of ink that are looked at to find the slope, about
_LEAST_STROKES = 2.5  # distance of two rows at least, in widths of a stroke
# Autocorrelation, of 1, at a distance that is tried, at least, and the most distances that are. Half of the likeliest
# are tried, too, as two rows may look alike together; but not if no piece is higher: then nothing touches.
_ALIKE = 0.05
_MOST_PEAKS, _MOST_HALVED = 5, 2
_OTHER = 0.15  # by this share distances differ, or trying one of them is enough
_LEAST_INK = 0.2  # of the mean; without it, a row with hardly any ink would count more than all others
# In the distance of two rows:
_NEAREST, _FARTHEST = 0.75, 1.3  # from a cut to the next
_SMOOTHING = 0.08  # standard deviation by which ink is smoothed before cuts are chosen
_TOO_HIGH = 1.4  # height of a piece of two rows, at least
_WAVERS = 0.2  # how far a cut goes up and down, at most
_PART = 0.3  # height of what is above a cut, and below it, at least
_PRESSED = 0.4  # share of the ink that is in pieces of two rows, at least
_PAPER = 0.02  # cost of a pixel of paper, in ink


def cut_pressed_rows(components: Components, ink: NDArray[np.uint8]) -> list[Components]:
    """Cut pieces that hold letters of several rows, for each distance that rows may have.

    Which of these it is, only a look at the letters can tell.

    Parameters
    ----------
    ink : (H, W), how much darker each pixel is than the paper around it

    Returns
    -------
    list of Components : none if few pieces may hold letters of several rows

    References
    ----------
    Likforman-Sulem, Zahour, Taconet (2007), Text line segmentation of historical documents, on projection profiles.
    """
    places = np.flatnonzero(components.label_image != 0)  # far fewer than all pixels, and found fast
    places = places[are_of(components.label_image.ravel()[places], components.labels)]
    if not len(places):
        return []
    y, x = np.divmod(places, components.label_image.shape[1])
    slope = _slope(y, x, components.stroke_px)
    level = np.rint(y - slope * x).astype(np.intp)
    top = int(level.min())
    profile = np.bincount(level - top).astype(np.float64)
    tries = []
    for pitch in _pitches(profile, components.stroke_px, components.heights.max() / _TOO_HIGH):
        high = np.flatnonzero(components.heights >= _TOO_HIGH * pitch)
        if components.areas[high].sum() < _PRESSED * components.areas.sum():
            continue
        cuts = top + _cuts(profile, pitch)
        divided = {number: _rows_above(components, number, ink, cuts, slope, pitch) for number in high.tolist()}
        divided = {number: above for number, above in divided.items() if above.any()}
        if divided:
            tries.append(divided_pieces(components, divided))
    return tries


def _slope(y: NDArray[np.intp], x: NDArray[np.intp], stroke_px: float) -> float:
    """Return the slope along which bands of these pixels (P,) hold ink least evenly, as `skew_deg` does, but finer."""
    every = max(1, len(y) // _POINTS)
    down, across = y[::every].astype(np.float32), x[::every].astype(np.float32)
    uneven = []
    for slope in _SLOPES.tolist():
        level = (down - slope * across) / max(stroke_px, 1.0)
        counts = np.bincount((level - level.min()).astype(np.intp))
        uneven.append(int(counts @ counts))
    return float(_SLOPES[np.argmax(uneven)])


def _pitches(profile: NDArray[np.float64], stroke_px: float, most_px: float) -> list[float]:
    """Return the distances, up to `most_px`, at which the changes of a profile (L,) repeat; most alike ones first."""
    inked = np.log(profile + _LEAST_INK * profile.mean())
    change = ndimage.gaussian_filter1d(inked, stroke_px / 2, order=1)
    spectrum = np.fft.rfft(change, 2 * len(change))
    alike = np.fft.irfft(np.abs(spectrum) ** 2)[: len(change)]  # autocorrelation (Wiener and Khinchin)
    least_px = _LEAST_STROKES * stroke_px
    lags = np.arange(1, len(alike) - 1)
    is_peak = (alike[1:-1] >= alike[:-2]) & (alike[1:-1] > alike[2:]) & (lags >= least_px)
    peaks = lags[is_peak & (alike[1:-1] > _ALIKE * alike[0])]
    pitches = [float(lag) for lag in peaks[np.argsort(-alike[peaks], kind="stable")][:_MOST_PEAKS]]
    halves = [pitch / 2 for pitch in pitches[:_MOST_HALVED] if 2 * least_px <= pitch <= most_px]
    others = [half for half in halves if all(abs(half - pitch) > _OTHER * half for pitch in pitches)]
    return [pitch for pitch in pitches if pitch <= most_px] + others


def _cuts(profile: NDArray[np.float64], pitch: float) -> NDArray[np.intp]:
    """Return the places in a profile (L,), about as far apart as rows, that together hold least ink."""
    least, most = round(_NEAREST * pitch), round(_FARTHEST * pitch)
    inked = np.pad(ndimage.gaussian_filter1d(profile, _SMOOTHING * pitch), most)  # the first and last cut are outside
    least_ink = inked.copy()  # of all cuts up to here, if one is here
    before = np.full(len(inked), -1)
    for place in range(most, len(inked)):
        start = place - most
        before[place] = start + np.argmin(least_ink[start : place - least + 1])
        least_ink[place] += least_ink[before[place]]
    place = len(inked) - most + int(np.argmin(least_ink[-most:]))
    cuts = []
    while place >= 0:
        cuts.append(place - most)
        place = int(before[place])
    return np.array([cut for cut in reversed(cuts) if 0 < cut < len(profile)], np.intp)


def _rows_above(
    components: Components, number: int, ink: NDArray[np.uint8], cuts: NDArray[np.intp], slope: float, pitch: float
) -> NDArray[np.intp]:
    """Return for each pixel (h, w) in the box of a piece how many of the cuts through the piece are above it.

    Parameters
    ----------
    number : index of the piece
    cuts : (C,), levels of the cuts
    """
    top, left, bottom, right = components.boxes[number].tolist()
    own = components.mask(number)
    level = np.arange(top, bottom)[:, None] - slope * np.arange(left - 1, right + 1)  # with paper at both sides
    inside = level[:, 1:-1][own]
    cost = _PAPER + np.pad(ink[top:bottom, left:right] * (own / 255.0), ((0, 0), (1, 1)))
    above = np.zeros(own.shape, np.intp)
    for cut in cuts.tolist():
        away = np.abs(level - cut)
        begin, end = int(np.argmin(away[:, 0])), int(np.argmin(away[:, -1]))
        is_part = min(cut - inside.min(), inside.max() - cut) >= _PART * pitch
        if is_part and max(away[begin, 0], away[end, -1]) <= 1:  # it goes in and out at the sides of the box
            near = np.where(away <= max(_WAVERS * pitch, 1.0), cost, np.inf)
            way, _ = route_through_array(near, (begin, 0), (end, near.shape[1] - 1), fully_connected=False)
            on_way = np.zeros(near.shape, np.bool_)
            on_way[tuple(np.transpose(way))] = True
            # In each column what is below the topmost pixel of the way is below the cut.
            above += own & (np.logical_or.accumulate(on_way, axis=0)[:, 1:-1])
    return above
