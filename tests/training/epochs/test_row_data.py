"""What a row recipe learns from."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from app.datasets import RowVariation
from app.datasets.sources import unipen
from app.errors import DatasetNotFound
from app.ocr import RECEPTIVE_COLUMNS
from app.training.epochs.row_data import ROW_ALPHABET, RowDataset, load_row_data
from app.training.epochs.row_loss import SpellRows
from app.training.recipes.row_recipe import RowData, RowPhase, RowRecipe
from app.vision import COLUMN_PX, STRIP_HEIGHT
from tests.conftest import save_unipen, save_writing, write_samples

ROWS_OF_EACH_KIND = 8
DATA = RowData("unipen")
WORDS = {"train": ["HELM", "TALE", "MOLE"], "valid": ["HOT", "ALE"]}
TEXTS = {"train": ["OTTO MET HAL", "TEN MEN"], "valid": ["THE LAMA"]}


@pytest.fixture(scope="module")
def few_rows() -> object:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("app.training.epochs.row_data._VALID_ROWS", ROWS_OF_EACH_KIND)
        yield


@pytest.fixture(scope="module")
def root(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A data root with UNIPEN's files, small."""
    root = tmp_path_factory.mktemp("data")
    (root / "unipen").mkdir()
    for seed, (split, writers) in enumerate({"train": 3, "valid": 1}.items()):
        save_unipen(root / "unipen", split, write_samples("AEHLMNOT12", writers, seed))
        save_writing(root / "unipen", "words", split, WORDS[split], seed=seed)
        save_writing(root / "unipen", "texts", split, TEXTS[split], seed=seed)
    return root


@pytest.fixture(scope="module")
def data(root: Path, few_rows: object) -> RowDataset:
    return load_row_data(DATA, root)


def test_rows_of_every_kind_by_other_writers_are_measured(data: RowDataset) -> None:
    assert list(data.valid) == ["chars", "words", "texts"]
    assert len(data.valid["chars"].texts) == ROWS_OF_EACH_KIND
    assert sorted(data.valid["words"].texts) == sorted(WORDS["valid"])  # one by one, each once
    assert data.valid["texts"].texts == TEXTS["valid"]


def test_training_rows_are_of_every_kind_by_the_writers_of_training(data: RowDataset) -> None:
    texts = {data.train.write(np.random.default_rng(seed)).text for seed in range(60)}
    assert set(TEXTS["train"]) <= texts
    assert any(word in text.split() for text in texts for word in WORDS["train"])
    assert any(set(text) & {"1", "2"} for text in texts)
    assert not texts & set(TEXTS["valid"])


def test_validation_rows_are_the_same_each_time(root: Path, data: RowDataset) -> None:
    again = load_row_data(DATA, root)
    for kind, batch in data.valid.items():
        np.testing.assert_array_equal(again.valid[kind].images, batch.images)
        assert again.valid[kind].texts == batch.texts


def test_measured_rows_lie_so_far_apart_that_they_do_not_see_each_other(data: RowDataset) -> None:
    for batch in data.valid.values():
        width = batch.images.shape[2] // COLUMN_PX
        for place in batch.places:
            others = [other for other in batch.places if other.lane == place.lane and other != place]
            assert place.start >= RECEPTIVE_COLUMNS
            assert place.stop <= width - RECEPTIVE_COLUMNS
            for other in others:
                assert max(place.start - other.stop, other.start - place.stop) >= RECEPTIVE_COLUMNS


