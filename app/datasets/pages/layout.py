"""Lay out a page: rows one below the other, cells in columns; lengths in em."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import accumulate
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from app.datasets.pages.text import TextRow
from app.datasets.pages.variation import Knobs
from app.datasets.pages.writers import PageWriter
from app.datasets.rows.shapes import Spacing, WrittenRow

Points = NDArray[np.floating]

_SPACED = (0.35, 0.9)  # white between letters that are spaced out
_GUTTER = (1.2, 3.0)  # white between columns
_STEP = (1.3, 2.6)  # from column to column of a grid, if its letters are not wider
_LEAST_WHITE = 0.3  # between the letters of a grid
_BELOW_HEADING = 0.4  # extra white
_INDENT = 0.1  # standard deviation of the left ends of rows
_SLOPE = 0.2  # standard deviation of a row's slope, relative to the unevenness of the page
_WAVE = (6.0, 20.0)  # length of a row's rise and fall


class SetRow(NamedTuple):
    """A row whose cells are written, but not yet placed on the page."""

    cells: Sequence[WrittenRow]
    indent: float = 0.0
    scale: float = 1.0


class PlacedRow(NamedTuple):
    """A row on the page."""

    text: str
    strokes: list[Points]
    """Each (points, 2) as x, y."""
    spans: list[tuple[int, int]]
    """For each stroke, which part of the text it writes."""


class Field(NamedTuple):
    """Where a value is filled in on a form."""

    left: float
    baseline: float
    width: float


@dataclass(frozen=True)
class Layout:
    """All that is written on a page: rows from top to bottom, their baselines, and the fields of a form."""

    rows: list[PlacedRow]
    baselines: list[float]
    fields: list[Field]

    @property
    def extent(self) -> NDArray[np.float64]:
        """The smallest rectangle around all strokes (2, 2): left and top, right and bottom."""
        points = np.concatenate([stroke for row in self.rows for stroke in row.strokes])
        return np.stack([points.min(axis=0), points.max(axis=0)])


def write_cells(
    kind: str, rows: Iterable[TextRow], writer: PageWriter, knobs: Knobs, rng: np.random.Generator
) -> list[SetRow]:
    """Let a writer write every cell of a page, with the same white between letters everywhere."""
    white = knobs.spacing + (float(rng.uniform(*_SPACED)) if kind == "spaced" else 0.0)
    # Strokes have no width yet, so the pen's is added. Where letters stand apart, words must stand apart farther.
    spacing = Spacing(white + knobs.pen, white + knobs.pen + knobs.word_space + max(0.0, white), wide=0.0)
    return [SetRow([writer.write(cell, spacing, rng) for cell in row.cells], row.indent, row.scale) for row in rows]


def lay_out(kind: str, rows: Sequence[SetRow], knobs: Knobs, rng: np.random.Generator) -> Layout:
    """Place every cell; the cells of a form, a table or a grid are aligned in columns."""
    widths = [[_width(cell) * row.scale for cell in row.cells] for row in rows]
    columns = _columns(kind, widths, rng)
    placed, baselines, fields = [], [], []
    baseline = 0.0
    for number, row in enumerate(rows):
        baseline += (knobs.pitch if number else 1.0) * row.scale
        indent = row.indent + abs(rng.normal(0, _INDENT))
        lefts = [indent + left for left in columns[: len(row.cells)]]
        placed.append(_place(row, lefts, baseline, knobs, rng))
        baselines.append(baseline)
        if kind == "form":
            fields += [Field(left, baseline, max(w[1] for w in widths if len(w) > 1)) for left in lefts[1:]]
        baseline += _BELOW_HEADING if row.scale > 1 else 0.0
    return Layout(placed, baselines, fields)


def _columns(kind: str, widths: Sequence[Sequence[float]], rng: np.random.Generator) -> list[float]:
    """Return where each column begins."""
    gutter, step = float(rng.uniform(*_GUTTER)), float(rng.uniform(*_STEP))
    most = max(map(len, widths))
    if kind == "grid":
        step = max(step, max(map(max, widths)) + _LEAST_WHITE)
        return [step * column for column in range(most)]
    widest = [max(row[column] for row in widths if len(row) > column) for column in range(most)]
    return [0.0, *accumulate(width + gutter for width in widest)]


def _place(row: SetRow, lefts: Sequence[float], baseline: float, knobs: Knobs, rng: np.random.Generator) -> PlacedRow:
    """Place the cells of a row, slanted and scaled, on a line that rises and falls."""
    lift, slope = knobs.unevenness * rng.standard_normal(2) * (1.0, _SLOPE)
    length, phase = rng.uniform(*_WAVE), rng.uniform(0, 2 * np.pi)
    slant = np.tan(np.radians(knobs.slant_deg))
    strokes: list[Points] = []
    spans: list[tuple[int, int]] = []
    text = ""
    for cell, left in zip(row.cells, lefts, strict=True):
        start = len(text) + (text != "")
        text = f"{text} {cell.text}".lstrip()
        spans += [(start + first, start + last) for first, last in cell.spans]
        corner = min(float(stroke[:, 0].min()) for stroke in cell.strokes)
        for stroke in cell.strokes:
            above = 1 - stroke[:, 1]
            x = left + (stroke[:, 0] - corner + slant * above) * row.scale
            wave = knobs.unevenness * np.sin(2 * np.pi * x / length + phase)
            strokes.append(np.stack([x, baseline - above * row.scale + lift + slope * x + wave], axis=1))
    return PlacedRow(text, strokes, spans)


def _width(cell: WrittenRow) -> float:
    return float(np.ptp(np.concatenate(cell.strokes)[:, 0]))
