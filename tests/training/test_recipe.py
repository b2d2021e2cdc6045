from __future__ import annotations

from dataclasses import replace

import pytest

from app.training import HANDPRINT, Phase
from tests.training.conftest import TINY

TWO_PHASES = replace(TINY, epochs=3, finish=Phase(epochs=2, lr=1e-3, augmentation=TINY.augmentation))


def test_every_epoch_belongs_to_a_phase_and_knows_where_that_began():
    assert [TWO_PHASES.phase_of(epoch)[0] for epoch in range(5)] == [0, 0, 0, 3, 3]
    assert [TWO_PHASES.phase_of(epoch)[1].lr for epoch in (2, 3)] == [TINY.lr, 1e-3]


def test_an_epoch_after_the_last_is_none_of_the_run():
    assert TWO_PHASES.total_epochs == 5
    with pytest.raises(IndexError, match="has 5 epochs, got 5"):
        TWO_PHASES.phase_of(5)


def test_a_changed_recipe_keeps_what_was_not_given():
    changed = HANDPRINT.changed(epochs=2, seed=7)
    assert (changed.epochs, changed.seed) == (2, 7)
    assert changed == replace(HANDPRINT, epochs=2, seed=7)


def test_a_recipe_can_be_cut_short_by_leaving_its_second_phase_out():
    assert HANDPRINT.finish is not None
    assert HANDPRINT.changed(finish_epochs=1).total_epochs == HANDPRINT.epochs + 1
    assert HANDPRINT.changed(finish_epochs=0).phases == HANDPRINT.phases[:1]
