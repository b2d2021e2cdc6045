"""Photograph a laid-out page: draw its ink on paper, in light and shadow, and say where everything is."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from app.datasets.glyphs.draw import draw_strokes
from app.datasets.pages.camera import View, blurred, shadow
from app.datasets.pages.layout import Layout
from app.datasets.pages.paper import PENS, Line, flow, paper_colour, paper_grain
from app.datasets.pages.truth import RowTruth, row_truth
from app.datasets.pages.variation import Knobs

_MARGIN = (0.8, 3.0)  # around the writing, in em
_LINE_INK = (1.05, 1.0, 0.8)  # relative absorption of red, green and blue by printed lines, most of which are bluish
_BACK_BLUR = 0.06  # of writing that shows through the paper, in em


class _Layers(NamedTuple):
    """Ink (H, W) uint8, 255 where it covers the paper: of the pen, of printed lines, of the back of the sheet."""

    written: NDArray[np.uint8]
    printed: NDArray[np.uint8] | None
    back: NDArray[np.uint8] | None


def photograph_page(
    layout: Layout,
    lines: Sequence[Line],
    pen: str,
    knobs: Knobs,
    paper_rng: np.random.Generator,
    rng: np.random.Generator,
) -> tuple[NDArray[np.uint8], list[RowTruth]]:
    """Photograph a page.

    Parameters
    ----------
    layout, lines : what is written, and the printed lines
    pen : one of `app.datasets.pages.paper.PENS`
    knobs : pen, paper, light and camera
    paper_rng, rng : random generators for the paper and for the camera

    Returns
    -------
    image, truth : (H, W, 3) uint8, and the text and boxes of each row in it
    """
    farther, margin = float(rng.uniform(0, 2 * np.pi)), float(rng.uniform(*_MARGIN))
    view = View(layout.extent, knobs.size_px, knobs.rotation_deg, knobs.perspective, farther, margin)
    pen_px = knobs.pen * knobs.size_px
    seen = [[view(stroke) for stroke in row.strokes] for row in layout.rows]
    given = flow(pen, paper_rng, view.size_px)
    layers = _draw([stroke for row in seen for stroke in row], lines, given, knobs, view, rng)
    truth = [row_truth(row.text, strokes, row.spans, pen_px) for row, strokes in zip(layout.rows, seen, strict=True)]
    return _expose(layers, pen, knobs, paper_rng, rng), truth


def _draw(
    strokes: Sequence[NDArray[np.float64]],
    lines: Sequence[Line],
    given: NDArray[np.float32],
    knobs: Knobs,
    view: View,
    rng: np.random.Generator,
) -> _Layers:
    """Draw all ink with the blur of the camera; `given` (H, W) is how much of its ink the pen gives where."""
    size, px = view.size_px, knobs.size_px
    covered = draw_strokes([stroke.astype(np.float32) for stroke in strokes], size, knobs.pen * px)
    written = (covered * given).astype(np.uint8)
    printed = back = None
    if lines and knobs.ruling:
        ends = [view(line.points).astype(np.float32) for line in lines]
        printed = blurred(draw_strokes(ends, size, lines[0].width * px), knobs.blur * px)
    slip = px * rng.uniform(-1, 1, 2)
    if knobs.show_through:
        mirrored = [(stroke * (-1, 1) + (size[1], 0) + slip).astype(np.float32) for stroke in strokes]
        back = blurred(draw_strokes(mirrored, size, knobs.pen * px), (knobs.blur + _BACK_BLUR) * px)
    return _Layers(blurred(written, knobs.blur * px), printed, back)


def _expose(
    layers: _Layers, pen: str, knobs: Knobs, paper_rng: np.random.Generator, rng: np.random.Generator
) -> NDArray[np.uint8]:
    """Compose paper, ink, light and noise to an image (H, W, 3)."""
    size = layers.written.shape
    colour = paper_colour(knobs.brightness, knobs.cast, paper_rng)
    ink = layers.written / np.float32(255)
    texture = (knobs.grain / 255 * paper_grain(paper_rng, size)).astype(np.float32)
    light = (1 - knobs.shade * shadow(rng, size)).astype(np.float32)
    noise = np.float32(knobs.noise / 255) * rng.standard_normal((*size, 3), np.float32)
    image = np.empty((*size, 3), np.uint8)
    for channel in range(3):
        seen = np.float32(colour[channel]) + texture
        seen *= 1 - np.clip(np.float32(knobs.contrast * PENS[pen][channel]) * ink, 0, 1)
        if layers.printed is not None:
            taken = knobs.ruling * knobs.contrast * _LINE_INK[channel]
            seen *= 1 - np.float32(taken / 255) * layers.printed
        if layers.back is not None:
            seen *= 1 - np.float32(knobs.show_through * knobs.contrast / 255) * layers.back
        image[:, :, channel] = np.clip(np.rint(255 * (seen * light + noise[:, :, channel])), 0, 255)
    return image
