"""File bytes to grey pages, with every limit checked before pixels are unpacked."""

from __future__ import annotations

import re
from collections.abc import Generator
from contextlib import closing
from importlib.util import find_spec

from app.errors import NotAnImage
from app.vision.decoding.image_file import image_pages
from app.vision.decoding.page_range import ALL_PAGES, PageRange
from app.vision.decoding.pdf import pdf_pages
from app.vision.decoding.picture import DecodeLimits, Picture

# How files of each kind begin. A PDF may have other bytes before its header, which ends within the first 1024.
_BEGINNINGS = {
    "JPEG": rb"\xff\xd8\xff",
    "PNG": rb"\x89PNG\r\n\x1a\n",
    "WebP": rb"RIFF....WEBP",
    "TIFF": rb"II[*+]\0|MM\0[*+]",
    "BMP": rb"BM.{12}[\x0c\x28\x34\x38\x40\x6c\x7c]\0\0\0",
    "GIF": rb"GIF8[79]a",
    "HEIC": rb"....ftyp(hei[cmsx]|hev[cmsx]|mif1|msf1)",
    "PDF": rb".{0,1019}%PDF-",
}
FORMATS = tuple(_BEGINNINGS)
_KIND = re.compile(b"|".join(b"(?P<%s>%s)" % (kind.encode(), start) for kind, start in _BEGINNINGS.items()), re.DOTALL)


def decode_pages(
    data: bytes, limits: DecodeLimits = DecodeLimits(), wanted: PageRange = ALL_PAGES
) -> Generator[Picture, None, None]:
    """Decode the wanted pages of a file, each when it is asked for.

    Pages come out upright, and very large ones reduced. A TIFF or a PDF may have several pages. Of an animation the
    first frame is taken.

    Raises
    ------
    NotAnImage : the file is of none of `FORMATS`, or it is HEIC and the package that reads HEIC is not installed.
    InvalidInput : the file has none of the wanted pages.
    TooManyPages : the file has more of the wanted pages than the limit; nothing was decoded.
    TooManyPixels : a header announces more pixels than the limit; nothing was decoded.
    UnreadableImage : the file is truncated, damaged or encrypted. The pages before the damage have been decoded.
    """
    kind = _readable_kind(data)
    yield from pdf_pages(data, limits, wanted) if kind == "PDF" else image_pages(data, kind, limits, wanted)


def _readable_kind(data: bytes) -> str:
    match = _KIND.match(data)
    kind = match.lastgroup if match else None
    if kind is not None and (kind != "HEIC" or find_spec("pi_heif")):
        return kind
    *others, last = (known for known in FORMATS if known != "HEIC" or find_spec("pi_heif"))
    if kind is None:
        came = "a file of another kind" if data else "an empty file"
    else:
        came = f"{kind}, which is read once the Python package pi-heif is installed where Inkrow runs"
    raise NotAnImage(f"expected {', '.join(others)} or {last}, got {came}")


def decode(data: bytes, limits: DecodeLimits = DecodeLimits()) -> Picture:
    """Decode the first page of a file; see `decode_pages`."""
    with closing(decode_pages(data, limits)) as pages:
        return next(pages)
