"""Batches of rows laid into lanes, with their texts."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from app.datasets.rows.ink import PLAIN_ROWS, draw_row
from app.datasets.rows.shapes import WrittenRow
from app.vision import Place, Strip, pack_strips

_COLUMNS = 600  # at least, in a lane


class RowBatch(NamedTuple):
    """Lanes (N, STRIP_HEIGHT, W) uint8, the places of rows in them, their texts, and which of them were corrected."""

    images: NDArray[np.uint8]
    places: list[Place]
    texts: list[str]
    taught: frozenset[int] = frozenset()


def draw_plainly(rows: Iterable[WrittenRow]) -> Iterator[tuple[str, Strip]]:
    """Draw rows without variation, each always the same: (text, strip)."""
    for row in rows:
        yield row.text, draw_row(row.strokes, PLAIN_ROWS, np.random.default_rng(0))


def batch_rows(rows: Iterable[tuple[str, Strip]], gap: int) -> RowBatch:
    """Lay rows, at least one, into one batch, `gap` columns apart."""
    texts, strips = zip(*rows, strict=True)
    images, places = pack_strips(strips, gap, _COLUMNS)
    return RowBatch(images, places, [*texts])
