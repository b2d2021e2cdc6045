"""Draw ``docs/images/augmentation.png``: the same glyphs under each way to vary them.

Run it from the project's folder with ``python -m docs.draw_augmentation``.
"""

from __future__ import annotations

import sys
from dataclasses import replace
from pathlib import Path

import numpy as np
from PIL import Image, ImageDraw, ImageFont

from app.datasets import PLAIN, Augmentation, render_glyphs, synthesise
from app.training import load_recipe
from app.vision import GLYPH_SIZE

_PICTURE = Path(__file__).parent / "images" / "augmentation.png"
_GLYPHS = "AGaMk48R"
_ZOOM, _GAP_PX, _NAMES_PX = 2, 6, 150
_ROWS = {
    "plain": PLAIN,
    "pen 0.02": replace(PLAIN, pen=(0.02, 0.02)),
    "pen 0.25": replace(PLAIN, pen=(0.25, 0.25)),
    "capital_px 16": replace(PLAIN, capital_px=(16.0, 16.0)),
    "pressure 0.5": replace(PLAIN, pressure=0.5),
    "rotation_deg 8": replace(PLAIN, rotation_deg=8.0),
    "slant 0.25": replace(PLAIN, slant=0.25),
    "stretch 0.4": replace(PLAIN, stretch=0.4),
    "jitter 0.03": replace(PLAIN, jitter=0.03),
    "elastic 0.04": replace(PLAIN, elastic=0.04),
    "blur 0.1": replace(PLAIN, blur=0.1),
    "light 0.8": replace(PLAIN, light=0.8, blur=0.05),
    "noise 0.3": replace(PLAIN, noise=0.3),
    "erosion 0.4": replace(PLAIN, erosion=0.4, blur=0.1),
    "neighbour 1": replace(PLAIN, neighbour=1.0),
    "residue 1": replace(PLAIN, residue=1.0),
    "gap 1": replace(PLAIN, gap=1.0),
    "cut 1": replace(PLAIN, cut=1.0),
    "all, first phase": Augmentation(),
    "all, second phase": load_recipe("handprint").phases[-1].augmentation,
}


def draw() -> Image.Image:
    """Return one row of glyphs for each setting, its name on the left."""
    samples = synthesise(_GLYPHS, 1, 1, 7)
    step = GLYPH_SIZE * _ZOOM + _GAP_PX
    picture = Image.new("L", (_NAMES_PX + step * len(samples), step * len(_ROWS) + _GAP_PX), 255)
    pen = ImageDraw.Draw(picture)
    for row, (name, augmentation) in enumerate(_ROWS.items()):
        top = _GAP_PX + row * step
        pen.text((_GAP_PX, top + step / 2), name, 0, ImageFont.load_default(14), anchor="lm")
        glyphs = render_glyphs(samples, np.arange(len(samples)), augmentation, np.random.default_rng(4))
        for column, glyph in enumerate(glyphs[:, 0]):
            # Sixteen greys are enough to see, and make a small file.
            image = Image.fromarray((255 - 17 * np.rint(15 * glyph)).astype(np.uint8))
            image = image.resize((GLYPH_SIZE * _ZOOM,) * 2, Image.Resampling.NEAREST)
            picture.paste(image, (_NAMES_PX + column * step, top))
    return picture


if __name__ == "__main__":
    _PICTURE.parent.mkdir(exist_ok=True)
    draw().quantize(16).save(_PICTURE, optimize=True)
    sys.stdout.write(f"{_PICTURE}\n")
