"""The single-stroke font of Inkrow: printable ASCII as pen strokes, as people print it by hand.

Lengths are in em, the height of a capital: cap line 0, x-height 0.45, baseline 1, descender 1.35; x to the right,
y downwards. The drawings are in ``pen_font.txt``, which explains its own notation.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from app.errors import DamagedDataset, InvalidInput

_UNITS_PER_EM = 100.0
_STEP_EM = 0.02  # distance of adjacent points: finer than any pen, so that glyphs can be bent smoothly
_GLYPH = re.compile(r"(?P<char>\S) (?P<advance>\d+)(?P<seldom>~?): (?P<strokes>.+)")
_POINT = re.compile(r"(?P<open>\(?)(?P<x>-?\d+),(?P<y>-?\d+)(?P<close>\)?)")


@dataclass(frozen=True, slots=True)
class PenGlyph:
    """One variant of a character; lengths in em, the left edge of the ink at x = 0."""

    advance: float
    """Width of the ink, plus the usual gap to the next character."""
    strokes: tuple[NDArray[np.float32], ...]
    """Each (n, 2), read-only, in the order of writing: x right, y down, points about 0.02 apart."""
    seldom: bool = False
    """Whether few people write it in this way."""


@dataclass(frozen=True, slots=True)
class PenFont:
    """Characters as pen strokes; every character has a variant 0, some have more."""

    glyphs: Mapping[str, tuple[PenGlyph, ...]]

    @property
    def chars(self) -> str:
        """All characters of the font, by code point; the space is not one of them."""
        return "".join(sorted(self.glyphs))

    def ways(self, char: str) -> tuple[PenGlyph, ...]:
        """Return all variants of `char`, the common ones first.

        Raises
        ------
        InvalidInput : the font lacks `char`.
        """
        try:
            return self.glyphs[char]
        except KeyError:
            raise InvalidInput(f"the pen font has no {char!r}; it writes {self.chars}", char=char) from None

    def glyph(self, char: str, variant: int = 0) -> PenGlyph:
        """Return one variant of `char`.

        Raises
        ------
        InvalidInput : the font lacks `char`, or `char` has no such variant.
        """
        ways = self.ways(char)
        if not 0 <= variant < len(ways):
            raise InvalidInput(f"the pen font has variants 0 to {len(ways) - 1} of {char!r}, not {variant}", char=char)
        return ways[variant]


@cache
def load_pen_font() -> PenFont:
    """Return the font that comes with Inkrow; it is read once.

    Raises
    ------
    DamagedDataset : a line of the font file is not in its notation.
    """
    return parse_pen_font(files("app.datasets.pens").joinpath("pen_font.txt").read_text(encoding="utf-8"))


def parse_pen_font(text: str) -> PenFont:
    """Read a font in the notation of ``pen_font.txt``; blank lines and lines that start with ``--`` are skipped.

    Raises
    ------
    DamagedDataset : a line is not in that notation.
    """
    glyphs: dict[str, tuple[PenGlyph, ...]] = {}
    for number, line in enumerate(text.splitlines(), start=1):
        if not line.strip() or line.startswith("--"):
            continue
        found = _GLYPH.fullmatch(line)
        if not found:
            raise DamagedDataset(f"pen font, line {number}: expected 'char advance: strokes', got {line!r}")
        try:
            # The slash between strokes has spaces around it, unlike the character "/" at the start of a line.
            strokes = tuple(_stroke(stroke.split()) for stroke in found["strokes"].split(" / "))
        except ValueError as exc:
            raise DamagedDataset(f"pen font, line {number}: {exc}") from exc
        glyph = PenGlyph(int(found["advance"]) / _UNITS_PER_EM, strokes, bool(found["seldom"]))
        ways = glyphs.get(found["char"], ())
        in_order = bool(ways) if glyph.seldom else not any(way.seldom for way in ways)
        if not in_order:
            raise DamagedDataset(f"pen font, line {number}: expected the usual ways of {found['char']!r} first")
        glyphs[found["char"]] = (*ways, glyph)
    return PenFont(glyphs)


def _stroke(words: list[str]) -> NDArray[np.float32]:
    """Turn points in the font's notation into a densely sampled stroke (n, 2)."""
    points: list[tuple[float, float]] = []
    corners: list[bool] = []
    smooth = False
    for word in words:
        found = _POINT.fullmatch(word)
        if not found or (found["open"] and smooth) or (found["close"] and not found["open"] and not smooth):
            raise ValueError(f"expected a point such as 12,34 or (12,34 or 12,34), got {word!r}")
        smooth = smooth or bool(found["open"])
        points.append((int(found["x"]) / _UNITS_PER_EM, int(found["y"]) / _UNITS_PER_EM))
        corners.append(not smooth)
        smooth = smooth and not found["close"]
    if smooth or len(points) < 2:
        raise ValueError("a stroke needs two points, and a closing parenthesis for each opening one")
    stroke = _trace(np.array(points), corners).astype(np.float32)
    stroke.flags.writeable = False
    return stroke


