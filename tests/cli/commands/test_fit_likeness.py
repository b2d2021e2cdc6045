"""The decision what is read, from the command line."""

from __future__ import annotations

import shutil

import numpy as np
import pytest

from app.ocr import EVIDENCE, Kind
from app.training.fitting.likeness import Examples
from tests.cli.commands.test_train_rows import RECIPE
from tests.datasets.sources.test_fonts import FONT, MEASURES, TRAINS


@pytest.fixture
def with_rows(inkrow, workplace, few_rows):
    (workplace / "rows.toml").write_text(RECIPE)
    assert inkrow("train", "rows.toml", "--workers", "0", "--promote").exit_code == 0
    (workplace / "data" / "scripts").mkdir(parents=True)
    for name in (TRAINS, MEASURES):
        shutil.copy(FONT, workplace / "data" / "scripts" / f"{name}.ttf")


@pytest.fixture
def seen(monkeypatch):
    """Two numbers of evidence tell the kinds apart; the tiny network would see nothing. Notes what was asked for."""
    asked = []

    def draw_examples(rows, hands, pages, rng):
        asked.append(dict(pages))
        kind = np.arange(300) % 3
        evidence = rng.normal(0, 1, (300, len(EVIDENCE)))
        evidence[np.arange(300), kind] += 5
        return Examples(kind, np.arange(300), kind == Kind.WRITING, evidence)

    monkeypatch.setattr("app.training.fitting.likeness.draw_examples", draw_examples)
    return asked


@pytest.mark.usefixtures("with_rows")
def test_the_decision_is_fitted_published_and_measured(inkrow, seen):
    result = inkrow("fit-likeness", "--promote")
    assert result.exit_code == 0, result.output
    assert "published likeness 1 sha256:" in result.stdout
    assert "legible_lost" in result.stdout
    train, valid = seen
    assert train.keys() == valid.keys() == set(Kind)
    assert all(valid[kind] < train[kind] for kind in Kind)
    assert "likeness/1" in inkrow("models", "list").stdout


def test_without_a_network_for_rows_there_is_nothing_to_fit_to(inkrow, workplace):
    result = inkrow("fit-likeness")
    assert result.exit_code == 4
    assert "rows" in result.stderr


@pytest.mark.usefixtures("with_rows")
def test_a_network_that_reads_nothing_cannot_be_fitted_to(inkrow, monkeypatch):
    monkeypatch.setattr("app.training.FIT_PAGES", dict.fromkeys(Kind, 1))
    result = inkrow("fit-likeness")
    assert result.exit_code == 3
    assert "legible" in result.stderr
