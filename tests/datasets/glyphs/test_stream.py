from __future__ import annotations

from collections import Counter
from multiprocessing import active_children

import numpy as np
import pytest

from app.datasets import PLAIN, Augmentation, GlyphSet, GlyphStream, StrokeSet, plain_glyphs, render_glyphs
from app.errors import InvalidInput

SEED = 5


def _stream(samples: StrokeSet, *, batch_size: int = 32, seed: int = SEED, workers: int = 0) -> GlyphStream:
    return GlyphStream(samples, Augmentation(), batch_size=batch_size, seed=seed, workers=workers)


def _bytes(stream: GlyphStream, epoch: int) -> list[tuple[bytes, bytes]]:
    return [(glyphs.tobytes(), labels.tobytes()) for glyphs, labels in stream.epoch(epoch)]


@pytest.fixture(scope="module")
def drawn_here(pen_samples: StrokeSet) -> list[list[tuple[bytes, bytes]]]:
    """The first two epochs, drawn without workers."""
    with _stream(pen_samples) as stream:
        return [_bytes(stream, epoch) for epoch in range(2)]


@pytest.mark.parametrize("workers", [1, 2])
def test_batches_do_not_depend_on_the_number_of_workers(
    pen_samples: StrokeSet, drawn_here: list[list[tuple[bytes, bytes]]], workers: int
) -> None:
    with _stream(pen_samples, workers=workers) as stream:
        assert [_bytes(stream, epoch) for epoch in range(2)] == drawn_here
        assert len(active_children()) == workers


def test_an_epoch_can_be_drawn_without_those_before_it(
    pen_samples: StrokeSet, drawn_here: list[list[tuple[bytes, bytes]]]
) -> None:
    assert _bytes(_stream(pen_samples), 1) == drawn_here[1]


def test_batches_have_the_size_asked_and_the_rest_is_dropped(pen_samples: StrokeSet) -> None:
    stream = _stream(pen_samples, batch_size=50)

    shapes = [(glyphs.shape, labels.shape) for glyphs, labels in stream.epoch(0)]

    assert shapes == [((50, 1, 32, 32), (50,))] * 2
    assert stream.batches_per_epoch == 2


@pytest.mark.parametrize("batch_size", [1, 16, 50, 144])
def test_each_sample_comes_at_most_once_an_epoch(
    pen_samples: StrokeSet, monkeypatch: pytest.MonkeyPatch, batch_size: int
) -> None:
    drawn = Counter[int]()

    def spy(samples: StrokeSet, indices: np.ndarray, *_: object) -> np.ndarray:
        drawn.update(indices.tolist())
        return np.zeros((len(indices), 1, 1, 1), np.float32)

    monkeypatch.setattr("app.datasets.glyphs.stream.render_glyphs", spy)

    for glyphs, labels in _stream(pen_samples, batch_size=batch_size).epoch(0):
        assert len(glyphs) == len(labels) == batch_size

    assert set(drawn.values()) == {1}
    assert len(drawn) == 144 // batch_size * batch_size


def test_labels_belong_to_their_glyphs(pen_samples: StrokeSet, monkeypatch: pytest.MonkeyPatch) -> None:
    def number(samples: StrokeSet, indices: np.ndarray, *_: object) -> np.ndarray:
        return indices.astype(np.float32).reshape(-1, 1, 1, 1)

    monkeypatch.setattr("app.datasets.glyphs.stream.render_glyphs", number)

    for glyphs, labels in _stream(pen_samples).epoch(0):
        np.testing.assert_array_equal(labels, pen_samples.labels[glyphs.ravel().astype(int)])


def test_epochs_differ_in_order_and_in_drawing(pen_samples: StrokeSet) -> None:
    only_one = pen_samples.select(np.arange(len(pen_samples)) == 3)
    stream = _stream(pen_samples)

    first, second = (np.concatenate([labels for _, labels in stream.epoch(epoch)]) for epoch in range(2))
    drawings = {_bytes(_stream(only_one, batch_size=1), epoch)[0] for epoch in range(5)}

    assert not np.array_equal(first, second)
    assert len(drawings) == 5


