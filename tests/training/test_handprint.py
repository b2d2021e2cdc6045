from __future__ import annotations

import io
import json
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from app.datasets import unipen
from app.datasets.sample_page import Scene, draw_sample_page
from app.errors import Conflict, DatasetNotFound, InvalidInput
from app.ocr import Reader, ReadOptions, build_network
from app.store import ModelStore, Version
from app.training.handprint import GlyphData, load_glyph_data, publish_handprint, train_handprint
from app.training.loop import Run
from app.training.recipe import Phase
from tests.conftest import save_unipen, write_samples
from tests.training.conftest import TINY

CHARS = "0123456789ABO.l"
ONE_EPOCH = replace(TINY, epochs=1)


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A data folder of UNIPEN's form, small; every tenth label of either file is doubtful."""
    folder = tmp_path_factory.mktemp("unipen")
    for seed, (split, writers) in enumerate({"train": 8, "valid": 2}.items()):
        samples = write_samples(CHARS, writers, seed)
        doubt = np.where(np.arange(len(samples)) % 10 == 0, 9, 0).astype(np.int16)
        save_unipen(folder, split, replace(samples, doubt=doubt))
    return folder


@pytest.fixture(scope="module")
def data(folder: Path) -> GlyphData:
    return load_glyph_data(folder, ONE_EPOCH.max_doubt)


@pytest.fixture(scope="module")
def run(data: GlyphData, tmp_path_factory: pytest.TempPathFactory) -> Run:
    checkpoint = tmp_path_factory.mktemp("run") / "handprint.ckpt"
    return train_handprint(data, ONE_EPOCH, checkpoint=checkpoint, workers=0)


@pytest.fixture(scope="module")
def store(tmp_path_factory: pytest.TempPathFactory) -> ModelStore:
    return ModelStore(tmp_path_factory.mktemp("models"))


@pytest.fixture(scope="module")
def version(store: ModelStore, run: Run, data: GlyphData) -> Version:
    return publish_handprint(store, run, data)


def test_doubtful_labels_are_left_out_of_training_only(data: GlyphData) -> None:
    assert (len(data.train), len(data.valid)) == (108, 30)
    assert data.train.doubt.max() == 0
    assert data.valid_glyphs.shape == (30, 1, 32, 32)
    np.testing.assert_array_equal(np.array(list(data.alphabet.chars))[data.valid_classes], data.valid.labels)


def test_the_fingerprint_is_that_of_the_file_whatever_is_left_out(folder: Path, data: GlyphData) -> None:
    strict = load_glyph_data(folder, 1)

    assert strict.fingerprint == data.fingerprint == unipen.load_unipen(folder, "train").fingerprint()
    assert load_glyph_data(folder, 10).fingerprint == data.fingerprint


@pytest.mark.parametrize("missing", ["train", "valid"])
def test_a_missing_file_is_named(folder: Path, tmp_path: Path, missing: str) -> None:
    other = {"train": "valid", "valid": "train"}[missing]
    (tmp_path / f"chars_{other}.npz").write_bytes((folder / f"chars_{other}.npz").read_bytes())

    with pytest.raises(DatasetNotFound, match=f"chars_{missing}.npz"):
        load_glyph_data(tmp_path, 8)


def test_a_validation_label_that_training_lacks_is_refused(tmp_path: Path) -> None:
    save_unipen(tmp_path, "train", write_samples("AB", 1))
    save_unipen(tmp_path, "valid", write_samples("ABC", 1))

    with pytest.raises(InvalidInput, match="got 'C'"):
        load_glyph_data(tmp_path, 8)


def test_fewer_glyphs_than_a_batch_are_refused(data: GlyphData, tmp_path: Path) -> None:
    with pytest.raises(InvalidInput, match=r"1 to 108 .* got 128"):
        train_handprint(data, replace(ONE_EPOCH, batch_size=128), checkpoint=tmp_path / "run.ckpt", workers=0)


