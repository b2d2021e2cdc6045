from __future__ import annotations

from itertools import pairwise

import numpy as np
import pytest

from app.datasets import WrittenRow, batch_rows, draw_plainly, draw_row
from app.datasets.pens.hand import Hand, write_row
from app.datasets.rows.ink import PLAIN_ROWS
from app.vision import COLUMN_PX

TEXTS = ["A ROW", "B", "one more row", "7"]


@pytest.fixture(scope="module")
def rows() -> list[WrittenRow]:
    rng = np.random.default_rng(0)
    return [WrittenRow(text, [s.points for s in write_row(text, Hand(), rng, height_px=1.0)], "") for text in TEXTS]


def test_rows_are_drawn_plainly_whatever_comes_before_them(rows: list[WrittenRow]) -> None:
    drawn = dict(draw_plainly(rows))
    assert list(drawn) == TEXTS
    for text, strip in draw_plainly(rows[::-1]):
        np.testing.assert_array_equal(strip.pixels, drawn[text].pixels)
    expected = draw_row(rows[0].strokes, PLAIN_ROWS, np.random.default_rng(9))
    np.testing.assert_array_equal(drawn["A ROW"].pixels, expected.pixels)


def test_a_batch_says_where_each_row_is_and_what_it_says(rows: list[WrittenRow]) -> None:
    drawn = dict(draw_plainly(rows))
    batch = batch_rows(drawn.items(), gap=9)
    assert batch.texts == TEXTS
    assert batch.images.dtype == np.uint8
    for text, (lane, start, stop) in zip(batch.texts, batch.places, strict=True):
        image = batch.images[lane, :, start * COLUMN_PX : stop * COLUMN_PX]
        np.testing.assert_array_equal(image[:, : drawn[text].width], drawn[text].pixels)
        assert not image[:, drawn[text].width :].any()
    assert all(b.start - a.stop >= 9 for a, b in pairwise(sorted(batch.places)) if a.lane == b.lane)
