"""Damage the ink of a glyph as on real pages: by touching letters, dirt, the camera, binarisation.

All functions take and return uint8 images (H, W), 255 for full ink and 0 for paper, and do not change their input.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageDraw

from app.datasets.glyphs.augment import Augmentation
from app.datasets.pages.camera import blurred

Ink = NDArray[np.uint8]
"""(H, W) of one glyph, 255 for full ink."""

_FAINTEST = 0.05  # of full ink; fainter pixels get no noise, as on a page the mask of components clears paper
# Lengths relative to the width of the glyph's box, or to 0.4 of its height if it is narrower than that.
_NARROWEST = 0.4
_NEIGHBOUR = (0.04, 0.2)  # how much of the other glyph is seen; with more of it, a slash might look like an h
_OVERLAP = 0.25  # how far it may reach into the box, as a V over an A
# Lengths relative to the larger side of the box.
_SPECK = (0.015, 0.04)
_SCRATCH_WIDTH, _SCRATCH_LENGTH = (0.03, 0.07), 0.3
_CUT = 0.05  # at most this share of the side is lost


def spoil(ink: Ink, capital_px: float, augmentation: Augmentation, rng: np.random.Generator) -> Ink:
    """Scratch and soil the ink, blur it, light it unevenly, add noise, clip the greys, cut an edge off."""
    chance = rng.uniform(size=9)
    if chance[0] < augmentation.gap:
        ink = scratch(ink, rng)
    if chance[1] < augmentation.residue:
        ink = add_residue(ink, rng)
    ink = blurred(ink, float(augmentation.blur * capital_px * chance[3]))
    noise = augmentation.noise * chance[4]
    low, high = augmentation.erosion * chance[5:7]
    tilt, angle = augmentation.light * chance[7], 2 * np.pi * chance[8]
    if noise + low + high + tilt > 0:
        ink = _expose(ink, noise, (low, high), (tilt * np.cos(angle), tilt * np.sin(angle)), rng)
    if chance[2] < augmentation.cut:
        ink = cut_edge(ink, rng)
    return ink


def _expose(
    ink: Ink, noise: float, clip: tuple[float, float], tilt: tuple[float, float], rng: np.random.Generator
) -> Ink:
    """Add noise and a gradient of light (x, y) to all but paper; stretch the greys between the clipping levels."""
    peak = int(ink.max())
    places = np.flatnonzero(ink > _FAINTEST * peak)
    grey = ink.ravel()[places].astype(np.float32)
    grey /= max(peak, 1)
    height, width = ink.shape
    if tilt != (0.0, 0.0):
        y, x = np.divmod(places, width)
        grey += (x * (tilt[0] / width) + y * (tilt[1] / height)).astype(np.float32)
        grey -= (tilt[0] + tilt[1]) / 2
    if noise:
        grey += noise * rng.standard_normal(len(grey), np.float32)
    low, high = clip
    grey -= low
    grey *= 255 / (1 - low - high)
    exposed = np.zeros(ink.size, np.uint8)
    exposed[places] = np.clip(grey, 0, 255)
    return exposed.reshape(ink.shape)


def touch(ink: Ink, other: Ink, rng: np.random.Generator) -> Ink:
    """Let the edge of another glyph touch this one from the left or the right; the rest of it is cut off."""
    rows, columns = _box(other)
    other = other[rows, columns]
    rows, columns = _box(ink)
    glyph = ink[rows, columns]
    side, share, lift = rng.uniform(size=3)
    if from_left := side < 0.5:
        glyph, other = glyph[:, ::-1], other[:, ::-1]
    height, width = glyph.shape
    size = max(width, _NARROWEST * height)
    piece = other[:, : max(1, round(size * (_NEIGHBOUR[0] + share * (_NEIGHBOUR[1] - _NEIGHBOUR[0]))))]
    # A taller piece is cut to the height of the glyph, a lower one is put anywhere beside it.
    shift = round(lift * (height - len(piece)))
    piece = piece[max(0, -shift) : max(0, -shift) + height]
    beside = np.zeros((height, piece.shape[1]), np.uint8)
    beside[max(0, shift) : max(0, shift) + len(piece)] = piece
    x = max(_touching(glyph, beside), width - round(_OVERLAP * size), 0)
    joined = np.zeros((height, max(width, x + beside.shape[1])), np.uint8)
    joined[:, :width] = glyph
    joined[:, x : x + beside.shape[1]] = np.maximum(joined[:, x : x + beside.shape[1]], beside)
    return np.pad(joined[:, ::-1] if from_left else joined, 2)


def _touching(left: Ink, right: Ink) -> int:
    """Return the column of `left` at which `right`, of the same height, must begin for both to touch by a pixel."""
    left_solid, right_solid = _solid(left), _solid(right)
    both = left_solid.any(axis=1) & right_solid.any(axis=1)
    if not both.any():
        return left.shape[1]
    edge = left.shape[1] - left_solid[both, ::-1].argmax(axis=1)
    return int((edge - right_solid[both].argmax(axis=1)).max()) - 1


def scratch(ink: Ink, rng: np.random.Generator) -> Ink:
    """Remove the ink along a short straight line through it."""
    places = np.flatnonzero(_solid(ink))
    if not len(places):
        return ink
    where, thick, angle = rng.uniform(size=3)
    rows, columns = _box(ink)
    size = max(rows.stop - rows.start, columns.stop - columns.start)
    y, x = np.divmod(int(places[int(where * len(places))]), ink.shape[1])
    dx, dy = (0.5 * _SCRATCH_LENGTH * size * part for part in (np.cos(np.pi * angle), np.sin(np.pi * angle)))
    image = Image.fromarray(ink)
    width = _SCRATCH_WIDTH[0] + thick * (_SCRATCH_WIDTH[1] - _SCRATCH_WIDTH[0])
    ImageDraw.Draw(image).line((x - dx, y - dy, x + dx, y + dy), fill=0, width=max(1, round(width * size)))
    scratched = np.asarray(image)
    # A dot may be smaller than the scratch; something must be left to read.
    return scratched if 2 * int(scratched.max()) > int(ink.max()) else ink


def add_residue(ink: Ink, rng: np.random.Generator) -> Ink:
    """Add specks, a piece of a ruled line, or the edge of a shadow, beside and across the ink."""
    rows, columns = _box(ink)
    size = max(rows.stop - rows.start, columns.stop - columns.start)
    image = Image.new("L", ink.shape[::-1])
    pen = ImageDraw.Draw(image)
    kind, grey, where, *rest = rng.uniform(size=12).tolist()
    peak = int(ink.max())  # ink of a thin pen is grey: darker marks would be read instead of it
    if kind < 1 / 2:
        for u, v, w in zip(rest[0:3], rest[3:6], rest[6:9], strict=True):
            x = columns.start + u * (columns.stop - columns.start)
            y = rows.start + v * (rows.stop - rows.start)
            r = size * (_SPECK[0] + w * (_SPECK[1] - _SPECK[0])) / 2
            pen.ellipse((x - r, y - r, x + r, y + r), fill=round(peak * (0.4 + 0.6 * grey)))
    elif kind < 3 / 4:
        y, slope = rows.start + where * (rows.stop - rows.start), 0.05 * size * (rest[0] - 0.5)
        thick = max(1, round(0.03 * size * rest[1]))
        pen.line((0, y - slope, ink.shape[1], y + slope), fill=round(peak * (0.15 + 0.25 * grey)), width=thick)
    else:
        x = columns.start + (0.1 if where < 0.5 else 0.9) * (columns.stop - columns.start)
        edge = 0 if where < 0.5 else ink.shape[1]
        lean = 0.1 * size * (rest[0] - 0.5)
        corners = (edge, 0, x + lean, 0, x - lean, ink.shape[0], edge, ink.shape[0])
        pen.polygon(corners, fill=round(peak * (0.1 + 0.2 * grey)))
    return np.maximum(ink, np.asarray(image))


def cut_edge(ink: Ink, rng: np.random.Generator) -> Ink:
    """Remove a thin strip at one of the four edges."""
    rows, columns = _box(ink)
    edge, share = int(rng.integers(4)), float(rng.uniform(0.0, _CUT))
    kept = np.zeros_like(ink)
    height, width = round(share * (rows.stop - rows.start)), round(share * (columns.stop - columns.start))
    top, bottom = rows.start + (edge == 0) * height, rows.stop - (edge == 1) * height
    left, right = columns.start + (edge == 2) * width, columns.stop - (edge == 3) * width
    kept[top:bottom, left:right] = ink[top:bottom, left:right]
    return kept


def _box(ink: Ink) -> tuple[slice, slice]:
    """Return the rows and columns of the ink; all if there is no ink."""
    solid = _solid(ink)
    rows, columns = np.flatnonzero(solid.any(axis=1)), np.flatnonzero(solid.any(axis=0))
    if not len(rows):
        return slice(0, ink.shape[0]), slice(0, ink.shape[1])
    return slice(int(rows[0]), int(rows[-1]) + 1), slice(int(columns[0]), int(columns[-1]) + 1)


def _solid(ink: Ink) -> NDArray[np.bool_]:
    """Return where ink is more than half as dark as at its darkest: ink of a thin pen is grey everywhere."""
    return np.asarray(ink > int(ink.max(initial=0)) // 2)
