"""A place to train in within seconds: a small data set, a small recipe, an empty store."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from typer.testing import CliRunner

from app.cli import app
from app.store import ModelStore
from tests.conftest import save_unipen, write_samples
from tests.tiny_models import tiny_store, write_little

TINY_RECIPE = """
model = "tiny"
description = "Is trained in a second."
batch_size = 24
data = { name = "unipen" }
network = { name = "dense", hidden = 16 }

[[phases]]
epochs = 2
lr = 1e-2
"""


def furnish(folder: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Go to a folder and put data/unipen and tiny.toml there; the store will be in models/."""
    monkeypatch.chdir(folder)
    monkeypatch.setenv("INKROW_MODEL_STORE", str(folder / "models"))
    (folder / "data" / "unipen").mkdir(parents=True)
    for seed, (split, writers) in enumerate({"train": 8, "valid": 3}.items()):
        save_unipen(folder / "data" / "unipen", split, write_samples("0O1IA", writers, seed))
    (folder / "tiny.toml").write_text(TINY_RECIPE)
    return folder


@pytest.fixture
def workplace(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Give a folder to work in."""
    return furnish(tmp_path, monkeypatch)


@pytest.fixture
def tiny_models(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> ModelStore:
    """Give a store of tiny models, which the settings name, and let imagined writers write little."""
    write_little(monkeypatch)
    monkeypatch.setenv("INKROW_MODEL_STORE", str(tmp_path / "models"))
    monkeypatch.setenv("INKROW_STATE", str(tmp_path / "state"))
    return tiny_store(tmp_path / "models")


@pytest.fixture
def few_rows(monkeypatch: pytest.MonkeyPatch) -> None:
    """Measure a network for rows on a few: this takes longer by far than to train it."""
    monkeypatch.setattr("app.training.measuring.row_measure._COMPOSED_ROWS", 6)


@pytest.fixture(scope="session")
def inkrow() -> Callable[..., object]:
    """Give a function that runs the command line."""
    return lambda *arguments, stdin=None: CliRunner().invoke(app, arguments, input=stdin)
