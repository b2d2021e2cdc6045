from __future__ import annotations

import threading
from pathlib import Path

import numpy as np
import pytest
from msgspec.structs import replace

from app.datasets import Augmentation
from app.errors import Conflict, InvalidInput, TrainingDiverged
from app.nn import cross_entropy
from app.training.epochs.glyph_data import GlyphDataset
from app.training.epochs.history import Epoch
from app.training.epochs.run import Start
from app.training.epochs.train import train_recipe
from app.training.recipes.recipe import EarlyStopping, GlyphRecipe, Loss, Phase
from app.training.recipes.tables import ConstantTable, CosineTable, SGDTable
from tests.training.conftest import TINY, phased


def test_fewer_glyphs_than_a_batch_are_refused(data: GlyphDataset) -> None:
    with pytest.raises(InvalidInput, match=r"1 to 108 .* got 128"):
        train_recipe(data, replace(TINY, batch_size=128), workers=0)


@pytest.mark.parametrize(
    "finish", [None, Phase(epochs=1, lr=1e-3, augmentation=Augmentation(), balance=0.5)], ids=["one", "two phases"]
)
def test_a_run_stopped_and_resumed_gives_the_same_weights(
    data: GlyphDataset, tmp_path: Path, finish: Phase | None
) -> None:
    first = replace(TINY.phases[0], epochs=2 if finish is None else 1)
    recipe = replace(TINY, phases=(first,) if finish is None else (first, finish))
    checkpoint = tmp_path / "run.ckpt"
    whole = train_recipe(data, recipe, checkpoint=tmp_path / "whole.ckpt", workers=1)

    def stop(*_: object) -> None:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        train_recipe(data, recipe, checkpoint=checkpoint, workers=0, on_epoch=stop)
    resumed = train_recipe(data, recipe, checkpoint=checkpoint, workers=0, resume=True)

    np.testing.assert_equal(resumed.network.arrays(), whole.network.arrays())
    with pytest.raises(Conflict):
        train_recipe(data, replace(recipe, seed=9), checkpoint=checkpoint, workers=0, resume=True)


def test_a_run_starts_from_the_weights_of_a_model(data: GlyphDataset, tmp_path: Path) -> None:
    weights = train_recipe(data, TINY, workers=0).trained().arrays()
    begun = train_recipe(data, replace(phased(epochs=1, lr=1e-9), average=0.9), start=Start("tiny/1", "a", weights))
    for name, array in begun.initial.items():
        np.testing.assert_array_equal(array, weights[name])
    for name, array in begun.trained().params.items():
        np.testing.assert_allclose(array, weights[name], atol=1e-6)


def test_a_checkpoint_belongs_to_a_run_with_the_same_start(data: GlyphDataset, tmp_path: Path) -> None:
    weights = train_recipe(data, phased(epochs=1), checkpoint=tmp_path / "run.ckpt", workers=0).network.arrays()
    with pytest.raises(Conflict):
        train_recipe(
            data, phased(epochs=1), start=Start("tiny/1", "a", weights), checkpoint=tmp_path / "run.ckpt", resume=True
        )


def test_weights_of_another_network_are_refused(data: GlyphDataset) -> None:
    with pytest.raises(InvalidInput, match="recipe's network, other/1 has another"):
        train_recipe(data, TINY, start=Start("other/1", "a", {"dense.weight": np.zeros((2, 2), np.float32)}))


SETTINGS = {
    "averaged weights": replace(TINY, average=0.9),
    "gradient descent": replace(phased(lr=0.05), optimiser=SGDTable(momentum=0.5), clip=1.0, schedule=CosineTable()),
    "early stopping": replace(TINY, average=0.9, early_stopping=EarlyStopping(patience=3, metric="accuracy")),
    "a group": replace(TINY, loss=Loss(group="0123456789", group_weight=0.5)),
    "no augmentation": phased(augmentation=None),
}


@pytest.mark.parametrize("recipe", SETTINGS.values(), ids=SETTINGS)
def test_whatever_the_recipe_two_runs_and_a_resumed_one_give_the_same_bits(
    data: GlyphDataset, tmp_path: Path, recipe: GlyphRecipe
) -> None:
    checkpoint = tmp_path / "run.ckpt"

    def stop_after_two(epoch: Epoch) -> None:
        if epoch.epoch == 1:
            raise KeyboardInterrupt

    whole = train_recipe(data, recipe, workers=0)
    with pytest.raises(KeyboardInterrupt):
        train_recipe(data, recipe, checkpoint=checkpoint, workers=0, on_epoch=stop_after_two)
    resumed = train_recipe(data, recipe, checkpoint=checkpoint, workers=0, resume=True)

    for name in ("memory", "averaged", "best", "initial"):
        np.testing.assert_equal(getattr(resumed, name), getattr(whole, name))
    np.testing.assert_equal(resumed.trained().arrays(), whole.trained().arrays())
    assert [epoch.valid_loss for epoch in resumed.history] == [epoch.valid_loss for epoch in whole.history]


