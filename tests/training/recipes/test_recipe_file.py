from __future__ import annotations

import sys
from pathlib import Path

import pytest

from app.datasets import Augmentation
from app.errors import InvalidInput, NotFound
from app.training.recipes.recipe_file import load_recipe, recipe_names
from app.training.recipes.tables import ConstantTable, SGDTable

INFINITE = f"expected `float` <= {sys.float_info.max}, got inf"
WHOLE = """
model = "tiny"
description = "Of every table one."
batch_size = 6
shards = 3
average = 0.99
clip = 1
seed = 4
network = { name = "dense", hidden = 8 }
data = { name = "unipen", max_doubt = 8, alphabet = "01A" }
loss = { smoothing = 0.1, reduction = "sum", group = "01", group_weight = 0.25 }
optimiser = { name = "sgd", momentum = 0.5 }
schedule = { name = "constant" }
early_stopping = { patience = 2, metric = "accuracy", min_delta = 0.001 }

[[phases]]
epochs = 3
lr = 1e-3
augmentation = { noise = 0.5, pen = [0.1, 0.2] }

[[phases]]
epochs = 1
lr = 1e-4
balance = 0.5
"""


@pytest.fixture
def path(tmp_path: Path) -> Path:
    (tmp_path / "mine.toml").write_text(WHOLE)
    return tmp_path / "mine.toml"


def test_every_table_of_a_file_arrives(path: Path):
    recipe = load_recipe(path)

    assert (recipe.model, recipe.batch_size, recipe.shards, recipe.average, recipe.clip) == ("tiny", 6, 3, 0.99, 1.0)
    assert recipe.network == {"name": "dense", "hidden": 8}
    assert (recipe.data.alphabet, recipe.loss.group, recipe.loss.reduction) == ("01A", "01", "sum")
    assert (recipe.optimiser, recipe.schedule) == (SGDTable(momentum=0.5), ConstantTable())
    assert recipe.early_stopping is not None
    assert recipe.early_stopping.patience == 2
    assert [phase.epochs for phase in recipe.phases] == [3, 1]


def test_an_augmentation_keeps_the_defaults_of_keys_that_are_not_given_and_may_be_left_out(path: Path):
    first, second = load_recipe(path).phases

    assert first.augmentation == Augmentation(noise=0.5, pen=(0.1, 0.2))
    assert second.augmentation is None
    assert load_recipe(path).as_table()["phases"][0]["augmentation"]["rotation_deg"] == Augmentation().rotation_deg


@pytest.mark.parametrize("name", recipe_names())
def test_every_recipe_that_comes_with_inkrow_is_valid(name: str):
    assert load_recipe(name).total_epochs > 0


@pytest.mark.parametrize(
    "old, new, message",
    [
        ("epochs = 3", "epochs = 0", "phases[0].epochs: expected `int` >= 1, got 0"),
        ("epochs = 1", "epochs = 1.5", "phases[1].epochs: expected `int`, got `float`"),
        ("lr = 1e-3", "lr = '1e-3'", "phases[0].lr: expected `float`, got `str`"),
        ("lr = 1e-3", "lr = inf", f"phases[0].lr: {INFINITE}"),
        ("lr = 1e-3", "lr = 1e-3\nbalance = inf", "phases[0].balance: expected `float` <= 1.0, got inf"),
        ("balance = 0.5", "balance = 7", "phases[1].balance: expected `float` <= 1.0, got 7"),
        ("lr = 1e-3", "lr = nan", "phases[0].lr: expected `float` > 0.0, got nan"),
        ("seed = 4", "sead = 4", "object contains unknown field `sead`"),
        ('name = "unipen", ', "", "data: object missing required field `name`"),
        ('"sgd"', '"adam"', "optimiser.name: expected one of 'adamw', 'sgd', got 'adam'"),
        ('"constant"', '"step", drop = 3', "schedule: object contains unknown field `drop`"),
        ("momentum = 0.5", "momentum = 1", "optimiser.momentum: expected `float` < 1.0, got 1"),
        ("noise = 0.5", "noice = 0.5", "phases[0].augmentation.noice: expected one of the keys capital_px, pen"),
        ("noise = 0.5", "noise = 'much'", "phases[0].augmentation.noise: expected `float`, got `str`"),
        ("[0.1, 0.2]", "[0.1]", "phases[0].augmentation.pen: expected `array` of length 2, got 1"),
        ('"dense"', '"dance"', "network: expected one of dense, "),
        ("hidden = 8", "hiden = 8", "network: expected one of the keys hidden, got 'hiden'"),
        ("hidden = 8", "hidden = '8'", "network: hidden: expected `int`, got `str`"),
        (", hidden = 8", "", "network: expected the key 'hidden', got none"),
        ("hidden = 8", "hidden = 0", "network: the arguments do not fit 'dense': Dense expects out_features of"),
        ('"dense"', "[]", "network: expected one of dense, glyph-cnn, glyph-resnet, row-resnet, got []"),
        (
            '"dense", hidden = 8',
            '"glyph-cnn", stages = [[8], ["a"]]',
            "network: stages[1][0]: expected `int`, got `str`",
        ),
        ("shards = 3", "shards = 4", "expected `batch_size` to be a multiple of 4 shards, got 6"),
        ('"01A"', '"0A0"', "data: an alphabet needs at least one character, each once; got '0A0'"),
        ('group = "01", ', "", "loss: expected `group` beside `group_weight`"),
        ('"sum"', '"max"', "loss.reduction: expected `str` matching regex '^(mean|sum)$', got 'max'"),
        (
            'model = "tiny"',
            'model = "../tiny"',
            "model: expected `str` matching regex '^[a-z]",
        ),
        ("seed = 4", "seed = ", "expected a recipe in TOML; Invalid value"),
    ],
)
def test_what_cannot_be_is_refused_with_file_key_and_value(path: Path, old: str, new: str, message: str):
    assert old in WHOLE
    path.write_text(WHOLE.replace(old, new, 1))

    with pytest.raises(InvalidInput) as refusal:
        load_recipe(path)

    assert refusal.value.detail.startswith(f"{path}: {message}")


def test_phases_of_another_kind_are_refused(path: Path):
    path.write_text(WHOLE[: WHOLE.index("[[phases]]")] + "phases = 3")

    with pytest.raises(InvalidInput, match=r"phases: expected `array`, got `int`"):
        load_recipe(path)


def test_a_missing_recipe_is_named_and_so_are_those_there_are(tmp_path: Path):
    with pytest.raises(NotFound, match=r"handprint, .*got 'handprinted'"):
        load_recipe("handprinted")
    with pytest.raises(NotFound, match=r"no recipe .*none\.toml"):
        load_recipe(tmp_path / "none.toml")


def test_a_file_that_is_no_text_is_refused(path: Path):
    path.write_bytes(b"\xff\xfe")

    with pytest.raises(InvalidInput, match=r"mine\.toml: expected a recipe in TOML"):
        load_recipe(path)
