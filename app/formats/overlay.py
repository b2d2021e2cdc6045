"""PNG: the page, or one of four pictures of how it was read."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from functools import cache
from io import BytesIO
from math import ceil, floor
from statistics import median

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageDraw, ImageFont

from app.formats.sheet import Model, Sheet, only_sheet, writable
from app.ocr import Reading
from app.vision import Affine, Box, warped

Colour = tuple[int, int, int]
Pixels = NDArray[np.uint8]  # (H, W, 3), or (H, W) for greys

# From unsure to sure, told apart by colour-blind people as well: vermilion, amber, teal.
_CONFIDENCES = (0.5, 0.8, 1.0)
_COLOURS: tuple[Colour, ...] = ((205, 45, 20), (225, 150, 0), (0, 130, 115))
# Neighbours among components differ: Okabe and Ito's colours, without black and yellow, which paper and ink swallow.
_PALETTE: tuple[Colour, ...] = (
    (0, 114, 178),
    (213, 94, 0),
    (0, 158, 115),
    (204, 121, 167),
    (86, 180, 233),
    (230, 159, 0),
)
_DROPPED: Colour = (205, 205, 205)  # ink that was not taken for writing
_PAPER: Colour = (255, 255, 255)
_LABEL: Colour = (45, 55, 72)
_FADED = 0.55  # how much of the page's contrast is kept below boxes and letters
_TINT = 0.3  # how strongly a box is coloured: like by a highlighter, so that ink stays dark
_LEGIBLE_PX = 36  # smaller letters are enlarged to this height, by a whole factor
_SAMPLED = 4  # every fourth pixel, down and across, is enough to tell how light paper is and how dark ink
_COMPRESSION = 3  # level of PNG; the default, 6, takes more than twice as long for files a tenth smaller
_MOST_PX = 6_000_000  # of the enlarged picture


def write_png(sheets: Iterable[Sheet], model: Model, stage: str = "glyphs") -> bytes:
    """Show one page at one of `STAGES`.

    Raises
    ------
    InvalidInput : there is more than one page.
    """
    reading = only_sheet(sheets, "png").reading
    png = BytesIO()
    _DRAWN[stage](reading).save(png, "PNG", compress_level=_COMPRESSION)
    return png.getvalue()


def _draw_page(reading: Reading) -> Image.Image:
    """Return the page as it was decoded: in grey, and no larger than reading needs."""
    return Image.fromarray(reading.picture.grey)


def _draw_ink(reading: Reading) -> Image.Image:
    """Draw how much darker each pixel is than the paper around it."""
    ink = reading.found.ink
    full = max(1.0, float(np.quantile(ink[::_SAMPLED, ::_SAMPLED], 0.999)))
    image = Image.fromarray(ink).point([round(255 - 255 * min(level / full, 1)) for level in range(256)])
    return _as_the_picture_stands(np.asarray(image), reading, 1, 255)


def _draw_components(reading: Reading) -> Image.Image:
    """Draw every piece of ink in a colour of its own, and in grey what was not taken for writing."""
    components = reading.found.components
    colours = np.full((int(components.label_image.max()) + 1, 3), _DROPPED, np.uint8)
    colours[0] = _PAPER
    colours[components.labels] = np.resize(np.array(_PALETTE, np.uint8), (len(components), 3))
    return _as_the_picture_stands(colours[components.label_image], reading, _zoom(reading), _PAPER)


def _as_the_picture_stands(pixels: Pixels, reading: Reading, zoom: int, paper: int | Colour) -> Image.Image:
    """Bring what was found, in the size and orientation that the page was read in, to those of the picture."""
    height, width = reading.picture.grey.shape
    way = reading.found.to_page.inverse().after(Affine.scaling(1 / zoom, 1 / zoom))
    return Image.fromarray(warped(pixels, way, (height * zoom, width * zoom), fill=paper))


def _draw_rows(reading: Reading) -> Image.Image:
    """Draw numbered frames around rows, and words tinted by their confidence."""
    place = _placing(reading)
    words = [(place(word.box), word.confidence) for row in reading.page.rows for word in row.words]
    image = _highlighted(reading, words)
    draw, font = ImageDraw.Draw(image), _font(max(12, max(image.size) // 110))
    for box, confidence in words:
        draw.rectangle(_corners(box), outline=confidence_colour(confidence))
    for number, row in enumerate(reading.page.rows, 1):
        box = place(row.box)
        draw.rectangle(_corners(box), outline=_LABEL, width=2)
        _tag(draw, box, f"{number}   {row.confidence:.0%}", font)
    return image


def _draw_glyphs(reading: Reading) -> Image.Image:
    """Draw a box around each glyph, tinted by its confidence, with the character that was read above it."""
    place = _placing(reading)
    rows = [[glyph for word in row.words for glyph in word.glyphs] for row in reading.page.rows]
    image = _highlighted(reading, [(place(glyph.box), glyph.confidence) for row in rows for glyph in row])
    draw = ImageDraw.Draw(image)
    for row in rows:
        letter_px = median(place(glyph.box).height for glyph in row)
        font = _font(min(60, max(11, round(0.55 * letter_px))))
        for glyph in row:
            box, colour = place(glyph.box), confidence_colour(glyph.confidence)
            draw.rectangle(_corners(box), outline=colour)
            middle, has_room = (box.left + box.right) / 2, box.top >= font.size
            place_of_char, anchor = ((middle, box.top - 2), "ms") if has_room else ((middle, box.bottom + 2), "mt")
            draw.text(
                place_of_char, writable(glyph.char), colour, font, anchor=anchor, stroke_width=2, stroke_fill=_PAPER
            )
    return image


_DRAWN: dict[str, Callable[[Reading], Image.Image]] = {
    "page": _draw_page,
    "ink": _draw_ink,
    "components": _draw_components,
    "rows": _draw_rows,
    "glyphs": _draw_glyphs,
}
STAGES = tuple(_DRAWN)


def confidence_colour(confidence: float) -> Colour:
    """Return vermilion for one half and less, amber in between, teal for certainty."""
    red, green, blue = (
        round(float(np.interp(confidence, _CONFIDENCES, [colour[part] for colour in _COLOURS]))) for part in range(3)
    )
    return red, green, blue


def _highlighted(reading: Reading, boxes: Iterable[tuple[Box, float]]) -> Image.Image:
    """Return the faded page, with boxes tinted by their confidence."""
    zoom = _zoom(reading)
    grey = Image.fromarray(reading.picture.grey)
    grey = grey.resize((grey.width * zoom, grey.height * zoom), Image.Resampling.BICUBIC)
    # Photographed paper is grey, which would soil the tints: it becomes white. A dark page stays as it is.
    paper = max(128.0, float(np.quantile(reading.picture.grey[::_SAMPLED, ::_SAMPLED], 0.8)))
    faded = grey.point([round(255 - 255 * max(1 - level / paper, 0) * _FADED) for level in range(256)])
    pixels: Pixels = np.array(faded.convert("RGB"))
    for box, confidence in boxes:
        keep = 1 - _TINT * (1 - np.array(confidence_colour(confidence), np.float32) / 255)
        region = pixels[box.top : box.bottom, box.left : box.right]
        region[...] = region * keep
    return Image.fromarray(pixels)


def _zoom(reading: Reading) -> int:
    """Return the whole factor by which the picture is enlarged to make its letters legible."""
    heights = [glyph.box.height for row in reading.page.rows for word in row.words for glyph in word.glyphs]
    if not heights:
        return 1
    letter_px = max(1.0, median(heights) / reading.picture.scale[0])
    return max(1, min(ceil(_LEGIBLE_PX / letter_px), floor((_MOST_PX / reading.picture.grey.size) ** 0.5)))


def _placing(reading: Reading) -> Callable[[Box], Box]:
    """Return what takes a box from pixels of the upload to pixels of the drawing."""
    zoom = _zoom(reading)
    down, across = (zoom / scale for scale in reading.picture.scale)

    def place(box: Box) -> Box:
        return Box(floor(box.top * down), floor(box.left * across), ceil(box.bottom * down), ceil(box.right * across))

    return place


def _corners(box: Box) -> tuple[int, int, int, int]:
    """Return left, top, right and bottom for Pillow, which includes the last pixels and refuses a wrong order."""
    return box.left, box.top, max(box.left, box.right - 1), max(box.top, box.bottom - 1)


def _tag(draw: ImageDraw.ImageDraw, frame: Box, text: str, font: ImageFont.FreeTypeFont) -> None:
    """Write white on dark above a frame, or below it at the image's upper edge."""
    height, width = round(1.4 * font.size), round(font.getlength(text) + font.size)
    top = frame.top - height if frame.top >= height else frame.bottom
    draw.rectangle((frame.left, top, frame.left + width, top + height), fill=_LABEL)
    draw.text((frame.left + font.size / 2, top + height / 2), text, _PAPER, font, anchor="lm")


@cache
def _font(size_px: int) -> ImageFont.FreeTypeFont:
    font = ImageFont.load_default(size_px)
    assert isinstance(font, ImageFont.FreeTypeFont)
    return font