def test_seeds_differ(pen_samples: StrokeSet, drawn_here: list[list[tuple[bytes, bytes]]]) -> None:
    assert _bytes(_stream(pen_samples, seed=SEED + 1), 0) != drawn_here[0]


@pytest.mark.parametrize("batch_size", [0, 145])
def test_a_batch_larger_than_the_data_is_refused(pen_samples: StrokeSet, batch_size: int) -> None:
    with pytest.raises(InvalidInput, match=f"1 to 144 .* got {batch_size}$"):
        _stream(pen_samples, batch_size=batch_size)


def test_a_balanced_stream_shows_rare_classes_and_writers_more_often(pen_samples):
    common = np.flatnonzero(pen_samples.labels != pen_samples.labels[0])
    few = np.flatnonzero(pen_samples.labels == pen_samples.labels[0])[:1]
    keep = np.zeros(len(pen_samples), bool)
    keep[np.concatenate([common, few])] = True
    samples = pen_samples.select(keep)

    def share_of_the_rare(balance):
        with GlyphStream(samples, PLAIN, batch_size=8, seed=0, workers=0, balance=balance) as stream:
            labels = np.concatenate([labels for epoch in range(6) for _, labels in stream.epoch(epoch)])
        return (labels == pen_samples.labels[0]).mean()

    assert share_of_the_rare(1.0) > 2 * share_of_the_rare(0.0)


def _as_images(samples: StrokeSet) -> GlyphSet:
    glyphs = plain_glyphs(samples)
    return GlyphSet((glyphs[:, 0] * 255).astype(np.uint8), samples.labels, samples.writers)


def test_images_stream_as_strokes_do_whatever_the_number_of_workers(pen_samples: StrokeSet) -> None:
    images = _as_images(pen_samples)

    def epochs(workers: int) -> list[list[tuple[bytes, bytes]]]:
        with GlyphStream(images, Augmentation(), batch_size=48, seed=SEED, workers=workers) as stream:
            return [_bytes(stream, epoch) for epoch in range(2)]

    drawn_here = epochs(0)
    assert epochs(1) == drawn_here
    assert drawn_here[0] != drawn_here[1]


@pytest.mark.parametrize("images", [False, True], ids=["strokes", "images"])
def test_without_augmentation_glyphs_are_drawn_once_and_only_shuffled(
    pen_samples: StrokeSet, monkeypatch: pytest.MonkeyPatch, images: bool
) -> None:
    samples = _as_images(pen_samples) if images else pen_samples
    plain = plain_glyphs(samples)
    calls = []

    def count(*arguments: object) -> np.ndarray:
        calls.append(arguments)
        return render_glyphs(*arguments)  # type: ignore[arg-type]

    monkeypatch.setattr("app.datasets.glyphs.stream.render_glyphs", count)
    with GlyphStream(samples, None, batch_size=36, seed=SEED, workers=2) as stream:
        epochs = [list(stream.epoch(epoch)) for epoch in range(3)]
        assert not active_children()

    assert len(calls) == 1
    orders = []
    for batches in epochs:
        labels, glyphs = (np.concatenate([batch[part] for batch in batches]) for part in (1, 0))
        assert sorted(labels) == sorted(samples.labels)
        assert sorted(glyph.tobytes() for glyph in glyphs) == sorted(glyph.tobytes() for glyph in plain)
        orders.append(labels.tobytes())
    assert len(set(orders)) == 3


def test_no_two_purposes_share_a_seed(pen_samples: StrokeSet, monkeypatch: pytest.MonkeyPatch) -> None:
    """NumPy pads seeds with zeros, so [5, 1] and [5, 1, 0] are one stream: seeds are compared without these."""
    seeds: list[tuple[int, ...]] = []
    default_rng = np.random.default_rng

    def spy(seed: list[int]) -> np.random.Generator:
        assert seed[-1] != 0
        seeds.append(tuple(seed))
        return default_rng(seed)

    monkeypatch.setattr("app.datasets.glyphs.stream.np.random.default_rng", spy)
    for epoch in range(2):
        list(_stream(pen_samples).epoch(epoch))

    assert len(seeds) == 2 * (1 + 4)
    assert len(set(seeds)) == len(seeds)
