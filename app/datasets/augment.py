"""Strokes to training glyphs, each drawn a little differently every time.

The shape is bent while it is still strokes, which is exact and cheap; then it is drawn at the size at which a page
would show it, spoiled as a camera would spoil it, and normalised by the function that reading uses.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageFilter

from app.datasets.draw import draw_strokes
from app.datasets.strokes import StrokeSet
from app.vision import GLYPH_SIZE, normalise_glyph


@dataclass(frozen=True)
class Augmentation:
    """How far glyphs vary. Ranges are uniform, except sizes, which are uniform in their logarithm.

    Attributes
    ----------
    capital_px : height at which a capital is drawn, before normalising
    pen : pen width over the height of a capital
    rotation_deg, slant, stretch, jitter : standard deviations; slant is the shear, stretch the log of the aspect,
        jitter the displacement of bends and strokes over the size of the glyph
    blur : largest Gaussian radius over the height of a capital
    noise : largest standard deviation of grey noise, ink being 1
    erosion : largest grey level below which ink is lost, and above 1 minus which it is full, as a threshold does
    """

    capital_px: tuple[float, float] = (16.0, 80.0)
    pen: tuple[float, float] = (0.035, 0.16)
    rotation_deg: float = 4.0
    slant: float = 0.14
    stretch: float = 0.12
    jitter: float = 0.02
    blur: float = 0.035
    noise: float = 0.1
    erosion: float = 0.3


# What validation sees: a middling pen at a middling size, nothing bent.
PLAIN = Augmentation((48.0, 48.0), (0.08, 0.08), 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0)


def render_glyphs(
    samples: StrokeSet, indices: NDArray[np.integer], augmentation: Augmentation, rng: np.random.Generator
) -> NDArray[np.float32]:
    """Draw samples as classifier inputs.

    Returns
    -------
    ndarray of shape (len(indices), 1, GLYPH_SIZE, GLYPH_SIZE), ink 1 on paper 0; the same for the same `rng`
    """
    glyphs = np.empty((len(indices), 1, GLYPH_SIZE, GLYPH_SIZE), np.float32)
    for position, index in enumerate(indices):
        strokes = samples.strokes(int(index))
        glyphs[position, 0] = _render(strokes, float(samples.relative_size[index]), augmentation, rng)
    return glyphs


def _render(
    strokes: list[NDArray[np.float32]], relative_size: float, augmentation: Augmentation, rng: np.random.Generator
) -> NDArray[np.float32]:
    capital_px = _log_uniform(augmentation.capital_px, rng)
    pen_px = max(1.0, capital_px * _log_uniform(augmentation.pen, rng))
    # Donors' sizes are not always comparable, so outliers are held to what a page could show.
    size_px = capital_px * float(np.clip(relative_size, 0.02, 2.0))
    strokes = _bend(strokes, augmentation, rng)
    points = np.concatenate(strokes)
    low, extent = points.min(axis=0), np.ptp(points, axis=0)
    scale = size_px / max(float(extent.max()), 1e-6)
    border = pen_px / 2 + 2.0  # room for the round ends and the blur
    width, height = (int(side) for side in np.ceil(extent * scale + 2 * border))
    ink = draw_strokes([(stroke - low) * scale + border for stroke in strokes], (height, width), pen_px)
    return normalise_glyph(_spoil(ink, capital_px, augmentation, rng))


def _bend(
    strokes: list[NDArray[np.float32]], augmentation: Augmentation, rng: np.random.Generator
) -> list[NDArray[np.float32]]:
    """Turn, slant, stretch; move strokes against each other; bend everything by two slow waves."""
    draws = rng.standard_normal(3)
    angle = np.radians(augmentation.rotation_deg * draws[0])
    slant, aspect = augmentation.slant * draws[1], np.exp(augmentation.stretch * draws[2] / 2)
    turn = np.array([[np.cos(angle), np.sin(angle)], [-np.sin(angle), np.cos(angle)]])
    matrix = np.array([[aspect, 0.0], [-slant, 1 / aspect]]) @ turn
    points = np.concatenate(strokes)
    low, size = points.min(axis=0), max(float(np.ptp(points, axis=0).max()), 1.0)
    amplitude = augmentation.jitter * size
    waves = rng.standard_normal((2, 2)) * amplitude
    frequency, phase = rng.uniform(2.0, 7.0, (2, 2)), rng.uniform(0, 2 * np.pi, (2, 2))
    bent = []
    for stroke in strokes:
        place = (stroke - low) / size
        wobble = sum(
            waves[i] * np.sin(frequency[i, 0] * place[:, :1] + frequency[i, 1] * place[:, 1:] + phase[i])
            for i in range(2)
        )
        moved = stroke + wobble + amplitude * rng.standard_normal(2)
        bent.append((moved @ matrix).astype(np.float32))
    return bent


def _spoil(
    ink: NDArray[np.uint8], capital_px: float, augmentation: Augmentation, rng: np.random.Generator
) -> NDArray[np.uint8]:
    """Blur, add noise, and clip the greys as the page's threshold does."""
    blur, noise, low, high = rng.uniform(0, 1, 4) * (
        augmentation.blur * capital_px,
        augmentation.noise,
        augmentation.erosion,
        augmentation.erosion,
    )
    if blur > 0.3:
        ink = np.asarray(Image.fromarray(ink).filter(ImageFilter.GaussianBlur(float(blur))))
    if noise + low + high == 0:
        return ink
    grey = ink.astype(np.float32) / max(int(ink.max()), 1)
    written = grey > 0.05  # paper far from ink is cleared by the page's component mask, so it gets no noise
    grey += noise * rng.standard_normal(grey.shape, np.float32) * written
    clipped: NDArray[np.floating] = np.clip((grey - low) / (1 - low - high), 0, 1)
    return (clipped * 255).astype(np.uint8)


def _log_uniform(bounds: tuple[float, float], rng: np.random.Generator) -> float:
    return float(np.exp(rng.uniform(np.log(bounds[0]), np.log(bounds[1]))))
