"""A page of hand print as a phone would photograph it; ``python -m app.datasets.sample_page samples/`` draws two."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageFilter

from app.datasets.draw import draw_strokes
from app.datasets.hand import Hand, write_row
from app.errors import InvalidInput

Colour = tuple[int, int, int]

_MARGIN = 0.08  # of the page's width and height
_ROOM_FOR_CAPITALS = 0.58  # of the distance between rows; the rest is for descenders and white


@dataclass(frozen=True, slots=True)
class Scene:
    """What the page is made of and how the light falls on it."""

    paper: Colour = (243, 240, 231)
    ink: Colour = (38, 38, 46)
    grain: float = 2.0
    """Standard deviation of the paper's texture, of 255."""
    shade: float = 0.3
    """How much of the light is lost in the darkest corner."""
    angle_deg: float = 0.0
    """How far the rows turn against the clock."""


def draw_sample_page(
    lines: Sequence[str],
    rng: np.random.Generator,
    *,
    size_px: tuple[int, int] = (1200, 1600),
    hand: Hand | None = None,
    scene: Scene | None = None,
) -> NDArray[np.uint8]:
    """Write `lines` on a page and take a photograph of it.

    Parameters
    ----------
    lines : the rows, printable ASCII and spaces; as large as the page allows, one below the other
    rng : chance; the same state gives the same pixels
    size_px : (H, W)
    hand : the writer, a random one if not given
    scene : paper, ink and light, white paper and dark ink if not given

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
    flow = 0.9 + 0.05 * _clouds(rng, size_px, cells=120)  # a pen does not give its ink evenly
    ink = _soften(written * flow, radius_px=0.7)[:, :, None]
    light = 1.0 - scene.shade * _shadow(rng, size_px)
    # Fibres a few pixels long and broad stains, the same in all channels; the sensor adds a little of its own.
    texture = scene.grain * (0.6 * _clouds(rng, size_px, cells=size_px[1] // 3) + 0.5 * _clouds(rng, size_px, cells=24))
    noise = rng.normal(0.0, 0.4 * scene.grain, size_px)
    paper = np.array(scene.paper) + texture[:, :, None]
    colour = (paper + (np.array(scene.ink) - paper) * ink) * light[:, :, None] + noise[:, :, None]
    return np.clip(np.rint(colour), 0, 255).astype(np.uint8)


def _write(
    lines: Sequence[str], hand: Hand, rng: np.random.Generator, size_px: tuple[int, int], angle_deg: float
) -> NDArray[np.float32]:
    """Ink (H, W), 0 to 1, of all rows, as large as fits between the margins."""
    height, width = size_px
    rows = [write_row(line, hand, rng, height_px=1.0) for line in lines]
    longest = max(float(stroke.points[:, 0].max()) for row in rows for stroke in row)
    pitch = height * (1 - 2 * _MARGIN) / len(rows)
    em = min(pitch * _ROOM_FOR_CAPITALS, width * (1 - 2 * _MARGIN) / (longest + 0.3))
    turn = _rotation(angle_deg)
    centre = np.array([width, height]) / 2
    # A list begins left of the middle, whatever it leaves free on the right.
    left = width * _MARGIN + 0.35 * max(0.0, width * (1 - 2 * _MARGIN) - longest * em)
    strokes = []
    for number, row in enumerate(rows):
        indent, lift = rng.uniform(0.0, 0.3), rng.normal(0.0, 0.03)
        corner = np.array([left + indent * em, height * _MARGIN + (number + 0.22 + lift) * pitch])
        drift = _rotation(rng.normal(0.0, 0.25))  # no two rows are quite parallel
        strokes += [(stroke.points @ drift * em + corner - centre) @ turn + centre for stroke in row]
    # Four sub-pixels: a page is looked at closely.
    ink = draw_strokes([stroke.astype(np.float32) for stroke in strokes], size_px, hand.pen * em, oversampling=4)
    return ink.astype(np.float32) / np.float32(255)


def _rotation(angle_deg: float) -> NDArray[np.float64]:
    """Matrix to the right of row vectors x, y (y downwards) that turns them against the clock."""
    cos, sin = np.cos(np.radians(angle_deg)), np.sin(np.radians(angle_deg))
    return np.array([[cos, -sin], [sin, cos]])


def _shadow(rng: np.random.Generator, size_px: tuple[int, int]) -> NDArray[np.float64]:
    """Lost light (H, W) from 0 to 1: falling to one side, and towards the corners as any lens has it."""
    y, x = np.meshgrid(*(np.linspace(-1.0, 1.0, n) for n in size_px), indexing="ij")
    direction = rng.uniform(0.0, 2 * np.pi)
    lost = 0.5 * (x * np.cos(direction) + y * np.sin(direction)) + 0.35 * (x**2 + y**2) ** 1.5 / 2**1.5
    lost += 0.04 * _clouds(rng, size_px, cells=3)
    lost -= lost.min()
    return np.asarray(lost / lost.max())


def _clouds(rng: np.random.Generator, size_px: tuple[int, int], *, cells: int) -> NDArray[np.float64]:
    """Smooth noise (H, W), standard deviation about 1: `cells` hills and hollows across the page."""
    height, width = size_px
    coarse = rng.normal(0.0, 1.0, (max(2, round(cells * height / width)), cells)).astype(np.float32)
    smooth = Image.fromarray(coarse).resize((width, height), Image.Resampling.BICUBIC)
    return np.asarray(smooth, np.float64) / 0.75  # what interpolation takes from the spread


def _soften(image: NDArray[np.float64], *, radius_px: float) -> NDArray[np.float64]:
    """The blur of a lens, on values from 0 to 1."""
    levels = Image.fromarray(np.clip(np.rint(image * 255), 0, 255).astype(np.uint8))
    return np.asarray(levels.filter(ImageFilter.GaussianBlur(radius_px)), np.float64) / 255


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
    """Block capitals and digits in dark ink on white paper (1200, 1600, 3)."""
    return draw_sample_page(_SHOPPING_LIST, np.random.default_rng(7), scene=Scene(angle_deg=-0.8))


def draw_parts_label() -> NDArray[np.uint8]:
    """Codes, a date and a telephone number in blue ink on a beige label (640, 1000, 3), the rows rising."""
    scene = Scene(paper=(228, 207, 170), ink=(44, 66, 142), grain=0.9, shade=0.25, angle_deg=2.5)
    return draw_sample_page(_PARTS_LABEL, np.random.default_rng(1), size_px=(640, 1000), scene=scene)


def write_samples(folder: Path) -> None:
    """Write both sample pages and what is on them: ``shopping_list.jpg``, ``parts_label.png``, a ``.txt`` for each."""
    folder.mkdir(parents=True, exist_ok=True)
    Image.fromarray(draw_shopping_list()).save(folder / "shopping_list.jpg", quality=88)
    Image.fromarray(draw_parts_label()).save(folder / "parts_label.png", optimize=True)
    for name, lines in (("shopping_list", _SHOPPING_LIST), ("parts_label", _PARTS_LABEL)):
        (folder / f"{name}.txt").write_text("\n".join(lines) + "\n", encoding="utf-8")


if __name__ == "__main__":
    write_samples(Path(sys.argv[1]))