@pytest.mark.parametrize("finish", [None, Phase(1, 1e-3, TINY.augmentation, balance=0.5)], ids=["one", "two phases"])
def test_a_run_stopped_and_resumed_gives_the_same_weights(
    data: GlyphData, tmp_path: Path, finish: Phase | None
) -> None:
    recipe, checkpoint = replace(TINY, epochs=2 if finish is None else 1, finish=finish), tmp_path / "run.ckpt"
    whole = train_handprint(data, recipe, checkpoint=tmp_path / "whole.ckpt", workers=1)

    def stop(*_: object) -> None:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        train_handprint(data, recipe, checkpoint=checkpoint, workers=0, on_epoch=stop)
    resumed = train_handprint(data, recipe, checkpoint=checkpoint, workers=0, resume=True)

    np.testing.assert_equal(resumed.network.arrays(), whole.network.arrays())
    with pytest.raises(Conflict):
        train_handprint(data, replace(recipe, lr=1e-3), checkpoint=checkpoint, workers=0, resume=True)


def test_a_published_model_loads_as_a_reader_and_reads(store: ModelStore, version: Version, run: Run) -> None:
    stored = store.load("handprint", version.version)
    for name, array in run.network.arrays().items():
        np.testing.assert_array_equal(stored.arrays[name], array, strict=True)

    reader = Reader.from_card(stored.card, stored.arrays)

    file = io.BytesIO()
    scene = Scene(shade=0.0, grain=0.0)
    Image.fromarray(draw_sample_page(["A0 B1"], np.random.default_rng(0), size_px=(160, 480), scene=scene)).save(
        file, "PNG"
    )
    page = reader.read(file.getvalue(), ReadOptions(alphabet="AB"))
    assert page.text.strip()
    assert set(page.text) <= set("AB \n")


def test_publishing_moves_no_alias(store: ModelStore, version: Version) -> None:
    assert version.version in store.versions("handprint")
    assert store.aliases("handprint") == {}


def test_the_first_weights_are_published_for_the_picture_before_training(
    store: ModelStore, version: Version, run: Run
) -> None:
    initial = store.load_initial("handprint", version.version)

    assert list(initial) == ["conv1a.weight"]
    np.testing.assert_array_equal(initial["conv1a.weight"], run.initial["conv1a.weight"])
    assert not np.array_equal(initial["conv1a.weight"], run.network.params["conv1a.weight"])


def test_the_card_is_json_and_says_where_the_data_come_from(version: Version, data: GlyphData) -> None:
    card = json.loads(json.dumps(version.card, allow_nan=False))

    assert card == version.card
    assert card["data"]["licence"] == "CC BY 4.0"
    assert "Guyon" in card["data"]["attribution"]
    assert "Changed" in card["data"]["attribution"]  # CC BY wants changes to be told
    assert "doi.org" in card["data"]["source"]
    assert card["data"]["fingerprint"] == data.fingerprint
    assert card["data"]["train"] == {"glyphs": 108, "writers": 8}
    assert card["data"]["valid"] == {"glyphs": 30, "writers": 2}
    assert card["licence"] == "MIT"


def test_the_card_tells_how_to_build_and_repeat_the_model(version: Version, run: Run) -> None:
    card = version.card

    network = build_network(card["architecture"])
    assert {name: list(array.shape) for name, array in network.arrays().items()} == {
        name: about["shape"] for name, about in card["arrays"].items()
    }
    assert card["alphabet"] == "".join(sorted(CHARS))
    assert card["input"]["made_by"] == "normalise_glyph"
    assert card["seed"] == ONE_EPOCH.seed
    settings = card["hyper_parameters"]
    assert (settings["lr"], settings["epochs"], settings["batch_size"]) == (1e-2, 1, 24)
    assert settings["augmentation"]["capital_px"] == [16.0, 80.0]
    assert len(card["curves"]) == 1
    assert card["curves"][0]["valid_loss"] == run.history[0].valid_loss


def test_the_card_tells_how_good_the_model_is(version: Version, data: GlyphData, run: Run) -> None:
    card = version.card
    counts = np.array(card["confusion"]["counts"])

    assert card["confusion"]["split"] == "valid"
    assert counts.shape == (len(CHARS), len(CHARS))
    np.testing.assert_array_equal(counts.sum(axis=1), np.bincount(data.valid_classes))
    metrics = card["metrics"]["valid"]
    assert metrics["accuracy"] == pytest.approx(np.trace(counts) / 30)
    assert metrics["accuracy"] == pytest.approx(run.history[-1].valid_accuracy)
    assert (metrics["count"], metrics["count_36"]) == (30, 26)
    assert card["calibration"].keys() == {"temperature", "ece_before", "ece_after"}
    assert card["char_extents"].keys() == set(CHARS)
    top, bottom = card["char_extents"]["A"]
    assert (top, bottom) == pytest.approx((0.0, 1.0), abs=0.05)
