"""Draws the picture of ``docs/pages.md``: ``python -m docs.draw_pages DATA_ROOT``, where UNIPEN is."""

from __future__ import annotations

import sys
from pathlib import Path

from PIL import Image

from app.datasets import PageVariation, draw_page, load_page_writers

_KINDS = ("note", "list", "form", "codes")
_CELL_PX = (430, 330)
_SEED = 11


def main(root: Path) -> None:
    """Put pages of several kinds side by side, above by imagined writers, below by people."""
    width, height = _CELL_PX
    sheet = Image.new("RGB", (width * len(_KINDS), 2 * height), "white")
    for row, data in enumerate(("synthetic", "unipen")):
        writers = load_page_writers(data, "valid", root)
        for column, kind in enumerate(_KINDS):
            page = Image.fromarray(draw_page(writers, PageVariation(kinds=(kind,)), _SEED, column).image)
            page.thumbnail((width - 10, height - 10), Image.Resampling.LANCZOS)
            sheet.paste(page, (column * width + 5, row * height + 5))
    sheet.save(Path(__file__).parent / "images" / "synthetic_pages.jpg", quality=80)


if __name__ == "__main__":
    main(Path(sys.argv[1]))
