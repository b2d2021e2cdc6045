"""Training batches of rows."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, replace

import numpy as np
import pytest
from numpy.typing import NDArray

from app.datasets import Composed, RowBatch, RowSource, RowStream, RowVariation, RowVariety, StrokeSet, WrittenRow
from app.datasets.rows.ink import PLAIN_ROWS
from app.datasets.rows.page import photograph_rows
from app.datasets.rows.stream import GAP_COLUMNS, columns_needed, draw_batch
from app.nn import columns_needed as columns_needed_of_ctc
from app.vision import COLUMN_PX, STRIP_HEIGHT, Strip

VARIETY = RowVariety(RowVariation(), photographed=0.2, lanes=3, columns=90)


@dataclass(frozen=True)
class Bars:
    """Writes a text as upright bars of a capital's height, each of them an em behind the other."""

    text: str
    bars: int = 3

    def write(self, rng: np.random.Generator) -> WrittenRow:
        """Always the same."""
        return WrittenRow(self.text, [np.array([[x, 0.0], [x, 1.0]], np.float32) for x in range(self.bars)], "")


@pytest.fixture(scope="module")
def source(pen_samples: StrokeSet) -> RowSource:
    return RowSource([Composed(pen_samples, ["BAA"])], [1.0])


def _stream(source: RowSource, *, seed: int = 5, workers: int = 0) -> RowStream:
    return RowStream(source, VARIETY, batches_per_epoch=2, seed=seed, workers=workers)


def _bytes(batch: RowBatch) -> tuple[bytes, list[tuple[int, int, int]], list[str]]:
    return batch.images.tobytes(), [tuple(place) for place in batch.places], batch.texts


@pytest.fixture(scope="module")
def drawn_here(source: RowSource) -> list[RowBatch]:
    """The first two epochs, drawn without workers."""
    with _stream(source) as stream:
        return [batch for epoch in range(2) for batch in stream.epoch(epoch)]


def test_batches_do_not_depend_on_the_number_of_workers(source: RowSource, drawn_here: list[RowBatch]) -> None:
    with _stream(source, workers=1) as stream:
        drawn = [batch for epoch in range(2) for batch in stream.epoch(epoch)]
    assert [_bytes(batch) for batch in drawn] == [_bytes(batch) for batch in drawn_here]


def test_an_epoch_can_be_drawn_without_those_before_it(source: RowSource, drawn_here: list[RowBatch]) -> None:
    stream = _stream(source)
    assert [_bytes(batch) for batch in stream.epoch(1)] == [_bytes(batch) for batch in drawn_here[2:]]


def test_batches_and_epochs_and_seeds_differ(source: RowSource, drawn_here: list[RowBatch]) -> None:
    others = [*drawn_here, *_stream(source, seed=6).epoch(0)]
    assert len({batch.images.tobytes() for batch in others}) == 6


def test_a_batch_has_the_lanes_asked_for_and_places_within_them(drawn_here: list[RowBatch]) -> None:
    for batch in drawn_here:
        assert batch.images.shape == (VARIETY.lanes, STRIP_HEIGHT, VARIETY.columns * COLUMN_PX)
        assert batch.images.dtype == np.uint8
        assert len(batch.places) == len(batch.texts)
        for lane, start, stop in batch.places:
            assert 0 <= lane < VARIETY.lanes
            assert GAP_COLUMNS <= start < stop <= VARIETY.columns - GAP_COLUMNS
            assert batch.images[lane, :, start * COLUMN_PX : stop * COLUMN_PX].any()


def test_a_text_never_needs_more_columns_than_its_strip_has(drawn_here: list[RowBatch]) -> None:
    for batch in drawn_here:
        for text, place in zip(batch.texts, batch.places, strict=True):
            assert columns_needed(text) <= place.stop - place.start


def test_a_strip_that_is_too_narrow_for_its_text_is_left_out() -> None:
    source = RowSource([Bars("i" * 40), Bars("iii")], [1.0, 1.0])
    batch = draw_batch(source, replace(VARIETY, photographed=0.0), (1,))
    assert set(batch.texts) == {"iii"}


def test_lanes_are_filled_until_hardly_a_row_fits() -> None:
    variety = RowVariety(PLAIN_ROWS, photographed=0.0, lanes=3, columns=90)
    batch = draw_batch(RowSource([Bars("iii")], [1.0]), variety, (1,))
    used = Counter(place.lane for place in batch.places)
    columns = batch.places[0].stop - batch.places[0].start
    most = (variety.columns - GAP_COLUMNS) // (columns + GAP_COLUMNS)
    assert used == dict.fromkeys(range(3), most)


def test_rows_that_fit_no_lane_give_an_empty_batch() -> None:
    batch = draw_batch(RowSource([Bars("iii", bars=30)], [1.0]), replace(VARIETY, photographed=0.0), (1,))
    assert batch.places == batch.texts == []
    assert not batch.images.any()


@pytest.mark.parametrize("photographed", [0.0, 1.0])
def test_rows_are_drawn_alone_or_found_on_photographed_pages(
    source: RowSource, monkeypatch: pytest.MonkeyPatch, photographed: float
) -> None:
    pages: list[int] = []

    def spy(rows: list[WrittenRow], variation: RowVariation, rng: np.random.Generator) -> list[tuple[str, Strip]]:
        pages.append(len(rows))
        return photograph_rows(rows, variation, rng)

    monkeypatch.setattr("app.datasets.rows.stream.photograph_rows", spy)
    batch = draw_batch(source, replace(VARIETY, photographed=photographed), (2,))

    assert len(batch.texts) >= 3
    assert bool(pages) == bool(photographed)
    assert set(pages) <= {3, 4, 5, 6, 7}


def test_clutter_says_nothing(source: RowSource) -> None:
    batch = draw_batch(source, replace(VARIETY, clutter=1.0), (2,))
    assert len(batch.texts) >= 3
    assert set(batch.texts) == {""}
    for lane, start, stop in batch.places:
        assert batch.images[lane, :, start * COLUMN_PX : stop * COLUMN_PX].any()


def test_writers_write_their_shares() -> None:
    source = RowSource([Bars("a"), Bars("b"), Bars("c")], [3.0, 1.0, 0.0])
    counts = Counter(source.write(np.random.default_rng(seed)).text for seed in range(400))
    assert 0.7 < counts["a"] / 400 < 0.8
    assert counts["c"] == 0


@pytest.mark.parametrize("text", ["a", "hello", "aa", "aaa", "ab ba", "balloon  ", "1001"])
def test_columns_needed_are_those_that_the_loss_asks_for(text: str) -> None:
    codes: NDArray[np.int64] = np.array([[ord(char) for char in text]])
    assert [columns_needed(text)] == columns_needed_of_ctc(codes, np.array([len(text)])).tolist()


def test_taught_rows_come_varied_among_the_others_and_are_marked(source: RowSource) -> None:
    taught = [("II", Strip(np.full((STRIP_HEIGHT, 80), 255, np.uint8), 0, 1.0))]
    with RowStream(
        source, replace(VARIETY, lanes=8), batches_per_epoch=1, seed=5, workers=0, taught=taught, share=0.5
    ) as stream:
        [batch] = stream.epoch(0)

    marked = {number for number, text in enumerate(batch.texts) if text == "II"}
    assert marked == batch.taught
    assert 0.2 < len(marked) / len(batch.texts) < 0.8
    assert len({batch.places[number].stop - batch.places[number].start for number in marked}) > 1
