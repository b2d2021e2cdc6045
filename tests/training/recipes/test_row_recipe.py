"""Recipes of row networks."""

from __future__ import annotations

from pathlib import Path

import pytest

from app.datasets import RowVariation
from app.errors import InvalidInput
from app.ocr import Alphabet
from app.training.epochs.row_loss import SpellRows
from app.training.recipes.recipe_file import load_glyph_recipe, load_recipe
from app.training.recipes.row_recipe import RowData, RowRecipe

WHOLE = """
model = "rows"
description = "Of every table one."
lanes = 6
columns = 80
batches = 5
shards = 3
network = { name = "row-resnet", channels = [2, 3, 4], blocks = [0, 1, 1], width = 6, dilations = [1], dropout = 0.1 }
data = { name = "unipen", max_doubt = 3, photographed = 0.25 }

[[phases]]
epochs = 3
lr = 1e-3
variation = { noise = 0.5, pen = [0.1, 0.2] }

[[phases]]
epochs = 1
lr = 1e-4
"""


@pytest.fixture
def path(tmp_path: Path) -> Path:
    (tmp_path / "mine.toml").write_text(WHOLE)
    return tmp_path / "mine.toml"


def _read(path: Path) -> RowRecipe:
    recipe = load_recipe(path)
    assert isinstance(recipe, RowRecipe)
    return recipe


def test_every_table_of_a_file_arrives(path: Path) -> None:
    recipe = _read(path)
    assert (recipe.model, recipe.lanes, recipe.columns, recipe.batches, recipe.shards) == ("rows", 6, 80, 5, 3)
    assert recipe.data == RowData("unipen", max_doubt=3, photographed=0.25)
    assert recipe.network["dilations"] == [1]
    assert [phase.lr for phase in recipe.phases] == [1e-3, 1e-4]
    assert recipe.total_epochs == 4


def test_a_variation_keeps_the_defaults_of_keys_that_are_not_given(path: Path) -> None:
    first, second = _read(path).phases
    assert first.variation == RowVariation(noise=0.5, pen=(0.1, 0.2))
    assert second.variation == RowVariation()
    assert _read(path).as_table()["phases"][0]["variation"]["slant"] == RowVariation().slant


def test_the_objective_is_to_spell_rows(path: Path) -> None:
    recipe = _read(path)
    assert recipe.objective(Alphabet(" ab")) == SpellRows(Alphabet(" ab"))
    assert not recipe.summed  # a row counts the same in any batch


def test_settings_change_as_those_of_other_recipes_do(path: Path) -> None:
    changed = _read(path).changed(data="synthetic", epochs=(2,), lr=2e-3, lanes=3, batches=None)
    assert (changed.data.name, changed.data.max_doubt, changed.lanes, changed.batches) == ("synthetic", 3, 3, 5)
    assert [(phase.epochs, phase.lr) for phase in changed.phases] == [(2, 2e-3)]
    with pytest.raises(InvalidInput, match="multiple of 3 shards, got 4"):
        changed.changed(lanes=4)


@pytest.mark.parametrize(
    "old, new, message",
    [
        ("noise = 0.5", "noice = 0.5", "phases[0].variation.noice: expected one of the keys capital_px, pen"),
        ("lr = 1e-4", "lr = 1e-4\naugmentation = {}", "phases[1]: object contains unknown field `augmentation`"),
        ("lr = 1e-4", "lr = 1e-4\nbalance = 0.5", "phases[1]: object contains unknown field `balance`"),
        ("lanes = 6", "lanes = 7", "expected `lanes` to be a multiple of 3 shards, got 7"),
        ("lanes = 6", "batch_size = 6", "object contains unknown field `batch_size`"),
        ("columns = 80\n", "", "object missing required field `columns`"),
        ("columns = 80", "columns = 0", "columns: expected `int` >= 1, got 0"),
        ("photographed = 0.25", "photographed = 2", "data.photographed: expected `float` <= 1.0, got 2"),
        ("max_doubt = 3", "alphabet = 'ab'", "data: object contains unknown field `alphabet`"),
        ("row-resnet", "row-net", "network: expected one of dense, "),
        (
            "width = 6",
            "height = 6",
            "network: expected one of the keys channels, blocks, width, dilations, ",
        ),
        ("blocks = [0, 1, 1]", "blocks = [0, 1]", "network: expected three stages"),
    ],
)
def test_what_cannot_be_is_refused_with_file_key_and_value(path: Path, old: str, new: str, message: str) -> None:
    assert old in WHOLE
    path.write_text(WHOLE.replace(old, new, 1))

    with pytest.raises(InvalidInput) as refusal:
        load_recipe(path)

    assert refusal.value.detail.startswith(f"{path}: {message}")


def test_where_a_recipe_for_single_glyphs_is_wanted_it_is_refused(path: Path) -> None:
    for recipe in (path, "rows"):
        with pytest.raises(InvalidInput, match=f"expected a recipe for single glyphs, {recipe} is one for rows"):
            load_glyph_recipe(recipe)
    assert load_glyph_recipe("handprint").model == "handprint"
