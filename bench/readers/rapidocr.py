"""RapidOCR: the networks of PP-OCRv4 on ONNX Runtime."""

from __future__ import annotations

from importlib.metadata import version
from io import BytesIO

from PIL import Image, ImageOps
from rapidocr_onnxruntime import RapidOCR

from bench.readers import Reading
from bench.rows import Word, sort_into_rows


class Rapid:
    """As it comes, with pages turned upright, which it does not do by itself, and its words sorted into rows."""

    shareable = True

    def __init__(self) -> None:
        self._engine = RapidOCR()
        self.title = f"RapidOCR {version('rapidocr-onnxruntime')} (PP-OCRv4)"

    def read(self, source: bytes) -> Reading:
        image = ImageOps.exif_transpose(Image.open(BytesIO(source)))
        if image.mode not in ("L", "RGB", "RGBA"):  # it would take the indices of a palette for levels of grey
            image = image.convert("RGB")
        found, _ = self._engine(image)
        return Reading(sort_into_rows(_word(corners, text) for corners, text, _ in found or []))


def _word(corners: list[list[float]], text: str) -> Word:
    across, down = zip(*corners, strict=True)
    return Word(text, min(across), min(down), max(across), max(down))
