"""Rows on paper, photographed, and found again."""

from __future__ import annotations

import numpy as np
import pytest
from PIL import Image

from app.datasets import RowVariation, WrittenRow, draw_row
from app.datasets.pens.hand import Hand, write_row
from app.datasets.rows.ink import PLAIN_ROWS
from app.datasets.rows.page import photograph_rows
from app.vision import STRIP_HEIGHT, Strip

TEXTS = ["HELLO WORLD", "Inkrow reads", "27 PIECES", "my vow, 1723"]


@pytest.fixture(scope="module")
def rows() -> list[WrittenRow]:
    rng, hand = np.random.default_rng(0), Hand(letter_gap=0.1)
    return [WrittenRow(text, [s.points for s in write_row(text, hand, rng, height_px=1.0)], "") for text in TEXTS]


@pytest.fixture(scope="module")
def photographs(rows: list[WrittenRow]) -> list[list[tuple[str, Strip]]]:
    return [photograph_rows(rows, PLAIN_ROWS, np.random.default_rng(seed)) for seed in range(6)]


def test_what_is_written_plainly_is_found_again_with_its_text(photographs: list[list[tuple[str, Strip]]]) -> None:
    for found in photographs:
        texts = [text for text, _ in found]
        assert texts == [text for text in TEXTS if text in texts]  # in order, none of them twice
    assert sum(map(len, photographs)) >= 0.85 * len(TEXTS) * len(photographs)


def test_each_strip_shows_the_row_that_its_text_says(
    rows: list[WrittenRow], photographs: list[list[tuple[str, Strip]]]
) -> None:
    size = 300, STRIP_HEIGHT
    drawn = {row.text: draw_row(row.strokes, PLAIN_ROWS, np.random.default_rng(0)) for row in rows}

    def likeness(one: Strip, other: Strip) -> float:
        a, b = (np.asarray(Image.fromarray(strip.pixels).resize(size)).ravel() for strip in (one, other))
        return float(np.corrcoef(a, b)[0, 1])

    for text, strip in (pair for found in photographs for pair in found):
        assert strip.width == pytest.approx(drawn[text].width, rel=0.15)
        assert max(drawn, key=lambda other: likeness(strip, drawn[other])) == text


def test_the_same_seed_gives_the_same_photograph(rows: list[WrittenRow]) -> None:
    one, same, other = (photograph_rows(rows, RowVariation(), np.random.default_rng(seed)) for seed in (1, 1, 2))
    assert [text for text, _ in one] == [text for text, _ in same]
    for (_, strip), (_, again) in zip(one, same, strict=True):
        np.testing.assert_array_equal(strip.pixels, again.pixels)
    assert {strip.pixels.tobytes() for _, strip in one}.isdisjoint(strip.pixels.tobytes() for _, strip in other)


@pytest.mark.parametrize("seed", range(3))
def test_a_row_that_is_not_found_as_it_was_written_is_left_out(rows: list[WrittenRow], seed: int) -> None:
    """Every second stroke of one stands a row lower."""
    leaping = [stroke + np.float32([0, 1.6 * (number % 2)]) for number, stroke in enumerate(rows[0].strokes)]
    page = [rows[1], WrittenRow("LEAPING", leaping, ""), rows[2]]
    found = [text for text, _ in photograph_rows(page, PLAIN_ROWS, np.random.default_rng(seed))]
    assert found[0] == TEXTS[1]
    assert "LEAPING" not in found


def test_a_row_alone_and_one_that_is_very_long_fit_on_the_page(rows: list[WrittenRow]) -> None:
    strokes = [np.array([[x, 0.0], [x + 0.3, 1.0]], np.float32) for x in 0.8 * np.arange(120)]
    for row in (rows[0], WrittenRow("/" * 120, strokes, "")):
        found = photograph_rows([row], PLAIN_ROWS, np.random.default_rng(3))
        assert [text for text, _ in found] == [row.text]