def _trace(points: NDArray[np.float64], corners: list[bool]) -> NDArray[np.float64]:
    """Join points (n, 2) by splines that break at the corners."""
    last = len(points) - 1
    if not any(corners) and np.array_equal(points[0], points[last]):
        return _spline(points, before=points[-2], after=points[1])
    breaks = [0, *(i for i in range(1, last) if corners[i]), last]
    runs = [points[start : stop + 1] for start, stop in pairwise(breaks)]
    # At a free end there is no next point to take the direction from, so the one before is mirrored.
    curves = [_spline(run, before=2 * run[0] - run[1], after=2 * run[-1] - run[-2]) for run in runs]
    return np.concatenate([curves[0], *(curve[1:] for curve in curves[1:])])


def _spline(
    points: NDArray[np.float64], before: NDArray[np.float64], after: NDArray[np.float64]
) -> NDArray[np.float64]:
    """Centripetal Catmull-Rom curve through `points` (n, 2), evenly sampled; two points give a straight line.

    References
    ----------
    Barry, Goldman (1988), A recursive evaluation algorithm for a class of Catmull-Rom splines; Yuksel, Schaefer,
    Keyser (2011), On the parameterization of Catmull-Rom curves: the centripetal one makes no loops of its own.
    """
    knots = np.vstack([before, points, after])
    pieces = [points[:1]]
    for p0, p1, p2, p3 in zip(knots, knots[1:], knots[2:], knots[3:], strict=False):
        t0 = 0.0
        t1, t2, t3 = np.cumsum([float(np.hypot(*(b - a))) ** 0.5 for a, b in ((p0, p1), (p1, p2), (p2, p3))])
        steps = max(1, round(float(np.hypot(*(p2 - p1))) / _STEP_EM))
        t = np.linspace(t1, t2, steps + 1)[1:, None]
        a1 = ((t1 - t) * p0 + (t - t0) * p1) / (t1 - t0)
        a2 = ((t2 - t) * p1 + (t - t1) * p2) / (t2 - t1)
        a3 = ((t3 - t) * p2 + (t - t2) * p3) / (t3 - t2)
        b1 = ((t2 - t) * a1 + (t - t0) * a2) / (t2 - t0)
        b2 = ((t3 - t) * a2 + (t - t1) * a3) / (t3 - t1)
        pieces.append(((t2 - t) * b1 + (t - t1) * b2) / (t2 - t1))
    return np.concatenate(pieces)


def char_extents(chars: str) -> dict[str, tuple[float, float]]:
    """Return top and bottom of each character's ink in em, cap line 0 and baseline 1, averaged over its variants.

    Raises
    ------
    InvalidInput : the font lacks one of `chars`.
    """
    font = load_pen_font()
    extents = {}
    for char in chars:
        ways = [np.concatenate(way.strokes)[:, 1] for way in font.ways(char)]
        top, bottom = (float(np.mean([edge(y) for y in ways])) for edge in (np.min, np.max))
        extents[char] = (round(top, 3), round(bottom, 3))
    return extents
