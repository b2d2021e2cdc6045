"""How time grows: one page scaled to many sizes, and pages of one size with more and more on them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
from PIL import Image

from app.datasets.pages.sample_page import draw_sample_page
from bench.grey import PHOTO_MEGAPIXELS, grey_ms
from bench.stats import Line
from bench.workers import Worker, read_in_turns

_MEGAPIXELS = (0.5, 1, 2, 3, 4, 6, 8, 12, 16, 24)
_GLYPHS = (25, 50, 100, 200, 400, 800)
_PAGE_PX = (2000, 1500)  # 3 megapixels: nothing of it is left out by anybody
_WORDS = (
    "BOX",
    "12",
    "PENCIL",
    "MAP",
    "2094",
    "RIVER",
    "KEY",
    "75",
    "LAMP",
    "WINDOW",
    "360",
    "SHIP",
    "TOWER",
    "JUG",
    "19",
)
_GLYPHS_OF_A_PHOTO = 120
_QUALITY = 88


def measure_growth(workers: Mapping[str, Worker], turns: int, folder: Path) -> dict[str, Any]:
    """Draw the pages into `folder` and let everybody read them.

    Returns
    -------
    dict with ``megapixels`` and ``glyphs``: the sizes ``x``, and by reader ``ms`` and the ``line`` through them; of the
    page that has the size of a phone's photo ``photo_ms`` by reader, and ``photo_to_grey_ms``, see `grey_ms`
    """
    by_size = _measure(scaled_pages(folder), workers, turns)
    photo = by_size["x"].index(PHOTO_MEGAPIXELS)
    return {
        "megapixels": by_size,
        "glyphs": _measure(filled_pages(folder), workers, turns),
        "photo_ms": {name: figures["ms"][photo] for name, figures in by_size["readers"].items()},
        "photo_to_grey_ms": grey_ms(_scaled(folder, PHOTO_MEGAPIXELS), turns),
    }


def scaled_pages(folder: Path) -> Iterator[tuple[float, Path]]:
    """Yield one page in all sizes, in megapixels; each is written when it is asked for."""
    height, width = 3000, 4000
    drawn = Image.fromarray(_draw(_GLYPHS_OF_A_PHOTO, (height, width)))
    for megapixels in _MEGAPIXELS:
        factor = (megapixels * 1e6 / (height * width)) ** 0.5
        size = round(width * factor), round(height * factor)
        yield megapixels, _saved(drawn.resize(size, Image.Resampling.LANCZOS), _scaled(folder, megapixels))


def _scaled(folder: Path, megapixels: float) -> Path:
    return folder / f"{megapixels}_megapixels.jpg"


def filled_pages(folder: Path) -> Iterator[tuple[float, Path]]:
    """Yield pages of one size with more and more glyphs; each is written when it is asked for."""
    for glyphs in _GLYPHS:
        yield glyphs, _saved(Image.fromarray(_draw(glyphs, _PAGE_PX)), folder / f"{glyphs}_glyphs.jpg")


def lines_of(glyphs: int) -> list[str]:
    """Return rows of words that hold exactly so many glyphs; a page of them is as wide as a page usually is."""
    letters = round((2 * glyphs) ** 0.5)
    rows, row, left, number = [], "", glyphs, 0
    while left:
        word = _WORDS[number % len(_WORDS)][:left]
        left, number = left - len(word), number + 1
        if row and len(row) + len(word) > letters:
            rows.append(row)
            row = word
        else:
            row = f"{row} {word}".lstrip()
    return [*rows, row]


def _draw(glyphs: int, size_px: tuple[int, int]) -> np.ndarray[Any, np.dtype[np.uint8]]:
    return draw_sample_page(lines_of(glyphs), np.random.default_rng(7), size_px=size_px)


def _saved(image: Image.Image, path: Path) -> Path:
    image.save(path, quality=_QUALITY)
    return path


def _measure(pages: Iterator[tuple[float, Path]], workers: Mapping[str, Worker], turns: int) -> dict[str, Any]:
    x, paths = zip(*pages, strict=True)
    timed = read_in_turns(workers, paths, turns)
    ms = {name: [of_page[name].ms for of_page in timed] for name in workers}
    return {"x": [*x], "readers": {name: {"ms": times, "line": _line(x, times)} for name, times in ms.items()}}


def _line(x: Sequence[float], y: Sequence[float]) -> dict[str, float]:
    line = Line.fit(x, y)
    return {"slope": line.slope, "intercept": line.intercept, "r2": line.r2}
