"""Training batches of rows, which worker processes draw ahead of need."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import partial
from itertools import pairwise
from typing import Protocol

import numpy as np

from app.datasets.negatives.clutter import draw_clutter
from app.datasets.prefetch import Prefetcher
from app.datasets.rows.batch import RowBatch
from app.datasets.rows.ink import RowVariation, draw_row, vary_strip
from app.datasets.rows.page import photograph_rows
from app.datasets.rows.shapes import WrittenRow
from app.vision import Lanes, Place, Strip, find_strips

_DRAWING = 103  # the last number of each seed, see `app.datasets.glyphs.stream`
_ROWS_A_PAGE = (3, 7)  # on a photographed page; both included
_MISSES = 4  # a batch is full when so many strips, one after another, have fitted no lane
# Between rows in training. A network may see beyond it into the next row, just as it sees words that are far apart.
GAP_COLUMNS = 4


class Writer(Protocol):
    """Something that writes rows."""

    def write(self, rng: np.random.Generator) -> WrittenRow:
        """Write one row."""


@dataclass(frozen=True)
class RowSource:
    """Writers, and the share of all rows that each of them writes."""

    writers: Sequence[Writer]
    shares: Sequence[float]

    def write(self, rng: np.random.Generator) -> WrittenRow:
        """Let one of them write a row."""
        share = np.asarray(self.shares)
        return self.writers[int(rng.choice(len(share), p=share / share.sum()))].write(rng)


@dataclass(frozen=True)
class RowVariety:
    """How the rows of a batch vary, and how the batch is laid out.

    Attributes
    ----------
    variation : how far rows vary
    photographed : share of draws that are whole pages of several rows, photographed and segmented by `app.vision`
    lanes, columns : the size of a batch
    clutter : share of draws that are pictures without writing; what `app.vision` takes for rows there has no text
    """

    variation: RowVariation
    photographed: float
    lanes: int
    columns: int
    clutter: float = 0.0


class RowStream(Prefetcher[RowBatch]):
    """Endless epochs of rows, the same for a seed whatever the number of workers.

    A context manager: leaving it ends the workers.

    Parameters
    ----------
    source, variety : who writes the rows, and how they are drawn
    batches_per_epoch : how many batches `epoch` yields
    seed : of all random draws
    workers : processes; with 0, the caller draws
    taught : rows that somebody corrected, (text, strip); they are shown among the others, with variation
    share : of corrected ones among all rows, if there are any
    """

    def __init__(
        self,
        source: RowSource,
        variety: RowVariety,
        *,
        batches_per_epoch: int,
        seed: int,
        workers: int = 1,
        taught: Sequence[tuple[str, Strip]] = (),
        share: float = 0.0,
    ) -> None:
        draw = partial(draw_batch, taught=taught, share=share if taught else 0.0)
        super().__init__(draw, (source, variety), workers)
        self.batches_per_epoch = batches_per_epoch
        self.seed = seed

    def epoch(self, epoch: int) -> Iterator[RowBatch]:
        """Yield every batch of one epoch."""
        seeds = ((self.seed, epoch, batch, _DRAWING) for batch in range(self.batches_per_epoch))
        yield from self.results((seed,) for seed in seeds)


def draw_batch(
    source: RowSource,
    variety: RowVariety,
    seed: Sequence[int],
    *,
    taught: Sequence[tuple[str, Strip]] = (),
    share: float = 0.0,
) -> RowBatch:
    """Fill lanes with rows until hardly one more fits; parameters as of `RowStream`.

    Returns
    -------
    RowBatch
        Every strip has the columns that CTC needs for its text. If lanes are too short, there may be no row at all.
    """
    rng = np.random.default_rng(seed)
    lanes = Lanes(variety.lanes, variety.columns, GAP_COLUMNS)
    places: list[Place] = []
    texts: list[str] = []
    corrected: set[int] = set()
    misses = 0
    while misses < _MISSES:
        is_taught = bool(share) and rng.uniform() < share  # without a share, `rng` is left as it is
        drawn = [_vary(taught, variety, rng)] if is_taught else _draw(source, variety, rng)
        for text, strip in drawn:
            if strip.columns < columns_needed(text):
                continue
            place = lanes.add(strip)
            if place is None:
                misses += 1
            else:
                if is_taught:
                    corrected.add(len(places))
                places.append(place)
                texts.append(text)
                misses = 0
    return RowBatch(lanes.images, places, texts, frozenset(corrected))


def _vary(taught: Sequence[tuple[str, Strip]], variety: RowVariety, rng: np.random.Generator) -> tuple[str, Strip]:
    text, strip = taught[int(rng.integers(len(taught)))]
    return text, vary_strip(strip, variety.variation, rng)


def _draw(source: RowSource, variety: RowVariety, rng: np.random.Generator) -> list[tuple[str, Strip]]:
    chance = rng.uniform()
    if chance < variety.clutter:
        return [("", strip) for strip, _ in find_strips(draw_clutter(rng))]
    if chance < variety.clutter + variety.photographed:
        rows = [source.write(rng) for _ in range(rng.integers(*_ROWS_A_PAGE, endpoint=True))]
        return photograph_rows(rows, variety.variation, rng)
    row = source.write(rng)
    return [(row.text, draw_row(row.strokes, variety.variation, rng))]


def columns_needed(text: str) -> int:
    """Count the columns that CTC needs for a text: one for each character, and one between two equal ones."""
    return len(text) + sum(a == b for a, b in pairwise(text))
