"""An imagined writer: the pen font bent by the habits and the unsteadiness of one hand."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import NamedTuple, Self

import numpy as np
from numpy.typing import NDArray

from app.datasets.pens.pen_font import PenGlyph, load_pen_font

Points = NDArray[np.float32]

_CLEARANCE_EM = 0.07  # least white between the ink of two neighbours
_BAND_EM = 0.12  # height of the bands in which this holds one by one, so that V may lean over A but not touch it
_BANDS_TOP_EM = -0.6  # above all writing: capitals stand between 0 and 1
_BANDS = 24


class WrittenStroke(NamedTuple):
    """One stroke on the page, and the character that it belongs to."""

    char_index: int
    """Index of the character in the text; it may have several strokes."""
    points: Points
    """(n, 2): x right, y down, pixels."""


@dataclass(frozen=True, slots=True)
class Hand:
    """How one person writes; lengths in em, the height of this person's capitals."""

    slant_deg: float = 0.0
    """Lean to the right."""
    aspect: float = 1.0
    """Width of the letters; 1 as the font draws them."""
    roundness: float = 0.0
    """How far a corner is cut."""
    jitter: float = 0.0
    """How far points are displaced: half by this person's habit, the same in every A, half by chance."""
    letter_gap: float = 0.0
    """White between letters, in addition to the font's."""
    word_gap: float = 0.4
    """White between words, in addition to that between letters."""
    wobble: float = 0.0
    """How far the baseline rises and falls."""
    size_variation: float = 0.0
    """Standard deviation of a letter's size."""
    pen: float = 0.08
    """Width of the line."""
    habit: int = 0
    """Seed of the shapes that are characteristic of this person."""
    variants: Mapping[str, int] = field(default_factory=dict)
    """Which of the font's variants of a character this person writes; 0 if not given."""
    own: Mapping[str, PenGlyph] = field(default_factory=dict)
    """Characters that this person writes in ways that the font does not have."""

    @classmethod
    def random(cls, rng: np.random.Generator) -> Self:
        """Draw a plausible writer of clear hand print."""
        font = load_pen_font()
        usual = {char: sum(not way.seldom for way in font.ways(char)) for char in font.chars}
        return cls(
            slant_deg=float(np.clip(rng.normal(3.0, 5.0), -8.0, 16.0)),
            aspect=float(rng.uniform(0.85, 1.12)),
            roundness=float(rng.uniform(0.0, 0.05)),
            jitter=float(rng.uniform(0.012, 0.035)),
            letter_gap=float(rng.uniform(0.03, 0.13)),
            word_gap=float(rng.uniform(0.36, 0.56)),
            wobble=float(rng.uniform(0.005, 0.035)),
            size_variation=float(rng.uniform(0.01, 0.05)),
            pen=float(rng.uniform(0.05, 0.12)),
            habit=int(rng.integers(2**31)),
            variants={char: int(rng.integers(n)) for char, n in usual.items() if n > 1},
        )


def write_row(text: str, hand: Hand, rng: np.random.Generator, *, height_px: float) -> list[WrittenStroke]:
    """Write `text` from left to right on one row.

    Parameters
    ----------
    text : printable ASCII and spaces
    rng : random generator; the same state gives the same row
    height_px : height of a capital

    Returns
    -------
    list of WrittenStroke, in writing order
        The row starts near x = 0, its cap line lies near y = 0 and its baseline near y = height_px; points may
        be a little outside on any side. The line is ``hand.pen * height_px`` pixels wide.

    Raises
    ------
    InvalidInput : the pen font lacks a character of `text`.
    """
    row: list[WrittenStroke] = []
    pen_x = 0.0
    reach = np.full(_BANDS, -np.inf)  # right edge of the ink so far, per band
    wave_em, phase = rng.uniform(4.0, 9.0), rng.uniform(0.0, 2 * np.pi)
    for index, char in enumerate(text):
        if char == " ":
            pen_x += hand.word_gap * max(0.8, rng.normal(1.0, 0.08))
            continue
        strokes, advance = _write_char(char, hand, rng)
        sink = hand.wobble * (np.sin(2 * np.pi * pen_x / wave_em + phase) + 0.5 * rng.normal())
        strokes = [stroke + [0.0, sink] for stroke in strokes]
        left, right = _profile(np.concatenate(strokes))
        x = max(pen_x, float(np.max(reach - left)) + _CLEARANCE_EM + hand.pen)
        reach = np.maximum(reach, right + x)
        row += [WrittenStroke(index, ((s + [x, 0.0]) * height_px).astype(np.float32)) for s in strokes]
        pen_x = x + advance + hand.letter_gap * rng.uniform(0.6, 1.4)
    return row


