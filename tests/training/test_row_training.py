"""A row network small enough to train in a second, from its first step to its last."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
import pytest

from app.datasets import (
    RowSource,
    RowStream,
    RowVariety,
    WrittenRow,
    batch_rows,
    draw_plainly,
)
from app.datasets.pens.hand import Hand, write_row
from app.datasets.rows.ink import PLAIN_ROWS
from app.ocr import RECEPTIVE_COLUMNS, Alphabet
from app.training.epochs.history import Epoch
from app.training.epochs.run import Run
from app.training.epochs.step import Objective, Part
from app.training.epochs.train import train_recipe
from app.training.recipes.row_recipe import RowData, RowPhase, RowRecipe
from app.training.recipes.tables import ConstantTable

CHARS = "IO"
RECIPE = RowRecipe(
    model="tiny",
    description="Spells upright bars and rings.",
    data=RowData("imagined"),
    network={
        "name": "row-resnet",
        "channels": [6, 8, 8],
        "blocks": [0, 0, 0],
        "width": 12,
        "dilations": [1],
        "dropout": 0.05,
    },
    phases=(RowPhase(epochs=3, lr=2e-2, variation=PLAIN_ROWS),),
    schedule=ConstantTable(),
    lanes=4,
    columns=40,
    batches=8,
    shards=2,
    clip=5.0,
    average=0.8,
    seed=3,
)


@dataclass(frozen=True)
class Letters:
    """Writes two to four characters of our own pen font."""

    def write(self, rng: np.random.Generator) -> WrittenRow:
        """Choose them by chance."""
        text = "".join(rng.choice(list(CHARS), rng.integers(2, 5)))
        return WrittenRow(text, [s.points for s in write_row(text, Hand(letter_gap=0.2), rng, height_px=1.0)], "")


@dataclass(frozen=True)
class BarsAndRings:
    """What the recipe learns from."""

    alphabet: Alphabet = field(default_factory=lambda: Alphabet(" " + CHARS))
    fingerprint: str = "bars and rings"

    def stream(self, recipe: RowRecipe, phase: RowPhase, workers: int) -> RowStream:
        """Rows by chance, never photographed."""
        variety = RowVariety(phase.variation, 0.0, recipe.lanes, recipe.columns)
        source = RowSource([Letters()], [1.0])
        return RowStream(source, variety, batches_per_epoch=recipe.batches, seed=recipe.seed, workers=workers)

    def validation(self, objective: Objective, shards: int) -> list[Part]:
        """A few rows, always the same."""
        rng = np.random.default_rng(0)
        rows = [Letters().write(rng) for _ in range(8)]
        return objective.parts(batch_rows(draw_plainly(rows), RECEPTIVE_COLUMNS), shards)


@pytest.fixture(scope="module")
def trained() -> Run:
    return train_recipe(BarsAndRings(), RECIPE, workers=0)


def test_the_loss_falls_and_rows_are_spelt(trained: Run) -> None:
    first, *_, last = trained.history
    assert last.train_loss < 0.5 * first.train_loss
    assert last.valid_loss < 0.5 * first.valid_loss
    assert last.train_accuracy > first.train_accuracy + 0.2
    assert last.valid_accuracy > 0.9
    assert trained.network.params["output.weight"].shape[0] == 1 + len(" " + CHARS)


def test_training_moves_every_weight_and_every_statistic(trained: Run) -> None:
    for name, array in trained.network.arrays().items():
        assert (array != trained.initial[name]).mean() > 0.8, name


def test_a_run_stopped_and_resumed_gives_the_same_bits(trained: Run, tmp_path: Path) -> None:
    checkpoint = tmp_path / "run.ckpt"

    def stop_after_two(epoch: Epoch) -> None:
        if epoch.epoch == 1:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        train_recipe(BarsAndRings(), RECIPE, checkpoint=checkpoint, workers=0, on_epoch=stop_after_two)
    resumed = train_recipe(BarsAndRings(), RECIPE, checkpoint=checkpoint, workers=0, resume=True)

    for name in ("memory", "averaged", "initial"):
        np.testing.assert_equal(getattr(resumed, name), getattr(trained, name))
    np.testing.assert_equal(resumed.trained().arrays(), trained.trained().arrays())
    assert [epoch.valid_loss for epoch in resumed.history] == [epoch.valid_loss for epoch in trained.history]
    assert [epoch.train_accuracy for epoch in resumed.history] == [epoch.train_accuracy for epoch in trained.history]


def test_lanes_too_short_for_any_row_teach_nothing_and_stop_nothing() -> None:
    short = RECIPE.changed(epochs=(1,), columns=2, batches=1)
    [epoch] = train_recipe(BarsAndRings(), short, workers=0).history
    assert (epoch.train_loss, epoch.train_accuracy) == (0, 0)
