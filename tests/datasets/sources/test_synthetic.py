from __future__ import annotations

from dataclasses import fields

import numpy as np
import pytest

from app.config import Settings
from app.datasets import StrokeSet, load_synthetic, plain_glyphs, render_glyphs, synthesise
from app.errors import InvalidInput
from app.ocr import Reader
from app.store import ModelStore

PRINTABLE = "".join(map(chr, range(33, 127)))
# What a glyph alone cannot tell apart, written as one of them; case goes the same way.
SHAPES = str.maketrans("0o1l|", "OOIII")


@pytest.fixture(scope="module")
def valid() -> StrokeSet:
    return load_synthetic("valid")


def _size_of(samples: StrokeSet, chars: str) -> float:
    return float(np.median(samples.relative_size[np.isin(samples.labels, list(chars))]))


def test_every_character_is_there_as_often_as_asked(valid):
    assert valid.alphabet == PRINTABLE
    assert set(np.unique(valid.labels, return_counts=True)[1]) == {10}


def test_a_seed_gives_the_same_samples_and_another_seed_others():
    once, again, other = (synthesise("AB1,", 3, 4, seed) for seed in (1, 1, 2))

    for field in fields(StrokeSet):
        np.testing.assert_array_equal(getattr(once, field.name), getattr(again, field.name), strict=True)
    assert not np.array_equal(once.points[:50], other.points[:50])


def test_whoever_asks_for_a_split_shares_it_and_cannot_change_it(valid):
    assert load_synthetic("valid") is valid
    for field in fields(StrokeSet):
        with pytest.raises(ValueError, match="read-only"):
            getattr(valid, field.name)[0] = 0


def test_splits_share_no_writer(valid):
    writers = [set(samples.writers) for samples in (load_synthetic("train"), valid, load_synthetic("test"))]

    assert [len(people) for people in writers] == [40, 10, 10]
    assert not writers[0] & writers[1] | writers[0] & writers[2] | writers[1] & writers[2]


@pytest.mark.parametrize("per_class", [1, 5, 12])
def test_the_work_is_shared_evenly_among_the_writers(per_class):
    samples = synthesise("ABCD", 4, per_class, 0)

    assert set(np.unique(samples.writers, return_counts=True)[1]) == {per_class}


def test_sizes_are_those_of_the_classes(valid):
    assert _size_of(valid, "ABDEHKR0358") == pytest.approx(1.0, abs=0.1)
    assert 0.45 < _size_of(valid, "aceou") < 0.75
    assert _size_of(valid, "gjpy") > 0.8
    assert _size_of(valid, ".") < 0.1 < _size_of(valid, ",'") < 0.45


def test_writers_differ_more_than_one_writer_from_himself():
    samples = synthesise("A", 12, 24, 0)
    glyphs = render_glyphs(samples, np.arange(24), None, np.random.default_rng(0)).reshape(24, -1)

    apart = np.linalg.norm(glyphs[:, None] - glyphs, axis=2)
    same = (samples.writers[:, None] == samples.writers) & ~np.eye(24, dtype=bool)
    assert apart[same].mean() < 0.85 * apart[~same & ~np.eye(24, dtype=bool)].mean()


def test_people_write_a_character_in_different_ways():
    sevens = synthesise("7", 40, 40, 0)

    barred = np.diff(sevens.stroke_ptr) == 2
    assert 0.05 < barred.mean() < 0.5


def test_the_shipped_model_reads_what_they_write(valid):
    """A model of real hands names imagined ones."""
    model = ModelStore(Settings.model_fields["model_store"].default).load("handprint")
    reader = Reader.from_card(model.card, model.arrays)
    plain = valid.select(np.isin(valid.labels, list(PRINTABLE[15:25] + PRINTABLE[32:58])))

    logits = reader.glyphs.network.predict(plain_glyphs(plain))

    read = [reader.alphabet.chars[best].translate(SHAPES).upper() for best in logits.argmax(axis=1)]
    right = np.array(read) == [label.translate(SHAPES).upper() for label in plain.labels]
    assert len(right) == 360
    assert right.mean() > 0.9


@pytest.mark.parametrize(
    "alphabet, writers, per_class", [("", 1, 1), ("A", 0, 1), ("A", 1, 0)], ids=["characters", "writers", "samples"]
)
def test_nothing_to_write_is_refused(alphabet, writers, per_class):
    with pytest.raises(InvalidInput, match="expected characters, writers and samples"):
        synthesise(alphabet, writers, per_class, 0)


def test_a_character_the_font_lacks_is_refused():
    with pytest.raises(InvalidInput, match="the pen font has no 'é'"):
        synthesise("Aé", 1, 1, 0)
