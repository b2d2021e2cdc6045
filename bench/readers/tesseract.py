"""Tesseract by its C interface, so that its model stays loaded."""

from __future__ import annotations

import csv
from ctypes import CDLL, c_char_p, c_int, c_void_p, cast
from ctypes.util import find_library
from io import BytesIO
from typing import Any

from PIL import Image, ImageOps

from bench.readers import Reading
from bench.rows import Word, sort_into_rows

_LANGUAGE = b"eng"
# PSM_SPARSE_TEXT: words wherever they stand. On pages like ours more is read that way, in a quarter of the time, than
# with its own idea of the layout (PSM_AUTO, 3).
_SEGMENTATION = 11
_WORD_LEVEL = "5"
_COLUMNS = (
    "level",
    "page",
    "block",
    "paragraph",
    "line",
    "word",
    "left",
    "top",
    "width",
    "height",
    "confidence",
    "text",
)


class Tesseract:
    """One engine of libtesseract; it holds the page it reads, so threads cannot share it."""

    shareable = False

    def __init__(self) -> None:
        self._library = _load()
        self._engine = self._library.TessBaseAPICreate()
        if self._library.TessBaseAPIInit3(self._engine, None, _LANGUAGE):
            raise RuntimeError(f"Tesseract has no data for {_LANGUAGE.decode()}")
        self._library.TessBaseAPISetVariable(self._engine, b"debug_file", b"/dev/null")
        self._library.TessBaseAPISetPageSegMode(self._engine, _SEGMENTATION)
        self.title = f"Tesseract {self._library.TessVersion().decode()}"

    def read(self, source: bytes) -> Reading:
        image = ImageOps.exif_transpose(Image.open(BytesIO(source)))
        if "A" in image.getbands() or "transparency" in image.info:  # what shows through is paper, not black
            image = Image.alpha_composite(Image.new("RGBA", image.size, "white"), image.convert("RGBA"))
        grey = image.convert("L")
        pixels = grey.tobytes()
        self._library.TessBaseAPISetImage(self._engine, pixels, *grey.size, 1, grey.width)
        if self._library.TessBaseAPIRecognize(self._engine, None):
            raise RuntimeError("Tesseract could not read the page")
        return Reading(sort_into_rows(self._words()))

    def _words(self) -> list[Word]:
        pointer = self._library.TessBaseAPIGetTsvText(self._engine, 0)
        try:
            table = (cast(pointer, c_char_p).value or b"").decode()
        finally:
            self._library.TessDeleteText(pointer)
        rows = csv.DictReader(table.splitlines(), _COLUMNS, delimiter="\t", quoting=csv.QUOTE_NONE)
        return [_word(row) for row in rows if row["level"] == _WORD_LEVEL and row["text"].strip()]


def _word(row: dict[str, str]) -> Word:
    left, top, width, height = (float(row[name]) for name in ("left", "top", "width", "height"))
    return Word(row["text"], left, top, left + width, top + height)


def _load() -> Any:
    """Load the library of Debian's package and say what its functions take and give."""
    name = find_library("tesseract")
    if name is None:
        raise RuntimeError("libtesseract is not installed; Debian, Ubuntu: apt install tesseract-ocr")
    library = CDLL(name)
    library.TessVersion.restype = c_char_p
    library.TessBaseAPICreate.restype = c_void_p
    library.TessBaseAPIInit3.argtypes = [c_void_p, c_char_p, c_char_p]
    library.TessBaseAPISetVariable.argtypes = [c_void_p, c_char_p, c_char_p]
    library.TessBaseAPISetPageSegMode.argtypes = [c_void_p, c_int]
    library.TessBaseAPISetImage.argtypes = [c_void_p, c_char_p, c_int, c_int, c_int, c_int]
    library.TessBaseAPIRecognize.argtypes = [c_void_p, c_void_p]
    library.TessBaseAPIGetTsvText.argtypes = [c_void_p, c_int]
    library.TessBaseAPIGetTsvText.restype = c_void_p  # kept as an address: it is ours to free
    library.TessDeleteText.argtypes = [c_void_p]
    return library
