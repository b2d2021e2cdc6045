"""Pages of a PDF, drawn one by one."""

from __future__ import annotations

from collections.abc import Generator
from contextlib import closing
from dataclasses import replace
from math import isfinite, sqrt
from threading import RLock

import numpy as np
import pypdfium2
from pypdfium2 import raw

from app.errors import UnreadableImage
from app.vision.decoding import picture
from app.vision.decoding.page_range import PageRange
from app.vision.decoding.picture import DecodeLimits, Picture

_MOST_DPI = 300  # pages are drawn with this resolution, which is usual for scans of writing, or a lower one
_POINTS_PER_INCH = 72
# What is wrong with a file that PDFium cannot open, by PDFium's error code; with other codes it is damaged.
_NO_DOCUMENT = {
    raw.FPDF_ERR_SUCCESS: "expected a PDF with pages, got one without",  # well formed, but there is nothing to open
    raw.FPDF_ERR_PASSWORD: "the PDF is encrypted: send one that opens without a password",
    raw.FPDF_ERR_SECURITY: "the PDF is encrypted in a way that we do not know: send one that is not",
}
# Only one thread at a time may call PDFium, even if each has its own document. So every call is made under this lock,
# closing included. It is reentrant, because the garbage collector may close a forgotten generator at any time, also
# while the same thread is in another call.
_pdfium = RLock()


def pdf_pages(data: bytes, limits: DecodeLimits, wanted: PageRange) -> Generator[Picture, None, None]:
    """Draw pages of a PDF, annotations included; for what is raised see `app.vision.decoding.decode`.

    Other threads may use PDFium between two pages.
    """
    document = _open(data)
    try:
        with _pdfium:
            count = len(document)
        numbers = wanted.of(count)
        limits.check_count(len(numbers))
        for number in numbers:
            try:
                page = _draw(document, number - 1, min(picture.ENOUGH_PX, limits.max_pixels))
            except (pypdfium2.PdfiumError, ValueError) as exc:
                raise UnreadableImage(f"page {number} of {count} of the PDF cannot be drawn: {exc}") from exc
            yield replace(page, number=number)
    finally:
        with _pdfium:
            document.close()


def _open(data: bytes) -> pypdfium2.PdfDocument:
    try:
        with _pdfium:
            return pypdfium2.PdfDocument(data)
    except pypdfium2.PdfiumError as exc:
        raise UnreadableImage(_NO_DOCUMENT.get(exc.err_code, "the PDF is damaged or ends too early")) from exc


def _draw(document: pypdfium2.PdfDocument, index: int, most_pixels: int) -> Picture:
    with _pdfium, closing(document[index]) as page:
        width, height = page.get_size()
        scale = _scale(width, height, most_pixels)
        # Drawn with four bytes a pixel, so that Pillow converts it to grey as it does other images.
        with closing(page.render(scale, prefer_bgrx=True, rev_byteorder=True)) as bitmap:
            grey = np.asarray(bitmap.to_pil().convert("L"))
    return Picture(grey, grey.shape[1], grey.shape[0])


def _scale(width: float, height: float, most_pixels: int) -> float:
    """Return with how many pixels per point to draw a page of a size in points.

    PDFium draws ``ceil(width * scale) * ceil(height * scale)`` pixels. There are at most `most_pixels` of them if
    ``(width * scale + 1) * (height * scale + 1) <= most_pixels``. The result is the largest such scale, up to 300 DPI.
    """
    if not (isfinite(width) and isfinite(height) and width > 0 and height > 0):
        raise ValueError(f"its size is {width} x {height} points")
    around = width + height
    fitting = 2 * (most_pixels - 1) / (around + sqrt(around**2 + 4 * width * height * (most_pixels - 1)))
    return min(_MOST_DPI / _POINTS_PER_INCH, fitting)
