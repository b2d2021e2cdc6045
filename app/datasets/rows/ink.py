"""Draw rows of pen strokes in ink, damaged as by hands, paper and cameras."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageDraw

from app.datasets.glyphs.augment import amounts_of
from app.datasets.glyphs.draw import draw_strokes
from app.datasets.pages.camera import blurred
from app.vision import Strip, normalise_strip

# In em; a row of low marks only, such as dots, is scaled as if it were this high.
LEAST_HEIGHT = 0.5
_LONGEST_PX = 4000  # of a drawn row
_CAPITAL_PX = 38.0  # in a normalised row, roughly: parts below the baseline make the ink higher


@dataclass(frozen=True, slots=True)  # msgspec, which reads recipes, needs slots to set defaults
class RowVariation:
    """How far rows vary; lengths in em, the height of a capital. With the defaults, rows are nearly always legible.

    Attributes
    ----------
    capital_px : height at which a capital is drawn, uniform in its logarithm
    pen : width of the pen, uniform in its logarithm
    pressure : largest change of the pen's width from stroke to stroke, as the logarithm of its ratio to `pen`
    slant, stretch, rotation : standard deviations of the shear, of the logarithm of the aspect ratio, and of the slope
        of the row
    drift : standard deviation of the slow rise and fall of the baseline
    wobble : standard deviation of a smooth displacement of the strokes
    blur : largest Gaussian radius
    noise : largest standard deviation of grey noise; ink is 1
    erosion : greys below a level up to this become paper, and above 1 minus such a level full ink, as a threshold does
    scar : probability that ink is lost along a line across the row, as where a ruled line was removed
    gaps : largest number of scratches through the ink, for each 10 em of row
    residue : probability of marks that are not the row's writing: specks, a piece of a line, ends of other rows
    """

    capital_px: tuple[float, float] = (9.0, 46.0)
    pen: tuple[float, float] = (0.03, 0.2)
    pressure: float = 0.2
    slant: float = 0.16
    stretch: float = 0.14
    rotation: float = 0.018
    drift: float = 0.025
    wobble: float = 0.015
    blur: float = 0.09
    noise: float = 0.12
    erosion: float = 0.35
    scar: float = 0.06
    gaps: float = 3.0
    residue: float = 0.12


# For validation: a medium pen at a medium size, without any variation.
PLAIN_ROWS = RowVariation(capital_px=(40.0, 40.0), pen=(0.08, 0.08), **dict.fromkeys(amounts_of(RowVariation), 0.0))


def draw_row(strokes: Sequence[NDArray[np.floating]], variation: RowVariation, rng: np.random.Generator) -> Strip:
    """Draw a row of strokes, each (points, 2) in em, damage it, and normalise it."""
    strokes = bend_row(strokes, variation, rng)
    points = np.concatenate(strokes)
    low, high = points.min(axis=0), points.max(axis=0)
    capital_px = log_uniform(variation.capital_px, rng)
    capital_px = min(capital_px, _LONGEST_PX / max(float(high[0] - low[0]), 1e-3))
    pen_px = capital_px * log_uniform(variation.pen, rng)
    border = pen_px / 2 + 3 + 0.1 * capital_px
    placed = [((stroke - low) * capital_px + border).astype(np.float32) for stroke in strokes]
    width, height = (int(side) for side in np.ceil((high - low) * capital_px + 2 * border))
    ink = draw_strokes(placed, (height, width), _pens(placed, pen_px, variation.pressure, rng))
    return normalise_strip(spoil_row(ink, capital_px, variation, rng), LEAST_HEIGHT * capital_px)


def vary_strip(strip: Strip, variation: RowVariation, rng: np.random.Generator) -> Strip:
    """Slant, stretch and damage a row of which there is only an image, at one of the sizes at which rows are drawn."""
    slant, stretch, rise = rng.standard_normal(3) * (variation.slant, variation.stretch, variation.rotation)
    scale = min(log_uniform(variation.capital_px, rng) / _CAPITAL_PX, 1.0)
    height, width = strip.pixels.shape
    across = scale * float(np.exp(stretch))
    # The affine map from pixels of the new image back to the strip; the middle of the row stays where it is.
    lean = abs(slant) * height + 2
    size = round((width + 2 * lean) * across), round((height + 2 * abs(rise) * width + 4) * scale)
    back = (1 / across, slant / scale, -lean - slant * size[1] / (2 * scale))
    down = (rise / across, 1 / scale, height / 2 - size[1] / (2 * scale) - rise * size[0] / (2 * across))
    image = Image.fromarray(strip.pixels)
    bent = image.transform(size, Image.Transform.AFFINE, (*back, *down), Image.Resampling.BICUBIC)
    spoiled = spoil_row(np.asarray(bent), _CAPITAL_PX * scale, variation, rng)
    return normalise_strip(spoiled, LEAST_HEIGHT * _CAPITAL_PX * scale)


def bend_row(
    strokes: Sequence[NDArray[np.floating]], variation: RowVariation, rng: np.random.Generator
) -> list[NDArray[np.float64]]:
    """Slant, stretch, turn and bend the strokes of a row; lengths in em."""
    parts = np.cumsum([len(stroke) for stroke in strokes])[:-1]
    points = np.concatenate(strokes).astype(np.float64)
    slant, stretch, rise = rng.standard_normal(3) * (variation.slant, variation.stretch, variation.rotation)
    x = (points[:, 0] + slant * (1 - points[:, 1])) * np.exp(stretch)
    y = points[:, 1] + rise * x
    length, phase = rng.uniform(4.0, 12.0), rng.uniform(0, 2 * np.pi)
    y = y + variation.drift * rng.standard_normal() * np.sin(2 * np.pi * x / length + phase)
    if variation.wobble:
        frequency, phases = rng.uniform(2.0, 8.0, (2, 4, 2)), rng.uniform(0, 2 * np.pi, (2, 4))
        push = variation.wobble * rng.standard_normal((2, 4)) / 2
        waves = np.sin(x[:, None, None] * frequency[..., 0] + y[:, None, None] * frequency[..., 1] + phases)
        moved = (waves * push).sum(axis=2)
        x, y = x + moved[:, 0], y + moved[:, 1]
    return np.split(np.stack([x, y], axis=1), parts)


def _pens(
    strokes: Sequence[NDArray[np.float32]], pen_px: float, pressure: float, rng: np.random.Generator
) -> float | list[NDArray[np.float64]]:
    if not pressure:
        return pen_px
    widths = pen_px * np.exp(pressure * rng.uniform(-1, 1, len(strokes)) * rng.uniform())
    return [np.full(len(stroke), width) for stroke, width in zip(strokes, widths, strict=True)]


def spoil_row(
    ink: NDArray[np.uint8], capital_px: float, variation: RowVariation, rng: np.random.Generator
) -> NDArray[np.uint8]:
    """Scratch and soil the ink (H, W), blur it, add noise, and clip the greys."""
    chance = rng.uniform(size=7)
    scratches = round(variation.gaps * chance[0] ** 3 * ink.shape[1] / (10 * capital_px))
    if scratches:
        ink = _scratch(ink, scratches, capital_px, rng)
    if chance[6] < variation.scar:
        ink = _scar(ink, capital_px, rng)
    if chance[1] < variation.residue:
        ink = _soil(ink, capital_px, rng)
    ink = blurred(ink, float(variation.blur * capital_px * chance[2]))
    noise, low, high = variation.noise * chance[3], *(variation.erosion * chance[4:6])
    if noise + low + high == 0:
        return ink
    peak = max(int(ink.max()), 1)
    faint = max(low * peak, 0.08 * peak)  # pixels that binarisation of a page would take for paper
    grey = ink.astype(np.float32)
    if noise:
        grey += (noise * peak) * rng.standard_normal(ink.shape, np.float32)
    grey *= ink > faint / 2
    grey -= faint / 2
    grey *= 255 / ((1 - high) * peak - faint / 2)
    return np.clip(grey, 0, 255).astype(np.uint8)


def _scratch(ink: NDArray[np.uint8], count: int, capital_px: float, rng: np.random.Generator) -> NDArray[np.uint8]:
    """Remove the ink along short straight lines through it."""
    places = np.flatnonzero(ink > 128)
    if not len(places):
        return ink
    image = Image.fromarray(ink)
    pen = ImageDraw.Draw(image)
    y, x = np.divmod(rng.choice(places, count), ink.shape[1])
    angle = rng.uniform(0, np.pi, count)
    reach = 0.25 * capital_px * rng.uniform(0.3, 1.0, count)
    width = np.maximum(1, np.rint(capital_px * rng.uniform(0.01, 0.06, count)))
    dx, dy = reach * np.cos(angle), reach * np.sin(angle)
    lines = np.stack([x - dx, y - dy, x + dx, y + dy], axis=1)
    for line, thick in zip(lines.tolist(), width.tolist(), strict=True):
        pen.line(line, fill=0, width=int(thick))
    return np.asarray(image)


def _scar(ink: NDArray[np.uint8], capital_px: float, rng: np.random.Generator) -> NDArray[np.uint8]:
    """Remove pieces of the ink along a nearly horizontal line."""
    height, width = ink.shape
    image = Image.fromarray(ink)
    pen = ImageDraw.Draw(image)
    y, slope, thick = height * rng.uniform(0.05, 0.95), rng.normal(0, 0.01), capital_px * rng.uniform(0.02, 0.08)
    ends = np.cumsum(capital_px * rng.uniform(0.1, 0.8, int(2 * width / (0.1 * capital_px)) + 2))
    for left, right in ends[: len(ends) // 2 * 2].reshape(-1, 2).tolist():
        pen.line((left, y + slope * left, right, y + slope * right), fill=0, width=max(1, round(thick)))
        if right > width:
            break
    return np.asarray(image)


def _soil(ink: NDArray[np.uint8], capital_px: float, rng: np.random.Generator) -> NDArray[np.uint8]:
    """Add specks, a piece of a ruled line, or ends of strokes from the rows above and below."""
    height, width = ink.shape
    image = Image.fromarray(ink)
    pen = ImageDraw.Draw(image)
    kind, grey = rng.integers(3), int(rng.integers(90, 256))
    if kind == 0:
        for x, y, r in rng.uniform(size=(int(rng.integers(1, 5)), 3)).tolist():
            radius = capital_px * (0.01 + 0.03 * r)
            x, y = x * width, y * height
            pen.ellipse((x - radius, y - radius, x + radius, y + radius), fill=grey)
    elif kind == 1:
        start, stop, y, slope, thick = rng.uniform(size=5).tolist()
        y = height * (0.15 + 0.8 * y)
        thick = max(1, round(0.05 * capital_px * thick))
        pen.line((start * width, y, (start + stop) * width, y + 0.02 * slope * width), fill=grey, width=thick)
    else:
        for x, reach, lean in rng.uniform(size=(int(rng.integers(1, 4)), 3)).tolist():
            at_top = lean < 0.5
            edge, end = (0, 0.18 * reach * height) if at_top else (height, (1 - 0.18 * reach) * height)
            x, lean = x * width, 0.2 * capital_px * (lean - 0.5)
            pen.line((x, edge, x + lean, end), fill=grey, width=max(1, round(0.08 * capital_px)))
    return np.asarray(image)


def log_uniform(bounds: tuple[float, float], rng: np.random.Generator) -> float:
    """Draw a number between two bounds; its logarithm is uniform."""
    low, high = bounds
    return float(low * (high / low) ** rng.uniform())
