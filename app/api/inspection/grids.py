"""Small images side by side, as PNG."""

from __future__ import annotations

import base64
import io

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageDraw, ImageFont

from app.inspection import tile

Pixels = NDArray[np.uint8]  # (H, W, 3)

# Ends of a diverging scale that colour-blind people tell apart as well; white is 0.
_POSITIVE, _NEGATIVE = np.array((190, 70, 10)), np.array((20, 85, 170))
SPACER = 214  # grey between images
_LEGEND_PX = 22
_USUAL_SIDE_PX = 480  # of a sheet; smaller ones are enlarged by a whole factor to about this
_LARGEST_ZOOM = 12


def to_png(pixels: NDArray[np.uint8]) -> bytes:
    """Encode (H, W) grey or (H, W, 3) colour."""
    png = io.BytesIO()
    Image.fromarray(pixels).save(png, "PNG", optimize=True)
    return png.getvalue()


def data_uri(png: bytes) -> str:
    """Return a PNG as an address that holds it."""
    return f"data:image/png;base64,{base64.b64encode(png).decode()}"


def as_grey(glyph: NDArray[np.floating]) -> NDArray[np.uint8]:
    """Return what a network sees (H, W), ink 1, as an image, 255 for ink."""
    return np.rint(glyph * 255).astype(np.uint8)


def glyph_png(glyph: NDArray[np.uint8], zoom: int = 2) -> bytes:
    """Draw one glyph (H, W), 255 for ink, black on white."""
    return to_png(enlarged(255 - glyph, zoom))


def glyph_grid(glyphs: NDArray[np.uint8], zoom: int = 2) -> bytes:
    """Draw glyphs (N, H, W), 255 for ink, black on white, eight in a row; without any, one empty place."""
    if not len(glyphs):
        glyphs = np.zeros((1, *glyphs.shape[1:]), np.uint8)
    sheet = tile(255 - glyphs.astype(np.float32), min(8, len(glyphs)), gap=2)
    return to_png(enlarged(np.where(np.isnan(sheet), SPACER, sheet).astype(np.uint8), zoom))


def signed_grid(images: NDArray[np.floating], columns: int, scale: float) -> bytes:
    """Draw images (N, H, W) side by side: orange above 0, blue below, white at 0, full colour at `scale` and beyond.

    A legend below states the scale.
    """
    sheet = tile(images, min(columns, len(images)))
    zoom = int(np.clip(round(_USUAL_SIDE_PX / min(sheet.shape)), 1, _LARGEST_ZOOM))
    return to_png(np.concatenate([enlarged(signed_colours(sheet, scale), zoom), _legend(sheet.shape[1] * zoom, scale)]))


def signed_colours(values: NDArray[np.floating], scale: float) -> Pixels:
    """Return the colours (H, W, 3) of values (H, W) as `signed_grid` has them; NaN is grey."""
    strength = np.clip(np.nan_to_num(np.abs(values)) / (scale or 1.0), 0, 1)[..., None]
    ends = np.where((values > 0)[..., None], _POSITIVE, _NEGATIVE)
    colours = 255 + strength * (ends - 255)
    return np.rint(np.where(np.isnan(values)[..., None], SPACER, colours)).astype(np.uint8)


def _legend(width: int, scale: float) -> Pixels:
    """Draw the range of a scale, as wide as the sheet."""
    ramp = np.tile(np.linspace(-scale, scale, width), (_LEGEND_PX, 1))
    image = Image.fromarray(signed_colours(ramp, scale))
    pen, font = ImageDraw.Draw(image), ImageFont.load_default(12)
    places = ((3, f"-{scale:.3g}", "lm", 255), (width // 2, "0", "mm", 60), (width - 3, f"+{scale:.3g}", "rm", 255))
    for place, text, anchor, grey in places:
        pen.text((place, _LEGEND_PX // 2), text, fill=(grey,) * 3, font=font, anchor=anchor)
    return np.asarray(image)


def grey_colours(glyph: NDArray[np.uint8]) -> Pixels:
    """Return the colours (H, W, 3) of a glyph (H, W), 255 for ink: black on white."""
    return np.repeat((255 - glyph)[..., None], 3, axis=2)


def enlarged(pixels: NDArray[np.uint8], zoom: int) -> NDArray[np.uint8]:
    """Repeat every pixel of (H, W) or (H, W, 3) down and across."""
    return pixels.repeat(zoom, axis=0).repeat(zoom, axis=1)
