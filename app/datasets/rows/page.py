"""Write rows on a page, photograph it, and let `app.vision` find them again: rows as they are really cut out."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageDraw

from app.datasets.glyphs.draw import draw_strokes
from app.datasets.pages.camera import blurred, slope_of_light
from app.datasets.rows.ink import RowVariation, bend_row, log_uniform
from app.datasets.rows.shapes import WrittenRow
from app.vision import Strip, find_strips

# All in em unless a name says otherwise; set by eye.
_PITCH = (1.55, 2.6)  # from row to row
_MARGIN = 1.2  # around the writing
_PEN = (0.04, 0.17)  # width
_ASTRAY = 0.4  # a found row is the written one if its edges are within this of that one's
_EM_PX = (13.0, 34.0)  # height of a capital in the photograph
_WIDEST_PX = 1600  # of the photograph


def photograph_rows(
    rows: Sequence[WrittenRow], variation: RowVariation, rng: np.random.Generator
) -> list[tuple[str, Strip]]:
    """Write rows on one page, photograph it, and find the rows.

    Parameters
    ----------
    rows : at least one, from top to bottom
    variation : how far the strokes are bent and the photo is blurred; page, pen and light vary independently of it

    Returns
    -------
    list of (text, strip), from top to bottom: the rows that were found as they were written. Others are left out, as
        their text is not known: they were joined, or cut in pieces
    """
    em = float(rng.uniform(*_EM_PX))
    pitch = float(rng.uniform(*_PITCH))
    shapes, tops = [], []
    for number, row in enumerate(rows):
        strokes = bend_row(row.strokes, variation, rng)
        corner = np.concatenate(strokes).min(axis=0)
        indent = [float(rng.uniform(0, 2)) + _MARGIN - corner[0], _MARGIN + number * pitch]
        shapes.append([stroke + indent for stroke in strokes])
        tops.append(_MARGIN + number * pitch)
    farthest = max(float(np.concatenate(shape)[:, 0].max()) for shape in shapes)
    em = min(em, _WIDEST_PX / (farthest + _MARGIN))
    size = int((tops[-1] + 1.5 + _MARGIN) * em), int((farthest + _MARGIN) * em)
    placed = [[(stroke * em).astype(np.float32) for stroke in shape] for shape in shapes]
    pen_px = em * log_uniform(_PEN, rng)
    ink = draw_strokes([stroke for shape in placed for stroke in shape], size, pen_px)
    found = find_strips(_expose(ink, em, tops, variation, rng))
    known = []
    for strip, box in found:
        for row, shape in zip(rows, placed, strict=True):
            points = np.concatenate(shape)
            (left, top), (right, bottom) = points.min(axis=0), points.max(axis=0)
            if abs(box.left - left) + abs(box.right - right) < _ASTRAY * em + pen_px and (
                abs(box.top - top) + abs(box.bottom - bottom) < _ASTRAY * em + pen_px
            ):
                known.append((row.text, strip))
    return known


def _expose(
    ink: NDArray[np.uint8], em: float, tops: Sequence[float], variation: RowVariation, rng: np.random.Generator
) -> NDArray[np.uint8]:
    """Photograph ink as a grey page (H, W): perhaps ruled, darker towards one side, blurred, with noise."""
    width = ink.shape[1]
    image = Image.fromarray(ink)
    ruling = rng.uniform()
    if ruling < 0.3:
        pen = ImageDraw.Draw(image)
        shade, thick = int(rng.integers(60, 160)), max(1, round(em * rng.uniform(0.02, 0.05)))
        below, tilt = rng.normal(1.05, 0.05), rng.normal(0, 0.004) * width
        for top in tops:
            y = (top + below) * em
            pen.line((0, y - tilt, width, y + tilt), fill=shade, width=thick)
        image = Image.fromarray(np.maximum(np.asarray(image), ink))
    seen = blurred(np.asarray(image), float(variation.blur * em * rng.uniform()))
    paper, depth = rng.uniform(140, 250), rng.uniform(0.3, 0.95)
    light = slope_of_light(ink.shape, rng.uniform(-0.3, 0.3, 2))
    grey = (paper * light) * (1 - np.float32(depth / 255) * seen.astype(np.float32))
    grey += np.float32(rng.uniform(0, 6)) * rng.standard_normal(grey.shape, np.float32)
    return np.clip(grey, 0, 255).astype(np.uint8)
