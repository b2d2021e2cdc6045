from __future__ import annotations

import io
import json

import msgspec
import numpy as np
import pytest
from PIL import Image

from app.datasets.pages.sample_page import Scene, draw_sample_page
from app.ocr import Reader, ReadOptions, build_network
from app.store import ModelStore, Version
from app.training.epochs.glyph_data import GlyphDataset
from app.training.epochs.run import Run
from app.training.epochs.train import train_recipe
from app.training.publishing.publish import publish_run
from app.training.recipes.recipe import GlyphRecipe
from tests.training.conftest import CHARS, phased

ONE_EPOCH = phased(epochs=1)


@pytest.fixture(scope="module")
def run(data: GlyphDataset) -> Run:
    return train_recipe(data, ONE_EPOCH, workers=0)


@pytest.fixture(scope="module")
def store(tmp_path_factory: pytest.TempPathFactory) -> ModelStore:
    return ModelStore(tmp_path_factory.mktemp("models"))


@pytest.fixture(scope="module")
def version(store: ModelStore, run: Run, data: GlyphDataset) -> Version:
    return publish_run(store, run, data)


def test_a_published_model_loads_as_a_reader_and_reads(store: ModelStore, version: Version, run: Run) -> None:
    stored = store.load("tiny", version.version)
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
    assert version.version in store.versions("tiny")
    assert store.aliases("tiny") == {}


def test_the_first_weights_are_published_for_the_picture_before_training(
    store: ModelStore, version: Version, run: Run
) -> None:
    initial = store.load_initial("tiny", version.version)

    assert list(initial) == ["conv1a.weight"]
    np.testing.assert_array_equal(initial["conv1a.weight"], run.initial["conv1a.weight"])
    assert not np.array_equal(initial["conv1a.weight"], run.network.params["conv1a.weight"])


def test_the_card_is_json_and_says_where_the_data_come_from(version: Version, data: GlyphDataset) -> None:
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
    assert msgspec.convert(settings, GlyphRecipe) == ONE_EPOCH
    assert settings["phases"][0]["augmentation"]["capital_px"] == [16.0, 80.0]
    assert len(card["curves"]) == 1
    assert card["curves"][0]["valid_loss"] == run.history[0].valid_loss


def test_the_card_tells_how_good_the_model_is(version: Version, data: GlyphDataset, run: Run) -> None:
    card = version.card
    counts = np.array(card["confusion"]["counts"])

    assert card["confusion"]["split"] == "valid"
    assert counts.shape == (len(CHARS), len(CHARS))
    np.testing.assert_array_equal(counts.sum(axis=1), np.bincount(data.valid_classes))
    metrics = card["metrics"]["valid"]
    assert metrics["accuracy"] == pytest.approx(np.trace(counts) / 30)
    assert metrics["accuracy"] == pytest.approx(run.history[-1].valid_accuracy)
    assert (metrics["count"], metrics["count_36"]) == (30, 26)
    assert card["calibration"].keys() == {"temperature", "ece_before", "ece_after", "ece_cross_fitted"}
    assert card["char_extents"].keys() == set(CHARS)
    top, bottom = card["char_extents"]["A"]
    assert (top, bottom) == pytest.approx((0.0, 1.0), abs=0.05)
