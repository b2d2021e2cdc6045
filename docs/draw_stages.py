"""Draws the picture of ``docs/reading.md``: ``python -m docs.draw_stages``."""

from __future__ import annotations

from io import BytesIO
from pathlib import Path

from PIL import Image

from app.cli.shell import load_reader
from app.config import Settings
from app.formats import STAGES, Sheet, find_format
from app.ocr import ReadOptions

_DOCS = Path(__file__).parent
_PAGE = _DOCS.parent / "samples" / "shopping_list.jpg"
_CELL_PX, _GAP_PX = (480, 360), 8


def main() -> None:
    """Put what ``inkrow read --format png --stage`` shows that was made of a sample page side by side, two to a row."""
    loaded = load_reader(Settings(), "champion")
    reading = next(loaded.reader.read_pages(_PAGE.read_bytes(), ReadOptions()))
    sheet = Sheet(reading, _PAGE.name)
    width, height = (side + _GAP_PX for side in _CELL_PX)
    together = Image.new("RGB", (2 * width - _GAP_PX, 2 * height - _GAP_PX), "white")
    for number, stage in enumerate(STAGES[1:]):
        drawn = find_format("png", stage).write([sheet], loaded.models)
        image = Image.open(BytesIO(drawn)).convert("RGB").resize(_CELL_PX, Image.Resampling.LANCZOS)
        together.paste(image, (number % 2 * width, number // 2 * height))
    together.save(_DOCS / "images" / "stages.jpg", quality=85)


if __name__ == "__main__":
    main()