def test_rows_too_narrow_for_their_text_are_not_measured(root: Path, tmp_path: Path, few_rows: object) -> None:
    for file in (root / "unipen").iterdir():
        (tmp_path / file.name).write_bytes(file.read_bytes())
    save_writing(tmp_path, "words", "valid", ["HOT", "|" * 20])
    data = load_row_data(RowData(str(tmp_path)), tmp_path)
    assert data.valid["words"].texts == ["HOT"]
    objective = SpellRows(data.alphabet)
    for images, truth in data.validation(objective, 1):
        logits = np.zeros((len(images), images.shape[3] // COLUMN_PX, objective.classes), np.float32)
        assert np.isfinite(objective.valid_loss(logits, truth))


@pytest.mark.parametrize("shards", [1, 2, 5])
def test_validation_comes_in_parts_that_hold_every_row_once(data: RowDataset, shards: int) -> None:
    parts = data.validation(SpellRows(data.alphabet), shards)
    rows = sum(len(batch.texts) for batch in data.valid.values())
    assert sum(len(truth.places) for _, truth in parts) == rows
    assert sum(len(images) for images, _ in parts) == sum(len(batch.images) for batch in data.valid.values())
    assert {images.shape[1:3] for images, _ in parts} == {(1, STRIP_HEIGHT)}


def test_the_alphabet_is_printable_ascii_with_the_space_first(data: RowDataset) -> None:
    assert data.alphabet is ROW_ALPHABET
    assert sorted(data.alphabet.chars) == [chr(code) for code in range(32, 127)]
    assert data.alphabet.chars[0] == " "


def test_the_card_tells_where_the_data_come_from(root: Path, data: RowDataset) -> None:
    assert data.source["name"] == "unipen"
    assert data.source["licence"] == unipen.LICENCE


def test_the_fingerprint_tells_words_and_rows_apart_as_well(root: Path, data: RowDataset, tmp_path: Path) -> None:
    for file in (root / "unipen").iterdir():
        (tmp_path / file.name).write_bytes(file.read_bytes())
    assert load_row_data(RowData(str(tmp_path)), tmp_path).fingerprint == data.fingerprint
    arrays = dict(np.load(tmp_path / "texts_train.npz"))
    arrays["points"][-1] += 1
    np.savez(tmp_path / "texts_train.npz", **arrays)
    assert load_row_data(RowData(str(tmp_path)), tmp_path).fingerprint != data.fingerprint


def test_without_words_rows_are_composed_from_characters_alone(root: Path, tmp_path: Path, few_rows: object) -> None:
    for split in ("train", "valid"):
        (tmp_path / f"chars_{split}.npz").write_bytes((root / "unipen" / f"chars_{split}.npz").read_bytes())
    data = load_row_data(RowData(str(tmp_path)), tmp_path)
    assert list(data.valid) == ["chars"]
    assert len(data.train.writers) == 1


def test_the_stream_is_what_the_recipe_says(data: RowDataset) -> None:
    recipe = RowRecipe(
        model="tiny",
        description="",
        network={},
        data=RowData("unipen", photographed=0.0),
        phases=(RowPhase(epochs=1, lr=1e-3, variation=RowVariation(capital_px=(20.0, 30.0))),),
        lanes=2,
        columns=70,
        batches=3,
        seed=4,
    )
    with data.stream(recipe, recipe.phases[0], 0) as stream:
        batches = list(stream.epoch(0))
    assert stream.batches_per_epoch == len(batches) == 3
    assert stream.seed == 4
    assert {batch.images.shape for batch in batches} == {(2, STRIP_HEIGHT, 70 * COLUMN_PX)}


def test_missing_files_are_named(tmp_path: Path) -> None:
    with pytest.raises(DatasetNotFound, match="unipen is not in"):
        load_row_data(DATA, tmp_path)


def test_others_write_the_share_of_rows_that_is_asked_for(root: Path, tmp_path: Path, few_rows: object) -> None:
    save_unipen(tmp_path, "train", write_samples("XYZVW", 2))
    data = load_row_data(RowData("unipen", also=(str(tmp_path),), also_share=0.3), root)
    texts = [data.train.write(np.random.default_rng(seed)).text for seed in range(400)]
    share = np.mean([set(text) <= set("XYZVW ") for text in texts])
    assert 0.2 < share < 0.4


def test_the_source_names_all_that_is_trained_on(root: Path, few_rows: object) -> None:
    alone, with_another = (load_row_data(RowData("unipen", also=also), root).source for also in ((), ("synthetic",)))
    assert [other["name"] for other in with_another.pop("also")] == ["synthetic"]
    assert with_another == alone