def _write_char(char: str, hand: Hand, rng: np.random.Generator) -> tuple[list[NDArray[np.float64]], float]:
    """Return strokes and advance of one character in em, its origin at x = 0, its baseline at y = 1."""
    glyph = hand.own.get(char) or load_pen_font().glyph(char, hand.variants.get(char, 0))
    habit, chance = _Warp(np.random.default_rng([hand.habit, ord(char)])), _Warp(rng)
    size = max(0.8, rng.normal(1.0, hand.size_variation))
    sway_deg = rng.normal(0.0, 40 * hand.jitter)  # an unsteady hand varies its slant, too, by about a degree
    lean = np.tan(np.radians(hand.slant_deg + sway_deg))
    strokes = []
    for points in glyph.strokes:
        bent = _round_corners(points.astype(np.float64), hand.roundness)
        slip = rng.normal(0.0, 0.4, 2)  # the pen misses the place where it should touch down
        bent = bent + hand.jitter * (0.5 * habit(points) + 0.5 * chance(points) + slip)
        x, above = bent[:, 0] * hand.aspect, bent[:, 1] - 1.0
        strokes.append(np.stack([(x - above * lean) * size, 1.0 + above * size], axis=1))
    return strokes, glyph.advance * hand.aspect * size


class _Warp:
    """A smooth random displacement of the plane: three waves of about one em, in random directions."""

    def __init__(self, rng: np.random.Generator) -> None:
        self._frequency = rng.normal(0.0, 0.7, (2, 3))  # cycles per em
        self._phase = rng.uniform(0.0, 1.0, 3)
        self._push = rng.normal(0.0, 1.0, (3, 2))

    def __call__(self, points: Points) -> NDArray[np.float64]:
        """Return the displacements (n, 2) of points (n, 2), of a size of about 1."""
        waves = np.sin(2 * np.pi * (points @ self._frequency + self._phase))  # (n, 3)
        return np.asarray(waves @ self._push)


def _round_corners(points: NDArray[np.float64], radius: float) -> NDArray[np.float64]:
    """Average each point with those within about `radius` em along the stroke; free ends stay."""
    reach = min(round(radius / 0.02), (len(points) - 1) // 2)
    if reach == 0:
        return points
    if np.array_equal(points[0], points[-1]):
        ends = np.concatenate([points[-reach - 1 : -1], points, points[1 : reach + 1]])
    else:
        ends = np.pad(points, ((reach, reach), (0, 0)), mode="reflect", reflect_type="odd")
    return np.asarray(np.lib.stride_tricks.sliding_window_view(ends, 2 * reach + 1, axis=0).mean(axis=2))


def _profile(points: NDArray[np.float64]) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Return the left and right edges of ink in each horizontal band and its two neighbours; inf and -inf if empty."""
    left, right = np.full(_BANDS, np.inf), np.full(_BANDS, -np.inf)
    bands = np.clip(((points[:, 1] - _BANDS_TOP_EM) / _BAND_EM).astype(int), 1, _BANDS - 2)
    for shift in (-1, 0, 1):
        np.minimum.at(left, bands + shift, points[:, 0])
        np.maximum.at(right, bands + shift, points[:, 0])
    return left, right
