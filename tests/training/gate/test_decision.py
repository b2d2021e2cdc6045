"""The gate, on shipped models that something was done to."""

from __future__ import annotations

import json
import shutil

import numpy as np
import pytest

from app.datasets import load_synthetic, plain_glyphs
from app.ensemble import Choice
from app.errors import InvalidInput, ModelNotFound
from app.ocr import build_network
from app.ocr.teaching.taught import TaughtGlyph, TaughtRow
from app.store import OWNED_KEYS, ModelStore
from app.training import decide
from app.training.gate.verdict import CLASS_SUPPORT
from app.vision import Strip
from tests.conftest import PROJECT, TINY_ROWS, save_unipen, write_samples


def _shipped(folder, *names):
    for name in names:
        shutil.copytree(PROJECT / "model_store" / name, folder / "models" / name)
    return ModelStore(folder / "models")


def _card(model):
    return {key: value for key, value in model.card.items() if key not in OWNED_KEYS}


@pytest.fixture
def seeds(tmp_path, monkeypatch):
    """Give a store with the shipped seed network, and a function that publishes a changed one."""
    monkeypatch.setattr("app.training.gate.decision._GLYPHS_A_CLASS", CLASS_SUPPORT)  # no more than it takes
    store = _shipped(tmp_path, "seed")
    model = store.load("seed")

    def publish(change=lambda arrays: arrays, **card):
        arrays = change({name: array.copy() for name, array in model.arrays.items()})
        return store.publish("seed", arrays, {**_card(model), **card}).version

    return store, publish


def _checks(verdict):
    return {check.code: check for check in verdict.checks}


def _noisy(arrays):
    rng = np.random.default_rng(0)
    return {
        name: array + rng.normal(0, 0.3 * array.std(), array.shape).astype(array.dtype)
        for name, array in sorted(arrays.items())
    }


def _blind_to(char, alphabet):
    def change(arrays):
        bias = next(name for name, array in arrays.items() if array.shape == (len(alphabet),))
        arrays[bias][alphabet.index(char)] -= 50
        return arrays

    return change


def test_a_candidate_that_is_the_same_passes_and_the_verdict_is_always_the_same(seeds, tmp_path):
    store, publish = seeds
    candidate = publish()
    verdict, again = (decide(store, "seed", candidate, data_root=tmp_path) for _ in range(2))
    assert verdict.passed
    assert (verdict.candidate, verdict.champion) == ("2", "1")
    assert verdict == again
    assert json.loads(json.dumps(verdict.document()))["passed"] is True


def test_a_candidate_that_errs_more_often_fails(seeds, tmp_path):
    store, publish = seeds
    checks = _checks(decide(store, "seed", publish(_noisy), data_root=tmp_path))
    assert not checks["errors-on-synthetic"].passed
    assert checks["errors-on-synthetic"].figures["p_by_chance"] < 0.01


def test_a_candidate_that_forgot_a_character_fails(seeds, tmp_path):
    store, publish = seeds
    alphabet = store.card("seed", "1")["alphabet"]
    checks = _checks(decide(store, "seed", publish(_blind_to("7", alphabet)), data_root=tmp_path))
    assert [one["char"] for one in checks["classes-on-synthetic"].figures["fallen"]] == ["7"]


def test_a_candidate_that_is_surer_than_it_should_be_fails(seeds, tmp_path):
    store, publish = seeds
    temperature = {**store.card("seed", "1")["calibration"], "temperature": 3.0}
    verdict = decide(store, "seed", publish(calibration=temperature), data_root=tmp_path)
    assert [check.code for check in verdict.checks if not check.passed] == ["calibration-on-synthetic"]


def _taught(chars, held_out=True):
    samples = load_synthetic("valid")
    samples = samples.select(np.isin(samples.labels, list(chars)))
    pairs = zip(plain_glyphs(samples)[:, 0], samples.labels.tolist(), strict=True)
    return [TaughtGlyph(image, char, f"c{number}", held_out) for number, (image, char) in enumerate(pairs)]


def test_what_was_corrected_must_be_read_better(seeds, tmp_path):
    store, publish = seeds
    alphabet = store.card("seed", "1")["alphabet"]
    store.promote("seed", publish(_blind_to("7", alphabet)))
    taught = _taught("7")
    learnt = decide(store, "seed", "1", data_root=tmp_path, taught=taught)
    assert learnt.passed
    figures = _checks(learnt)["errors-on-corrections"].figures
    assert figures["candidate_errors"] < figures["champion_errors"] == len(taught)
    idle = decide(store, "seed", publish(_blind_to("7", alphabet)), data_root=tmp_path, taught=taught)
    assert [check.code for check in idle.checks if not check.passed] == ["errors-on-corrections"]


