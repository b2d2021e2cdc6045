"""`inkrow calibrate`, with the models of the project on pages by imagined writers."""

from __future__ import annotations

import shutil
from dataclasses import replace

import numpy as np
import pytest

from app.cli.shell import load_reader
from app.config import Settings
from app.datasets import draw_page
from app.store import ModelStore
from tests.conftest import PROJECT


@pytest.fixture
def store(tmp_path, monkeypatch):
    """Copy the networks of the project; there are no curves yet."""
    for name in ("handprint", "rows"):
        shutil.copytree(PROJECT / "model_store" / name, tmp_path / name)
    monkeypatch.setenv("INKROW_MODEL_STORE", str(tmp_path))
    return ModelStore(tmp_path)


def test_curves_are_measured_published_and_used_beside_their_models_only(inkrow, store):
    settings = Settings(model_store=store.root)
    assert load_reader(settings, "champion").reader.confidence is None
    result = inkrow("calibrate", "--data", "synthetic", "--pages", "3")
    assert result.exit_code == 0, result.output
    assert result.stdout.splitlines()[-1] == "confidence/1 is champion"
    assert [line.split()[0] for line in result.stdout.splitlines()[1:4]] == ["glyphs", "words", "rows"]
    calibration = store.describe("confidence").card["calibration"]
    assert set(calibration) == {"glyph", "word", "row"}
    assert calibration["glyph"]["count"] > calibration["word"]["count"] > calibration["row"]["count"] > 0
    assert load_reader(settings, "champion").reader.confidence is not None
    assert load_reader(settings, "1").reader.confidence is None


def test_without_a_model_for_rows_there_is_nothing_to_calibrate(inkrow, store):
    shutil.rmtree(store.root / "rows")
    result = inkrow("calibrate", "--data", "synthetic", "--pages", "2")
    assert result.exit_code == 3
    assert "a model for rows" in result.stderr


@pytest.mark.usefixtures("store")
def test_pages_of_which_nothing_is_read_are_no_writer_s(inkrow, monkeypatch):
    def draw_fewer(writers, variation, seed, number):
        page = draw_page(writers, variation, seed, number)
        return replace(page, image=np.full_like(page.image, 255)) if number else page

    monkeypatch.setattr("app.training.fitting.confidence_publish.draw_page", draw_fewer)
    result = inkrow("calibrate", "--data", "synthetic", "--pages", "2")
    assert result.exit_code == 3
    assert "two writers" in result.stderr
