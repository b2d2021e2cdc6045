from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

from app.datasets import DATASETS, PLAIN, GlyphSet, StrokeSet, draw_glyph_set, load_samples
from app.datasets.sources import unipen36
from app.datasets.sources.unipen import load_unipen
from app.datasets.sources.unipen36 import CLASSES, MAX_DOUBT, PER_CLASS, load_unipen36
from app.datasets.splits import Split
from app.errors import DamagedDataset
from tests.conftest import save_unipen, skip_or_fail, write_samples

SPLITS: tuple[Split, ...] = ("train", "valid", "test")
FEW = {"train": 3, "valid": 2, "test": 1}


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Give a folder with two validation writers and five others, each of whom wrote every class once."""
    folder = tmp_path_factory.mktemp("unipen")
    save_unipen(folder, "valid", write_samples(CLASSES + "ab", writers=2, seed=1))
    save_unipen(folder, "train", write_samples(CLASSES + "ab", writers=5, seed=2))
    return folder


def _load(folder: Path) -> dict[str, GlyphSet]:
    return {split: load_unipen36(folder, split, per_class=FEW) for split in SPLITS}


def test_every_split_has_its_count_of_every_class_in_order(folder: Path) -> None:
    for split, glyphs in _load(folder).items():
        assert "".join(glyphs.labels) == "".join(label * FEW[split] for label in CLASSES)
        assert glyphs.images.shape == (36 * FEW[split], 32, 32)
        assert glyphs.images.dtype == np.uint8
        assert (glyphs.images.max(axis=(1, 2)) == 255).all()
        assert (glyphs.images[:, 0] == 0).all()


def test_no_writer_is_in_two_splits(folder: Path) -> None:
    writers = [set(glyphs.writers) for glyphs in _load(folder).values()]

    assert [len(group) for group in writers] == [4, 2, 1]  # training draws on all who are left
    assert len(set.union(*writers)) == 7


def test_validation_writers_are_never_trained_on(folder: Path) -> None:
    assert not set(_load(folder)["train"].writers) & set(load_unipen(folder, "valid").writers)


def test_the_same_files_give_the_same_glyphs(folder: Path) -> None:
    for split in SPLITS:
        first, second = (load_unipen36(folder, split, per_class=FEW) for _ in range(2))
        assert first.fingerprint() == second.fingerprint()


def test_a_glyph_carries_the_label_and_the_writer_of_its_strokes(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(unipen36, "_DRAWING", PLAIN)  # so that all drawings are found again among those of both files
    found = {
        image.tobytes(): owner
        for split in ("train", "valid")
        for image, owner in _each(draw_glyph_set(load_samples(str(folder), split, folder)))
    }

    for glyphs in _load(folder).values():
        for image, owner in _each(glyphs):
            assert found[image.tobytes()] == owner


def _each(glyphs: GlyphSet) -> Iterator[tuple[NDArray[np.uint8], tuple[str, str]]]:
    return zip(glyphs.images, zip(glyphs.labels, glyphs.writers, strict=True), strict=True)


def test_a_writer_gives_a_second_glyph_only_after_everyone_gave_one(tmp_path: Path) -> None:
    save_unipen(tmp_path, "valid", write_samples(CLASSES, writers=3, seed=1))
    many = write_samples(CLASSES, writers=8, seed=2)
    loud = np.unique(many.writers)[:6]
    many.writers[np.isin(many.writers, loud)] = loud[0]  # one writer of six glyphs a class beside two of one
    save_unipen(tmp_path, "train", many)

    glyphs = load_unipen36(tmp_path, "train", per_class={"train": 4, "valid": 2, "test": 1})

    for label in CLASSES:
        assert sorted(np.unique(glyphs.writers[glyphs.labels == label], return_counts=True)[1]) == [1, 1, 2]


def test_doubtful_labels_are_left_out(tmp_path: Path) -> None:
    sources = {"valid": write_samples(CLASSES, writers=3, seed=1), "train": write_samples(CLASSES, writers=5, seed=2)}
    doubtful = np.unique(sources["train"].writers)[0]
    sources["train"].doubt[sources["train"].writers == doubtful] = MAX_DOUBT
    for split, samples in sources.items():
        save_unipen(tmp_path, split, samples)

    assert doubtful not in np.concatenate([glyphs.writers for glyphs in _load(tmp_path).values()])


@pytest.mark.parametrize("short", ["too few writers", "a class is missing"])
def test_too_few_glyphs_are_refused(tmp_path: Path, short: str) -> None:
    chars = CLASSES if short == "too few writers" else CLASSES[:-1]
    save_unipen(tmp_path, "valid", write_samples(chars, writers=2, seed=1))
    save_unipen(tmp_path, "train", write_samples(chars, writers=3 if short == "too few writers" else 6, seed=2))

    with pytest.raises(DamagedDataset, match="too few") as caught:
        load_unipen36(tmp_path, "valid", per_class=FEW)
    assert str(tmp_path) in caught.value.detail


def test_the_catalogue_knows_it_beside_the_characters_it_is_cut_out_of(tmp_path: Path, pen_samples: StrokeSet) -> None:
    assert DATASETS["unipen36"].classes == CLASSES
    (tmp_path / "unipen").mkdir()
    save_unipen(tmp_path / "unipen", "valid", pen_samples)
    save_unipen(tmp_path / "unipen", "train", pen_samples)

    with pytest.raises(DamagedDataset, match="too few"):
        load_samples("unipen36", "test", tmp_path)


def test_it_can_be_cut_out_of_unipen_as_it_was_published(tmp_path: Path) -> None:
    raw = {"valid": write_samples(CLASSES, writers=2, seed=1), "train": write_samples(CLASSES, writers=5, seed=2)}

    glyphs = load_unipen36(tmp_path, "train", read=lambda _, split: raw[split], per_class=FEW)

    assert len(glyphs) == 36 * FEW["train"]
    (tmp_path / "unipen/data/1b").mkdir(parents=True)
    with pytest.raises(DamagedDataset, match="expected characters of the split valid"):
        load_samples("unipen36", "test", tmp_path)


def test_the_real_files_give_what_the_description_says(shared_dir: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    if not (shared_dir / "data" / "unipen").is_dir():
        skip_or_fail(f"there are no UNIPEN characters at {shared_dir / 'data' / 'unipen'}")

    glyphs = {"test": load_samples("unipen36", "test", shared_dir / "data")}
    # What is looked at is who wrote what: the 14,400 others need not be drawn.
    monkeypatch.setattr(unipen36, "render_glyphs", lambda _, which, *others: np.zeros((len(which), 1, 32, 32)))
    glyphs |= {split: load_samples("unipen36", split, shared_dir / "data") for split in ("train", "valid")}

    assert {split: len(found) for split, found in glyphs.items()} == {
        split: 36 * count for split, count in PER_CLASS.items()
    }
    writers = {split: set(found.writers) for split, found in glyphs.items()}
    assert sum(map(len, writers.values())) == len(set.union(*writers.values()))
    assert not writers["train"] & set(load_unipen(shared_dir / "data" / "unipen", "valid").writers)
