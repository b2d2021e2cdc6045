"""Make training glyphs of samples, a little different every time.

Each is bent, drawn in the size that it would have on a page, damaged as by hands and cameras, and normalised by the
function that normalises glyphs to be read.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from app.datasets.glyphs.augment import PLAIN, Augmentation
from app.datasets.glyphs.glyph_set import GlyphSet
from app.datasets.glyphs.ink import ink_of_images, ink_of_strokes
from app.datasets.glyphs.spoil import spoil, touch
from app.datasets.pens.strokes import StrokeSet
from app.vision import GLYPH_SIZE, normalise_glyph


def render_glyphs(
    samples: StrokeSet | GlyphSet,
    indices: NDArray[np.integer],
    augmentation: Augmentation | None,
    rng: np.random.Generator,
) -> NDArray[np.float32]:
    """Draw samples as classifier inputs.

    Parameters
    ----------
    augmentation : how glyphs vary; None for `PLAIN`, with which the images of a `GlyphSet` are only normalised

    Returns
    -------
    ndarray of shape (len(indices), 1, GLYPH_SIZE, GLYPH_SIZE), ink 1 on paper 0; the same for the same `rng`
    """
    augmentation, count = augmentation or PLAIN, len(indices)
    glyphs = np.empty((count, 1, GLYPH_SIZE, GLYPH_SIZE), np.float32)
    if isinstance(samples, GlyphSet) and augmentation == PLAIN:
        for glyph, index in zip(glyphs, indices, strict=True):
            glyph[0] = normalise_glyph(samples.images[index])
        return glyphs
    touched = np.flatnonzero(rng.uniform(size=count) < augmentation.neighbour)
    capital_px, pen = (_log_uniform(bounds, count, rng) for bounds in (augmentation.capital_px, augmentation.pen))
    # Neighbours are drawn first, with the same pen and in the same size as the glyphs that they touch.
    owner = np.concatenate([touched, np.arange(count)])
    chosen = np.concatenate([rng.integers(len(samples), size=len(touched)), indices])
    if isinstance(samples, StrokeSet):
        inks = ink_of_strokes(samples.take(chosen), capital_px[owner], pen[owner], augmentation, rng)
    else:
        inks = ink_of_images(samples.images[chosen], capital_px[owner], augmentation, rng)
    neighbours = {position: next(inks) for position in touched.tolist()}
    for position, ink in enumerate(inks):
        if position in neighbours:
            ink = touch(ink, neighbours[position], rng)
        glyphs[position, 0] = normalise_glyph(spoil(ink, float(capital_px[position]), augmentation, rng))
    return glyphs


def plain_glyphs(samples: StrokeSet | GlyphSet) -> NDArray[np.float32]:
    """Draw every sample once, without variation, as models are measured with: (N, 1, GLYPH_SIZE, GLYPH_SIZE)."""
    return render_glyphs(samples, np.arange(len(samples)), PLAIN, np.random.default_rng(0))


def draw_glyph_set(samples: StrokeSet) -> GlyphSet:
    """Draw pen strokes without variation, as images of the size of classifier inputs."""
    images = np.rint(plain_glyphs(samples)[:, 0] * 255).astype(np.uint8)
    return GlyphSet(images, samples.labels, samples.writers)


def _log_uniform(bounds: tuple[float, float], count: int, rng: np.random.Generator) -> NDArray[np.float64]:
    low, high = bounds
    return np.asarray(low * (high / low) ** rng.uniform(size=count))
