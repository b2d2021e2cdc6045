"""Draw a page of hand print as a phone would photograph it: the samples that come with Inkrow.

``python -m app.datasets.pages.sample_page samples/`` draws two.
"""

from __future__ import annotations

import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from app.datasets.glyphs.draw import draw_strokes
from app.datasets.pages.camera import blurred, clouds, rotation, shadow
from app.datasets.pages.paper import paper_grain
from app.datasets.pens.hand import Hand, write_row
from app.errors import InvalidInput

Colour = tuple[int, int, int]

_MARGIN = 0.08  # of the page's width and height
_SHARPNESS_PX = 0.7  # radius of the lens's blur
_ROOM_FOR_CAPITALS = 0.58  # of the distance between rows; the rest is for descenders and white


@dataclass(frozen=True, slots=True)
class Scene:
    """Paper, ink and light of a page."""

    paper: Colour = (243, 240, 231)
    ink: Colour = (38, 38, 46)
    grain: float = 2.0
    """Standard deviation of the paper's texture, of 255."""
    shade: float = 0.3
    """How much of the light is lost in the darkest corner."""
    angle_deg: float = 0.0
    """Turn of the rows, anticlockwise."""


def draw_sample_page(
    lines: Sequence[str],
    rng: np.random.Generator,
    *,
    size_px: tuple[int, int] = (1200, 1600),
    hand: Hand | None = None,
    scene: Scene | None = None,
) -> NDArray[np.uint8]:
    """Write `lines` on a page and photograph it.

    Parameters
    ----------
    lines : the rows from top to bottom, printable ASCII and spaces; written as large as the page allows
    rng : random generator; the same state gives the same pixels
    size_px : (H, W)
    hand : the writer; None for a random one
    scene : paper, ink and light; None for dark ink on white paper

    Returns
    -------
    ndarray of shape (H, W, 3), uint8 RGB

    Raises
    ------
    InvalidInput : there is nothing to write, or the pen font lacks a character of it.
    """
    if not any(line.strip() for line in lines):
        raise InvalidInput("a sample page needs at least one row with something on it")
    hand = hand or Hand.random(rng)
    scene = scene or Scene()
    written = _write(lines, hand, rng, size_px, scene.angle_deg)
    flow = 0.9 + 0.05 * clouds(rng, size_px, cells=120)  # a pen gives its ink unevenly
    levels = np.clip(np.rint(written * flow * 255), 0, 255).astype(np.uint8)
    ink = blurred(levels, _SHARPNESS_PX)[:, :, None] / 255
    light = 1.0 - scene.shade * shadow(rng, size_px)
    # The texture is the same in all channels; the sensor adds a little of its own.
    texture = scene.grain * paper_grain(rng, size_px)
    noise = rng.normal(0.0, 0.4 * scene.grain, size_px)
    paper = np.array(scene.paper) + texture[:, :, None]
    colour = (paper + (np.array(scene.ink) - paper) * ink) * light[:, :, None] + noise[:, :, None]
    return np.clip(np.rint(colour), 0, 255).astype(np.uint8)


def _write(
    lines: Sequence[str], hand: Hand, rng: np.random.Generator, size_px: tuple[int, int], angle_deg: float
) -> NDArray[np.float32]:
    """Return the ink (H, W), 0 to 1, of all rows, as large as they fit between the margins."""
    height, width = size_px
    rows = [write_row(line, hand, rng, height_px=1.0) for line in lines]
    longest = max(float(stroke.points[:, 0].max()) for row in rows for stroke in row)
    pitch = height * (1 - 2 * _MARGIN) / len(rows)
    em = min(pitch * _ROOM_FOR_CAPITALS, width * (1 - 2 * _MARGIN) / (longest + 0.3))
    turn = rotation(angle_deg)
    centre = np.array([width, height]) / 2
    # Short rows stand left of the middle, as in a list.
    left = width * _MARGIN + 0.35 * max(0.0, width * (1 - 2 * _MARGIN) - longest * em)
    strokes = []
    for number, row in enumerate(rows):
        indent, lift = rng.uniform(0.0, 0.3), rng.normal(0.0, 0.03)
        corner = np.array([left + indent * em, height * _MARGIN + (number + 0.22 + lift) * pitch])
        drift = rotation(rng.normal(0.0, 0.25))  # no two rows are quite parallel
        strokes += [(stroke.points @ drift * em + corner - centre) @ turn + centre for stroke in row]
    # Four sub-pixels, as people look at these pages closely.
    ink = draw_strokes([stroke.astype(np.float32) for stroke in strokes], size_px, hand.pen * em, oversampling=4)
    return ink.astype(np.float32) / np.float32(255)


_SHOPPING_LIST = (
    "SHOPPING LIST",
    "2 LITRES OF MILK",
    "12 EGGS, 1 LOAF",
    "3 KG POTATOES",
    "OLIVE OIL 750 ML",
    "CALL JOE AT 17:45",
)
_PARTS_LABEL = ("PART HX-2094-B7", "QTY 36 BIN C5", "DATE 14/08/2026", "TEL 0131 496 0758")


def draw_shopping_list() -> NDArray[np.uint8]:
    """Draw block capitals and digits in dark ink on white paper (1200, 1600, 3)."""
    return draw_sample_page(_SHOPPING_LIST, np.random.default_rng(7), scene=Scene(angle_deg=-0.8))


def draw_parts_label() -> NDArray[np.uint8]:
    """Draw codes, a date and a telephone number in blue ink on a beige label (640, 1000, 3), in rising rows."""
    scene = Scene(paper=(228, 207, 170), ink=(44, 66, 142), grain=0.9, shade=0.25, angle_deg=2.5)
    return draw_sample_page(_PARTS_LABEL, np.random.default_rng(1), size_px=(640, 1000), scene=scene)


def write_samples(folder: Path) -> None:
    """Write ``shopping_list.jpg`` and ``parts_label.png``, and a ``.txt`` with the text of each."""
    folder.mkdir(parents=True, exist_ok=True)
    Image.fromarray(draw_shopping_list()).save(folder / "shopping_list.jpg", quality=88)
    Image.fromarray(draw_parts_label()).save(folder / "parts_label.png", optimize=True)
    for name, lines in (("shopping_list", _SHOPPING_LIST), ("parts_label", _PARTS_LABEL)):
        (folder / f"{name}.txt").write_text("\n".join(lines) + "\n", encoding="utf-8")


if __name__ == "__main__":
    write_samples(Path(sys.argv[1]))
