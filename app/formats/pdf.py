"""Searchable PDF: each page's picture with its text, invisible, on top."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import replace
from io import BytesIO
from itertools import pairwise
from math import radians, tan
from statistics import median
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from app.formats.pdf_file import Name, PdfFile, Ref, Value, add_blank_fonts, number
from app.formats.sheet import Model, Sheet, described, writable
from app.ocr import Page, Row, Word

# An image does not tell how large its paper was: its longer side is taken for that of A4, in points.
_LONGER_SIDE_PT = 297 / 25.4 * 72
_NARROWEST_PX = 0.1  # a character whose box has no width still needs one
_JPEG_QUALITY = 75
_LONGEST_JPEG_PX = 65535


def write_pdf(sheets: Iterable[Sheet], model: Model) -> bytes:
    """Write one document with a page for each sheet, its picture in grey, turned by quarters if its writing is.

    Text lies exactly on its picture, so that selecting it marks what is written, with a space between words. Each
    character reaches from the left of its box to that of the next one.
    """
    file = PdfFile()
    tree, pages, names = file.reserve(), [], []
    for sheet in sheets:
        names.append(sheet.name)
        grey = np.rot90(sheet.reading.picture.grey, -sheet.page.view.orientation_deg // 90)
        pages.append(_page(file, tree, _upright(sheet.page), _image(file, grey)))
    file.put(tree, {"Type": Name("Pages"), "Kids": pages, "Count": len(pages)})
    catalogue = file.add({"Type": Name("Catalog"), "Pages": tree})
    info = file.add({"Title": ", ".join(dict.fromkeys(names)), "Creator": f"Inkrow ({described(model)})"})
    return file.to_bytes(catalogue, info)


def _image(file: PdfFile, grey: NDArray[np.uint8]) -> Ref:
    height, width = grey.shape
    image: dict[str, Value] = {
        "Type": Name("XObject"),
        "Subtype": Name("Image"),
        "Width": width,
        "Height": height,
        "ColorSpace": Name("DeviceGray"),
        "BitsPerComponent": 8,
    }
    if max(height, width) > _LONGEST_JPEG_PX:
        return file.add_stream(grey.tobytes(), image)
    jpeg = BytesIO()
    Image.fromarray(grey).save(jpeg, "JPEG", quality=_JPEG_QUALITY, optimize=True)
    return file.add_stream(jpeg.getvalue(), {**image, "Filter": Name("DCTDecode")})


def _page(file: PdfFile, tree: Ref, page: Page, image: Ref) -> Ref:
    scale = _LONGER_SIDE_PT / max(page.width, page.height)
    width, height = page.width * scale, page.height * scale
    slope = -tan(radians(page.angle_deg))
    marks = [mark for row in page.rows for mark in _marks(row, slope)]
    codes, fonts = add_blank_fonts(file, list(dict.fromkeys(mark.char for mark in marks)))
    content = [f"q {number(width)} 0 0 {number(height)} 0 0 cm /Page Do Q", "BT 3 Tr"]  # 3: neither filled nor stroked
    for mark in marks:
        font, code = codes[mark.char]
        across, up = mark.width * scale, mark.height * scale
        matrix = (across, -slope * across, 0, up, mark.left * scale, height - mark.bottom * scale)
        content.append(f"/{font} 1 Tf {' '.join(map(number, matrix))} Tm <{code:02x}> Tj")
    return file.add(
        {
            "Type": Name("Page"),
            "Parent": tree,
            "MediaBox": [0, 0, width, height],
            "Resources": {"XObject": {"Page": image}, "Font": fonts},
            "Contents": file.add_stream("\n".join([*content, "ET"]).encode(), {}),
        }
    )


def _upright(page: Page) -> Page:
    """Return the page turned by quarters so that its writing stands upright."""
    quarters = -page.view.orientation_deg // 90
    size = page.height, page.width

    def turned(word: Word) -> Word:
        return replace(word, glyphs=tuple(replace(each, box=each.box.turned(quarters, size)) for each in word.glyphs))

    rows = tuple(replace(row, words=tuple(map(turned, row.words))) for row in page.rows)
    height, width = size[::-1] if quarters % 2 else size
    return replace(page, rows=rows, width=width, height=height, view=replace(page.view, orientation_deg=0))


class _Mark(NamedTuple):
    """A character, where on its line it begins, and its size, in pixels of the upload."""

    char: str
    left: float
    bottom: float
    width: float
    height: float


def _marks(row: Row, slope: float) -> Iterator[_Mark]:
    """Give every character of a row, spaces included.

    All stand on one line and have the same height: PDF readers take a character that is higher or lower, such as a dash
    or a dot, for a row of its own.
    """
    boxes = [glyph.box for word in row.words for glyph in word.glyphs]
    line = median(box.bottom - slope * box.left for box in boxes)
    heights = sorted(box.height for box in boxes)
    height = max(1, heights[3 * len(heights) // 4])  # capitals, in most rows
    for char, left, right in _spans(row):
        yield _Mark(char, left, line + slope * left, max(right - left, _NARROWEST_PX), height)


def _spans(row: Row) -> Iterator[tuple[str, float, float]]:
    """Give every character with its left and right ends, without gaps, which might be taken for spaces."""
    for word, following in pairwise([*row.words, None]):
        assert word is not None
        lefts = [glyph.box.left for glyph in word.glyphs]
        for glyph, left, right in zip(word.glyphs, lefts, [*lefts[1:], word.box.right], strict=True):
            yield writable(glyph.char), left, right
        if following is not None:
            yield " ", word.box.right, following.box.left
