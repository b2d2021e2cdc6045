"""Comparing a version with the champion from a terminal."""

from __future__ import annotations

import json
import shutil

import numpy as np
import pytest
from typer.testing import CliRunner

from app.cli import app
from app.store import OWNED_KEYS, ModelStore
from tests.conftest import PROJECT


@pytest.fixture
def store(tmp_path, monkeypatch):
    """Give a store with the shipped seed network and one that takes everything for something else."""
    store = ModelStore(tmp_path / "models")
    shutil.copytree(PROJECT / "model_store" / "seed", store.root / "seed")
    model = store.load("seed")
    card = {key: value for key, value in model.card.items() if key not in OWNED_KEYS}
    store.publish("seed", {name: array * np.float32(-1) for name, array in model.arrays.items()}, card)
    monkeypatch.setenv("INKROW_MODEL_STORE", str(store.root))
    monkeypatch.setattr("app.training.gate.decision._GLYPHS_A_CLASS", 2)
    return store


@pytest.fixture
def compare():
    def invoke(*arguments):
        return CliRunner().invoke(app, ["models", "compare", *arguments])

    return invoke


def test_a_version_that_is_not_worse_passes(compare, store):
    result = compare("seed/champion")
    assert result.exit_code == 0
    assert {line.split()[0] for line in result.stdout.splitlines()} == {"passed"}
    assert "\r" not in result.stderr  # no bar where nobody sees one


def test_a_worse_version_fails_and_the_figures_are_there(compare, store):
    result = compare("seed/2", "--format", "json")
    assert result.exit_code == 5
    assert "errors-on-synthetic" in result.stderr
    document = json.loads(result.stdout)
    assert document["passed"] is False
    assert document["checks"][0]["figures"]["count"] == 72
    assert store.aliases("seed") == {"champion": "1"}


def test_a_version_must_be_named(compare, store):
    assert compare("seed").exit_code == 2
    assert compare("seed/9").exit_code == 4
