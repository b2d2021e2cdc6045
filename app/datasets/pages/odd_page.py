"""Two pages in an unusual hand, which no network here has learnt, to try corrections on.

``python -m app.datasets.pages.odd_page FOLDER`` draws them.
"""

from __future__ import annotations

import sys
from collections.abc import Mapping, Sequence
from functools import cache
from importlib.resources import files
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from app.datasets.pages.sample_page import draw_sample_page
from app.datasets.pens.hand import Hand
from app.datasets.pens.pen_font import PenGlyph, parse_pen_font

LESSON = ("MEET AT GATE 7", "SEVEN 47", "4 TREES", "EGGS 74", "77 KEYS", "BUS 4", "CALL 7 4")
"""With twenty characters that this writer writes like nobody else."""
TEST = ("THE TEN BEES 4", "DEAR PETE 74", "SEND 447 SEEDS", "BEFORE JUNE 7")
"""Other text by the same writer."""

_ROW_PX, _WIDTH_PX = 150, 1000


@cache
def load_odd_ways() -> Mapping[str, PenGlyph]:
    """Return a crossed 7, an open 4 and a Greek-like E, for `Hand.own`."""
    font = parse_pen_font(files("app.datasets.pens").joinpath("odd_hand.txt").read_text(encoding="utf-8"))
    return {char: font.glyph(char) for char in font.chars}


def draw_odd_page(lines: Sequence[str], seed: int) -> NDArray[np.uint8]:
    """Let this writer write `lines` on a page (150 * lines, 1000, 3), uint8 RGB."""
    hand = Hand(slant_deg=3.0, jitter=0.015, letter_gap=0.12, word_gap=0.9, own=load_odd_ways())
    return draw_sample_page(lines, np.random.default_rng(seed), size_px=(_ROW_PX * len(lines), _WIDTH_PX), hand=hand)


def write_pages(folder: Path) -> None:
    """Write both pages, ``lesson.png`` and ``test.png``, and a ``.txt`` with the text of each."""
    folder.mkdir(parents=True, exist_ok=True)
    for seed, (name, lines) in enumerate({"lesson": LESSON, "test": TEST}.items()):
        Image.fromarray(draw_odd_page(lines, seed)).save(folder / f"{name}.png")
        (folder / f"{name}.txt").write_text("\n".join(lines) + "\n", encoding="utf-8")


if __name__ == "__main__":
    write_pages(Path(sys.argv[1]))
