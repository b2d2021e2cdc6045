"""A contact sheet: some glyphs of every class, as the classifier sees them."""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageDraw, ImageFont

from app.datasets.glyphs.augment import Augmentation
from app.datasets.glyphs.glyph_set import GlyphSet
from app.datasets.glyphs.render import render_glyphs
from app.datasets.pens.strokes import StrokeSet
from app.errors import InvalidInput
from app.vision import GLYPH_SIZE

_CELL_PX = GLYPH_SIZE + 4
_LABEL_PX = 44
_FONT_PX = 20
_RULE = 216  # grey of the lines between classes


def contact_sheet(
    samples: StrokeSet | GlyphSet,
    *,
    classes: str | None = None,
    count: int = 10,
    seed: int = 0,
    augmentation: Augmentation | None = None,
) -> NDArray[np.uint8]:
    """Draw `count` random glyphs of every class: a class in each row, in as many columns as make about a square.

    Parameters
    ----------
    classes : the characters to show; None for all
    seed : the same samples, seed and count give the same glyphs of a class, whatever other classes are shown
    augmentation : how glyphs vary; None for no variation

    Returns
    -------
    uint8 ndarray (H, W), black on white

    Raises
    ------
    InvalidInput : a class has no glyphs, or there is no class
    """
    chosen = "".join(dict.fromkeys(samples.alphabet if classes is None else classes))
    absent = "".join(char for char in chosen if char not in samples.alphabet)
    if absent or not chosen:
        raise InvalidInput(f"expected classes among {samples.alphabet!r}, got {absent!r}")
    strip_px = _LABEL_PX + count * _CELL_PX
    columns = max(1, round(math.sqrt(len(chosen) * _CELL_PX / strip_px)))
    rows = math.ceil(len(chosen) / columns)
    sheet = Image.new("L", (columns * strip_px + 1, rows * _CELL_PX + 1), 255)
    pen = ImageDraw.Draw(sheet)
    for place, char in enumerate(chosen):
        left, top = place // rows * strip_px, place % rows * _CELL_PX
        pen.rectangle((left, top, left + strip_px, top + _CELL_PX), outline=_RULE)
        _write(pen, char, left, top)
        rng = np.random.default_rng([seed, ord(char)])
        of_class = np.flatnonzero(samples.labels == char)
        picked = np.sort(rng.choice(of_class, min(count, len(of_class)), replace=False))
        for number, glyph in enumerate(render_glyphs(samples, picked, augmentation, rng)[:, 0]):
            ink = Image.fromarray(np.rint(255 - 255 * glyph).astype(np.uint8))
            sheet.paste(ink, (left + _LABEL_PX + number * _CELL_PX + 2, top + 2))
    return np.asarray(sheet)


def _write(pen: ImageDraw.ImageDraw, char: str, left: int, top: int) -> None:
    """Write the label; Pillow's own font knows little beyond ASCII, so others are written as their code."""
    text, size = (char, _FONT_PX) if char.isascii() else (f"{ord(char):04X}", _FONT_PX // 2)
    middle = (left + _LABEL_PX / 2, top + _CELL_PX / 2)
    pen.text(middle, text, fill=0, anchor="mm", font=ImageFont.load_default(size))
