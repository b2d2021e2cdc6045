"""`inkrow models mean`."""

from __future__ import annotations

import re

import numpy as np

from app.store import OWNED_KEYS, ModelStore
from tests.cli.commands.test_train import TRAIN


def test_the_mean_of_two_versions_is_published_and_its_card_says_so(inkrow, workplace):
    inkrow(*TRAIN, "--epochs", "1")
    inkrow(*TRAIN, "--start", "tiny/1", "--epochs", "1")
    store = ModelStore(workplace / "models")
    first, second = (store.load("tiny", number) for number in ("1", "2"))

    result = inkrow("models", "mean", "tiny/1", "tiny/2")

    assert result.exit_code == 0, result.output
    assert re.match(r"published tiny 3 sha256:", result.stdout)
    mean = store.load("tiny", "3")
    for name, array in mean.arrays.items():
        np.testing.assert_allclose(array, (first.arrays[name] + second.arrays[name]) / 2, rtol=1e-5, atol=1e-7)
    assert mean.card["mean_of"] == [
        {"model": f"tiny/{each.version}", "digest": each.digest} for each in (first, second)
    ]
    assert mean.card["curves"] == second.card["curves"]
    assert mean.card["metrics"].keys() == second.card["metrics"].keys()
    assert mean.card["calibration"] != second.card["calibration"]
    initial = store.load_initial("tiny", "2")
    for name, array in store.load_initial("tiny", "3").items():
        np.testing.assert_array_equal(array, initial[name])
    assert store.aliases("tiny") == {}


def test_one_version_has_no_mean(inkrow, workplace):
    inkrow(*TRAIN, "--epochs", "1")
    result = inkrow("models", "mean", "tiny/1")
    assert result.exit_code == 3
    assert "expected two versions or more" in result.output


def test_versions_of_different_networks_have_no_mean(inkrow, workplace):
    inkrow(*TRAIN, "--epochs", "1")
    store = ModelStore(workplace / "models")
    known = store.load("tiny", "1")
    own = {key: known.card[key] for key in ("architecture", "alphabet", "hyper_parameters")}
    store.publish("tiny", known.arrays, own | {"alphabet": own["alphabet"][::-1]})
    result = inkrow("models", "mean", "tiny/1", "tiny/2")
    assert result.exit_code == 3
    assert "tiny/1 and tiny/2 differ" in result.output


def test_versions_of_different_models_are_refused(inkrow, workplace):
    for wrong in (("tiny/1", "other/1"), ("tiny/1", "tiny")):
        result = inkrow("models", "mean", *wrong)
        assert result.exit_code == 2
        assert "expected versions of one model" in result.output


def test_a_mean_of_a_mean_names_its_own_parents(inkrow, workplace):
    for epochs in ("1", "2"):
        inkrow(*TRAIN, "--epochs", epochs)
    assert inkrow("models", "mean", "tiny/1", "tiny/2").exit_code == 0
    result = inkrow("models", "mean", "tiny/1", "tiny/3")
    assert result.exit_code == 0, result.output
    card = ModelStore(workplace / "models").card("tiny", "4")
    assert [each["model"] for each in card["mean_of"]] == ["tiny/1", "tiny/3"]


def test_versions_that_an_older_release_taught_have_a_mean(inkrow, workplace):
    inkrow(*TRAIN, "--epochs", "1")
    store = ModelStore(workplace / "models")
    known = store.load("tiny", "1")
    card = {key: value for key, value in known.card.items() if key not in OWNED_KEYS}
    card["hyper_parameters"] = {**card["hyper_parameters"], "lessons": {"share": 0.25, "labels": 0.0, "doubt": 0.2}}
    store.publish("tiny", known.arrays, card)
    result = inkrow("models", "mean", "tiny/1", "tiny/2")
    assert result.exit_code == 0, result.output


def test_what_no_recipe_trained_has_no_mean(inkrow, workplace):
    store = ModelStore(workplace / "models")
    for _ in range(2):
        store.publish("curves", {"a": np.zeros(3, np.float32)}, {"description": "no network"})
    result = inkrow("models", "mean", "curves/1", "curves/2")
    assert result.exit_code == 3
    assert "curves/1 is none" in result.output


def test_data_with_other_characters_are_refused(inkrow, workplace):
    for epochs in ("1", "2"):
        inkrow(*TRAIN, "--epochs", epochs)
    store = ModelStore(workplace / "models")
    for number in ("1", "2"):
        version = store.load("tiny", number)
        recipe = dict(version.card["hyper_parameters"])
        recipe["data"] = {**recipe["data"], "alphabet": None}
        store.publish("free", version.arrays, {**_own(version.card), "hyper_parameters": recipe})
    result = inkrow("models", "mean", "free/1", "free/2", "--data", "synthetic")
    assert result.exit_code == 3
    assert "expected a data set with the characters of free/2" in result.output


def _own(card):
    return {key: value for key, value in card.items() if key not in OWNED_KEYS}