def test_what_was_trained_on_proves_nothing(seeds, tmp_path):
    store, publish = seeds
    row = TaughtRow(Strip(np.zeros((48, 60), np.uint8), 0, 1.0), "7", "r", held_out=True)
    taught = [*_taught("7", held_out=False), row]
    assert "errors-on-corrections" not in _checks(decide(store, "seed", publish(), data_root=tmp_path, taught=taught))


def test_a_candidate_that_cannot_be_used_fails(seeds, tmp_path):
    store, publish = seeds
    candidate = publish(architecture={"name": "of another release"})
    verdict = decide(store, "seed", candidate, data_root=tmp_path)
    assert [check.code for check in verdict.checks] == ["usable"]
    assert not verdict.passed


def test_the_first_version_has_nobody_to_be_worse_than(tmp_path):
    store = ModelStore(tmp_path / "models")
    store.publish("seed", {"x": np.zeros(1)}, {})
    verdict = decide(store, "seed", "1", data_root=tmp_path)
    assert verdict.passed
    assert verdict.champion is None


def test_the_champion_is_not_compared_with_itself(tmp_path):
    store = ModelStore(tmp_path / "models")
    store.publish("seed", {"x": np.zeros(1)}, {})
    store.promote("seed", "1")
    verdict = decide(store, "seed", "1", data_root=tmp_path)  # these arrays are of no network that could be compared
    assert verdict.passed
    assert [check.code for check in verdict.checks] == ["serves"]


def test_what_is_not_there_or_cannot_be_measured_is_told(tmp_path):
    store = ModelStore(tmp_path / "models")
    store.publish("weather", {"x": np.zeros(1)}, {})
    store.publish("weather", {"x": np.ones(1)}, {})
    store.promote("weather", "1")
    with pytest.raises(InvalidInput, match="weather"):
        decide(store, "weather", "2", data_root=tmp_path)
    with pytest.raises(ModelNotFound):
        decide(store, "weather", "3", data_root=tmp_path)


def test_a_gate_can_be_stopped(seeds, tmp_path):
    store, publish = seeds
    calls = iter(range(3))

    def checkpoint():
        if next(calls) == 2:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        decide(store, "seed", publish(), data_root=tmp_path, checkpoint=checkpoint)


def test_glyph_networks_of_the_service_read_pages_too(tmp_path, monkeypatch):
    monkeypatch.setattr("app.training.gate.decision._GLYPHS_A_CLASS", 1)
    store = _shipped(tmp_path, "handprint")
    done = []
    verdict = decide(
        store, "handprint", "1", data_root=tmp_path, pages=2, progress=lambda at, of: done.append((at, of))
    )
    checks = _checks(verdict)
    assert checks.keys() == {
        *(f"{check}-on-synthetic" for check in ("errors", "classes", "calibration")),
        *(f"{check}-on-pages" for check in ("errors", "calibration")),
    }
    assert checks["errors-on-pages"].figures["count"] == 2
    assert done == [(0, 2), (1, 2), (2, 2)]


def test_the_data_of_the_card_count_where_they_are(tmp_path):
    folder = tmp_path / "unipen"
    folder.mkdir()
    for split in ("train", "valid"):
        save_unipen(folder, split, write_samples("0O5S", writers=3))
    architecture = {"name": "dense", "hidden": 4, "classes": 4}
    card = {"architecture": architecture, "alphabet": "0O5S", "calibration": {"temperature": 1.0}}
    store = ModelStore(tmp_path / "models")
    for seed in range(2):
        network = build_network(architecture, np.random.default_rng(seed))
        store.publish("tiny", network.arrays(), {**card, "data": {"name": "unipen"}})
    store.promote("tiny", "1")
    checks = _checks(decide(store, "tiny", "2", data_root=tmp_path))
    assert checks["errors-on-valid"].figures["count"] == 12
    assert "errors-on-valid" not in _checks(decide(store, "tiny", "2", data_root=tmp_path / "elsewhere"))


def test_row_networks_are_put_to_rows(tmp_path, monkeypatch):
    monkeypatch.setattr("app.training.measuring.evaluation_sets._ROWS_A_WRITER", 1)
    store = ModelStore(tmp_path / "models")
    alphabet = " abcdefghij0123456789"
    architecture = {**TINY_ROWS, "classes": len(alphabet) + 1}
    card = {"architecture": architecture, "alphabet": alphabet, "calibration": {"temperature": 1.0}}
    for seed in range(2):
        store.publish("rows", build_network(architecture, np.random.default_rng(seed)).arrays(), card)
    store.promote("rows", "1")
    strip = Strip(np.full((48, 60), 255, np.uint8), 0, 1.0)
    taught = [TaughtRow(strip, "ab 1", "c1", held_out=True)]
    verdict = decide(store, "rows", "2", data_root=tmp_path, taught=taught, choice=Choice())
    checks = _checks(verdict)
    assert checks["errors-on-corrections"].figures["chars"] == 4
    assert 0 < checks["errors-on-synthetic"].figures["count"] <= 10
