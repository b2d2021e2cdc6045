from __future__ import annotations

import msgspec
import pytest
from msgspec.structs import replace

from app.datasets import Augmentation
from app.errors import InvalidInput
from app.training.recipes.recipe import GlyphRecipe, Phase
from tests.training.conftest import TINY, phased

SECOND = Phase(epochs=2, lr=1e-3, augmentation=Augmentation())
TWO_PHASES = replace(TINY, phases=(*TINY.phases, SECOND))


def test_every_epoch_belongs_to_a_phase_and_knows_where_that_began():
    assert [TWO_PHASES.phase_of(epoch)[0] for epoch in range(5)] == [0, 0, 0, 3, 3]
    assert [TWO_PHASES.phase_of(epoch)[1].lr for epoch in (2, 3)] == [1e-2, 1e-3]


def test_an_epoch_after_the_last_is_none_of_the_run():
    assert TWO_PHASES.total_epochs == 5
    with pytest.raises(IndexError, match="has 5 epochs, got 5"):
        TWO_PHASES.phase_of(5)


def test_a_changed_recipe_keeps_what_was_not_given():
    assert TWO_PHASES.changed() == TWO_PHASES
    assert TINY.changed(seed=7, batch_size=48, data="other") == replace(
        TINY, seed=7, batch_size=48, data=replace(TINY.data, name="other")
    )


def test_epochs_are_given_phase_by_phase_and_a_phase_without_any_is_left_out():
    assert TWO_PHASES.changed(epochs=(4, 1)).phases == (replace(TINY.phases[0], epochs=4), replace(SECOND, epochs=1))
    assert TWO_PHASES.changed(epochs=(1,)) == phased(epochs=1)


def test_another_learning_rate_moves_that_of_all_phases():
    assert [phase.lr for phase in TWO_PHASES.changed(lr=2e-2).phases] == pytest.approx([2e-2, 2e-3])


@pytest.mark.parametrize(
    "changes, message",
    [
        ({"epochs": (1, 2, 3)}, "the recipe's 2 phases at most, got 1, 2, 3"),
        ({"epochs": (0,)}, ">= 1"),
        ({"lr": -1.0}, "> 0"),
        ({"lr": float("inf")}, "<= 1.79.*, got inf"),
        ({"lr": float("nan")}, "phases"),
        ({"batch_size": 25}, "multiple of 2 shards, got 25"),
        ({"batch_size": 0}, ">= 1"),
        ({"seed": -1}, ">= 0"),
    ],
)
def test_a_change_that_no_recipe_may_have_is_refused(changes, message):
    with pytest.raises(InvalidInput, match=message):
        TWO_PHASES.changed(**changes)


def test_a_table_holds_every_setting_and_gives_the_recipe_back():
    table = TWO_PHASES.as_table()

    assert table["optimiser"] == {"name": "adamw", "beta1": 0.9, "beta2": 0.999, "epsilon": 1e-8, "weight_decay": 0.01}
    assert table["schedule"]["name"] == "one-cycle"
    assert table["phases"][0]["augmentation"]["capital_px"] == (16.0, 80.0)
    assert msgspec.convert(msgspec.json.decode(msgspec.json.encode(table)), GlyphRecipe) == TWO_PHASES
