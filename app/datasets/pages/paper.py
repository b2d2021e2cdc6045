"""Paper, printed lines and boxes, and the colours of pens."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from itertools import pairwise
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from app.datasets.pages.camera import clouds
from app.datasets.pages.layout import Field, Layout

PAPERS = ("plain", "ruled", "squared", "dotted")
_SHARES = (0.5, 0.25, 0.17, 0.08)  # of each paper, if none is chosen
# In em:
_BEYOND = 12.0  # how far lines go beyond the writing, so that they end outside the photograph
_THIN = (0.02, 0.05)  # width of lines
_BELOW_BASELINE = (-0.05, 0.35)  # of ruled lines: people write on them, or a little above
_SQUARE = (0.8, 1.5)  # side of a square
_FIELD_ABOVE, _FIELD_BELOW = 1.35, 0.4  # a box around a field, from its baseline
_COMB = 0.95  # width of a box for a single character
# Relative absorption of red, green and blue by full ink; their means, weighted like luminance, are about 1.
PENS: Mapping[str, tuple[float, float, float]] = {
    "black": (1.0, 1.0, 1.0),
    "pencil": (1.0, 1.0, 0.98),
    "blue": (1.25, 1.0, 0.45),
    "red": (0.35, 1.25, 1.15),
    "green": (1.3, 0.82, 1.15),
}
_PEN_SHARES = (0.4, 0.15, 0.3, 0.08, 0.07)
_TINTS = ((1.0, 1.0, 1.0), (1.0, 0.98, 0.9), (1.0, 0.94, 0.8), (0.95, 0.98, 1.0), (1.0, 0.93, 0.93), (0.94, 1.0, 0.93))
_PENCIL_GRAIN = 0.35  # how much less of a pencil's ink the hollows of the paper take


class Line(NamedTuple):
    """A straight printed line in the plane of the page: its points (2, 2) as x, y, and its width, in em."""

    points: NDArray[np.float64]
    width: float


def choose_paper(papers: tuple[str, ...], rng: np.random.Generator) -> str:
    """Choose one of the papers, or of all if none is named."""
    if papers:
        return papers[int(rng.integers(len(papers)))]
    return str(rng.choice(PAPERS, p=_SHARES))


def choose_pen(rng: np.random.Generator) -> str:
    """Choose a pen by its colour."""
    return str(rng.choice([*PENS], p=_PEN_SHARES))


def print_lines(paper: str, layout: Layout, pitch: float, rng: np.random.Generator) -> list[Line]:
    """Return all lines that are printed on the page: those of the paper, and the fields of a form."""
    (left, top), (right, bottom) = layout.extent
    sheet = left - _BEYOND, top - _BEYOND, right + _BEYOND, bottom + _BEYOND
    width = float(rng.uniform(*_THIN))
    lines = _RULES[paper](sheet, layout, pitch, rng)
    lines += _FIELDS[int(rng.integers(len(_FIELDS)))](layout.fields)
    return [Line(np.array(line, np.float64), width) for line in lines]


_Sheet = tuple[float, float, float, float]
_Lines = list[list[tuple[float, float]]]


def _plain(sheet: _Sheet, layout: Layout, pitch: float, rng: np.random.Generator) -> _Lines:
    return []


def _ruled(sheet: _Sheet, layout: Layout, pitch: float, rng: np.random.Generator) -> _Lines:
    """Return a line below each row, and more below the last one."""
    below = float(rng.uniform(*_BELOW_BASELINE))
    baselines = [*layout.baselines, *np.arange(layout.baselines[-1] + pitch, sheet[3], pitch).tolist()]
    return [_level(sheet, y + below) for y in baselines]


def _squared(sheet: _Sheet, layout: Layout, pitch: float, rng: np.random.Generator) -> _Lines:
    side = float(rng.uniform(*_SQUARE))
    left, top, right, bottom = sheet
    upright = [[(x, top), (x, bottom)] for x in np.arange(left, right, side).tolist()]
    return [_level(sheet, y) for y in np.arange(top, bottom, side).tolist()] + upright


def _dotted(sheet: _Sheet, layout: Layout, pitch: float, rng: np.random.Generator) -> _Lines:
    side = float(rng.uniform(*_SQUARE))
    left, top, right, bottom = sheet
    xs, ys = np.arange(left, right, side).tolist(), np.arange(top, bottom, side).tolist()
    return [[(x, y), (x + 0.02, y)] for y in ys for x in xs]


def _level(sheet: _Sheet, y: float) -> list[tuple[float, float]]:
    return [(sheet[0], y), (sheet[2], y)]


_RULES: Mapping[str, Callable[[_Sheet, Layout, float, np.random.Generator], _Lines]] = {
    "plain": _plain,
    "ruled": _ruled,
    "squared": _squared,
    "dotted": _dotted,
}


def _underlined(fields: list[Field]) -> _Lines:
    return [[(left, base + 0.2), (left + width, base + 0.2)] for left, base, width in fields]


def _boxed(fields: list[Field]) -> _Lines:
    return [line for field in fields for line in _box(field.left - 0.4, field.baseline, field.width + 0.8)]


def _combed(fields: list[Field]) -> _Lines:
    """Return boxes for single characters; the writing does not keep to them."""
    return [
        line
        for field in fields
        for x in np.arange(field.left - 0.2, field.left + field.width, _COMB).tolist()
        for line in _box(x, field.baseline, _COMB)
    ]


def _box(left: float, baseline: float, width: float) -> _Lines:
    top, bottom, right = baseline - _FIELD_ABOVE, baseline + _FIELD_BELOW, left + width
    corners = [(left, top), (right, top), (right, bottom), (left, bottom), (left, top)]
    return [[one, other] for one, other in pairwise(corners)]


_FIELDS: tuple[Callable[[list[Field]], _Lines], ...] = (lambda _: [], _underlined, _boxed, _combed)


def paper_colour(brightness: float, cast: float, rng: np.random.Generator) -> NDArray[np.float64]:
    """Return red, green and blue of blank paper, 0 to 1; `cast` is how far paper and light may be coloured."""
    tint = np.array(_TINTS[int(rng.integers(len(_TINTS)))])
    lamp = 1 - cast * rng.uniform(size=3)
    shade = 1 - (1 - tint) * min(1.0, 8 * cast)
    return np.asarray(brightness * shade * lamp)


def paper_grain(rng: np.random.Generator, size_px: tuple[int, int]) -> NDArray[np.float64]:
    """Return fibres of a few pixels and broad stains (H, W), with a standard deviation a little below 1."""
    return 0.6 * clouds(rng, size_px, cells=max(2, size_px[1] // 3)) + 0.5 * clouds(rng, size_px, cells=24)


def flow(pen: str, rng: np.random.Generator, size_px: tuple[int, int]) -> NDArray[np.float32]:
    """Return how much of its ink a pen gives where (H, W), at most 1; a pencil leaves the hollows of paper white."""
    if pen == "pencil":
        given = 1 - _PENCIL_GRAIN * np.abs(clouds(rng, size_px, cells=max(2, size_px[1] // 3)))
    else:
        given = 0.95 + 0.05 * clouds(rng, size_px, cells=120)
    return np.clip(given, 0, 1).astype(np.float32)