def test_what_is_validated_and_returned_is_the_average_of_the_weights(data: GlyphDataset) -> None:
    run = train_recipe(data, SETTINGS["averaged weights"], workers=0)
    plain = train_recipe(data, TINY, workers=0)

    np.testing.assert_equal(run.network.arrays(), plain.network.arrays())  # averaging does not change the way
    assert run.history[-1].last_loss == plain.history[-1].valid_loss
    for network, loss in ((run.trained(), run.history[-1].valid_loss), (run.network, run.history[-1].last_loss)):
        logits = network.predict(data.valid_glyphs)
        assert cross_entropy(logits, data.valid_classes)[0] == pytest.approx(loss, rel=1e-5)
    assert run.history[-1].valid_loss != run.history[-1].last_loss


def test_early_stopping_waits_its_patience_and_keeps_the_best_weights(data: GlyphDataset) -> None:
    never_better = EarlyStopping(patience=2, min_delta=1e3)
    recipe = replace(phased(epochs=9), early_stopping=never_better)

    run = train_recipe(data, recipe, workers=0)

    assert (len(run.history), run.best_epoch, run.finished) == (3, 0, True)
    logits = run.trained().predict(data.valid_glyphs)
    assert cross_entropy(logits, data.valid_classes)[0] == pytest.approx(run.history[0].valid_loss, rel=1e-5)
    assert (logits.argmax(axis=1) == data.valid_classes).mean() == pytest.approx(run.history[0].valid_accuracy)
    assert run.history[0].valid_loss != run.history[-1].valid_loss


def test_a_run_that_stopped_early_is_not_taken_further(data: GlyphDataset, tmp_path: Path) -> None:
    recipe = replace(phased(epochs=9), early_stopping=EarlyStopping(patience=1, min_delta=1e3))
    train_recipe(data, recipe, checkpoint=tmp_path / "run.ckpt", workers=0)

    resumed = train_recipe(data, recipe, checkpoint=tmp_path / "run.ckpt", resume=True, workers=0)

    assert len(resumed.history) == 2


def test_the_sum_over_a_batch_moves_as_far_as_the_mean_at_a_rate_as_many_times_as_great(data: GlyphDataset) -> None:
    descent = replace(TINY, optimiser=SGDTable(momentum=0.0))
    mean = train_recipe(data, phased(descent, epochs=1, lr=0.024), workers=0)
    total = train_recipe(
        data, replace(phased(descent, epochs=1, lr=0.001), loss=replace(TINY.loss, reduction="sum")), workers=0
    )

    for name, array in mean.network.params.items():
        np.testing.assert_allclose(total.network.params[name], array, rtol=1e-3, atol=1e-4)
    assert total.history[0].train_loss == pytest.approx(mean.history[0].train_loss, rel=1e-3)


def test_clipped_steps_of_gradient_descent_are_no_longer_than_the_rate_times_the_norm(data: GlyphDataset) -> None:
    one_step = replace(
        phased(epochs=1, lr=0.1), batch_size=96, optimiser=SGDTable(momentum=0.0), clip=1e-2, schedule=ConstantTable()
    )

    run = train_recipe(data, one_step, workers=0)

    moved = [array - run.initial[name] for name, array in run.network.params.items()]
    assert np.sqrt(sum((step**2).sum() for step in moved)) == pytest.approx(0.1 * 1e-2, rel=1e-3)


def test_a_checkpoint_that_cannot_be_written_is_refused_before_the_first_batch(
    data: GlyphDataset, tmp_path: Path
) -> None:
    (tmp_path / "file").touch()
    batches: list[int] = []

    for place in (tmp_path / "file" / "run.ckpt", tmp_path):
        with pytest.raises(InvalidInput, match="cannot write the checkpoint"):
            train_recipe(data, TINY, checkpoint=place, workers=0, on_batch=lambda *_: batches.append(1))

    assert not batches


def test_training_leaves_no_thread_behind(data: GlyphDataset) -> None:
    before = threading.active_count()

    train_recipe(data, phased(epochs=1), workers=0)

    assert threading.active_count() == before


@pytest.mark.parametrize("clip", [None, 1.0])
def test_a_run_that_diverges_names_layer_and_rate(data: GlyphDataset, clip: float | None) -> None:
    wild = replace(phased(lr=1e30), clip=clip, optimiser=SGDTable(), schedule=ConstantTable())

    with pytest.raises(TrainingDiverged, match=r"in epoch 1, batch 2, at lr 1e\+30; first not finite: .* layer '\w+'"):
        train_recipe(data, wild, workers=0)
