"""A model for rows from training to its figures."""

from __future__ import annotations

import json

import pytest

RECIPE = """
model = "rows"
description = "Spells rows, or would if it had more than a second."
lanes = 2
columns = 60
batches = 2
data = { name = "unipen" }
network = { name = "row-resnet", channels = [2, 2, 2], blocks = [0, 0, 0], width = 4, dilations = [1], dropout = 0.0 }

[[phases]]
epochs = 1
lr = 1e-2
"""


def test_a_model_for_rows_is_trained_shown_and_measured(inkrow, workplace, few_rows):
    (workplace / "rows.toml").write_text(RECIPE)
    trained = inkrow("train", "rows.toml", "--workers", "0")
    assert trained.exit_code == 0, trained.output
    assert "published rows 1 sha256:" in trained.stdout
    assert "error_rate_chars" in trained.stdout
    assert "rows/1" in inkrow("models", "list").stdout

    measured = inkrow("evaluate", "rows/1", "--data", "unipen", "--json", "figures.json")
    assert measured.exit_code == 0, measured.output
    assert measured.stdout.startswith("rows/1 on rows of unipen valid")
    figures = json.loads((workplace / "figures.json").read_text(encoding="utf-8"))
    composed = [styles["all"] for kind, styles in figures["error_rates"].items() if kind.startswith("chars")]
    assert sum(count["rows"] for count in composed) == 6
    assert min(count["error_rate"] for count in composed) > 0.5, "two batches teach nothing"


@pytest.mark.parametrize("options", [("--pages", "page.png"), ("--data", "unipen", "--confusion", "c.csv")])
def test_a_model_for_rows_is_measured_on_rows_only(inkrow, workplace, few_rows, options):
    (workplace / "rows.toml").write_text(RECIPE)
    inkrow("train", "rows.toml", "--workers", "0")
    result = inkrow("evaluate", "rows/1", *options)
    assert result.exit_code == 3
    assert result.stderr.count("\n") == 1


def test_a_recipe_for_rows_is_no_recipe_for_the_experiment_or_a_sweep(inkrow, workplace):
    (workplace / "rows.toml").write_text(RECIPE)
    result = inkrow("sweep", "rows.toml", "--lr", "0.1")
    assert result.exit_code == 3
    assert "one for rows" in result.stderr
