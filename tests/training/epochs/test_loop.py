from __future__ import annotations

from collections.abc import Callable
from dataclasses import asdict
from dataclasses import replace as replaced
from pathlib import Path
from typing import TypeAlias

import numpy as np
import pytest
from msgspec.structs import replace
from numpy.typing import NDArray
from threadpoolctl import threadpool_info

from app.datasets import Augmentation, GlyphStream, StrokeSet, render_glyphs
from app.errors import Conflict, InvalidInput, TrainingDiverged
from app.nn import Array, Params, cross_entropy
from app.ocr import Alphabet
from app.training.epochs.history import Epoch
from app.training.epochs.loop import Progress, train_phase
from app.training.epochs.run import Run
from app.training.recipes.recipe import Data, GlyphRecipe, Loss
from app.training.recipes.tables import AdamWTable
from tests.conftest import write_samples
from tests.training.conftest import TINY, as_validation, phased

Validation: TypeAlias = tuple[Array, NDArray[np.int64]]


def _run(samples: StrokeSet, recipe: GlyphRecipe = TINY) -> Run:
    return Run(recipe, Alphabet(samples.alphabet), samples.fingerprint())


def _train(
    run: Run,
    samples: StrokeSet,
    validation: Validation,
    checkpoint: Path | None = None,
    *,
    on_batch: Progress = lambda *_: None,
    on_epoch: Callable[[Epoch], None] = lambda _: None,
) -> Run:
    recipe = run.recipe
    with GlyphStream(
        samples, recipe.phases[0].augmentation, batch_size=recipe.batch_size, seed=recipe.seed, workers=0
    ) as stream:
        train_phase(run, stream, [validation], checkpoint=checkpoint, on_batch=on_batch, on_epoch=on_epoch)
    return run


def _figures(run: Run) -> list[dict[str, float]]:
    """The history without the time it took."""
    return [asdict(replaced(epoch, seconds=0.0)) for epoch in run.history]


def _assert_same(one: Run, other: Run) -> None:
    """Equal to the bit: weights, statistics, first weights, the optimiser's memory; and the same history."""
    for name in ("initial", "memory"):
        np.testing.assert_equal(getattr(one, name), getattr(other, name))
    np.testing.assert_equal(one.network.arrays(), other.network.arrays())
    assert _figures(one) == _figures(other)


def _copy(arrays: Params) -> Params:
    return {name: array.copy() for name, array in arrays.items()}


@pytest.fixture(scope="module")
def trained(pen_samples: StrokeSet, validation: Validation) -> Run:
    """The tiny recipe run to its end without interruption."""
    return _train(_run(pen_samples), pen_samples, validation)


def test_the_same_seed_gives_the_same_weights_to_the_bit(
    pen_samples: StrokeSet, validation: Validation, trained: Run
) -> None:
    _assert_same(_train(_run(pen_samples), pen_samples, validation), trained)


def test_another_seed_gives_other_weights(pen_samples: StrokeSet, validation: Validation, trained: Run) -> None:
    other = _train(_run(pen_samples, phased(replace(TINY, seed=2), epochs=1)), pen_samples, validation)

    for name in ("conv1a.weight", "output.weight"):
        assert not np.array_equal(other.initial[name], trained.initial[name])


def test_the_first_weights_are_kept(pen_samples: StrokeSet, trained: Run) -> None:
    np.testing.assert_equal(trained.initial, _run(pen_samples).network.arrays())


def test_training_moves_every_weight_and_every_statistic(trained: Run) -> None:
    for name, array in trained.network.arrays().items():
        assert (array != trained.initial[name]).mean() > 0.9, name


def test_a_step_follows_the_mean_gradient_of_all_shards(pen_samples: StrokeSet, validation: Validation) -> None:
    recipe = replace(
        phased(epochs=1),
        network={**TINY.network, "dropout": 0.0},
        batch_size=len(pen_samples),
        shards=3,
        loss=Loss(smoothing=0.2),
    )
    run, twin = _run(pen_samples, recipe), _run(pen_samples, recipe)
    _train(run, pen_samples, validation)

    with GlyphStream(
        pen_samples, recipe.phases[0].augmentation, batch_size=len(pen_samples), seed=recipe.seed, workers=0
    ) as stream:
        ((glyphs, labels),) = stream.epoch(0)
    grads = []
    for part, classes in zip(np.split(glyphs, 3), np.split(twin.alphabet.encode(labels), 3), strict=True):
        logits, cache = twin.network.forward(part, np.random.default_rng())
        grads.append(twin.network.backward(cross_entropy(logits, classes, 0.2)[1], cache)[1])
    for name in twin.network.params:
        expected = np.mean([grad[name] for grad in grads], axis=0)
        # After one step, the optimiser's average is the gradient times 1 - beta1.
        np.testing.assert_allclose(run.memory[f"first.{name}"] / 0.1, expected, rtol=1e-3, atol=1e-6)


def test_loss_falls_and_accuracy_rises(trained: Run) -> None:
    first, *_, last = trained.history

    assert last.train_loss < 0.8 * first.train_loss
    assert last.train_accuracy > first.train_accuracy + 0.2
    assert last.valid_loss < first.valid_loss


def test_history_tells_each_epoch(trained: Run) -> None:
    assert [epoch.epoch for epoch in trained.history] == [0, 1, 2]
    assert all(epoch.seconds > 0 for epoch in trained.history)
    assert 0 < trained.history[-1].lr < 0.1 * TINY.phases[0].lr  # the end of the one cycle


def test_progress_is_told_batch_by_batch(pen_samples: StrokeSet, validation: Validation) -> None:
    batches: list[tuple[int, int, int]] = []
    epochs: list[int] = []
    losses: list[float] = []

    def on_batch(epoch: int, done: int, batches_in_all: int, mean_loss: float) -> None:
        batches.append((epoch, done, batches_in_all))
        losses.append(mean_loss)

    run = _train(
        _run(pen_samples, phased(epochs=2)),
        pen_samples,
        validation,
        on_batch=on_batch,
        on_epoch=lambda epoch: epochs.append(epoch.epoch),
    )

    assert batches == [(epoch, done, 6) for epoch in range(2) for done in range(1, 7)]
    assert epochs == [0, 1]
    assert losses[5::6] == [epoch.train_loss for epoch in run.history]


def test_blas_has_one_thread_while_training_and_all_of_them_again_afterwards(
    pen_samples: StrokeSet, validation: Validation
) -> None:
    def threads() -> list[int]:
        return [library["num_threads"] for library in threadpool_info() if library["user_api"] == "blas"]

    before, during = threads(), []

    _train(
        _run(pen_samples, phased(epochs=1)),
        pen_samples,
        validation,
        on_batch=lambda *_: during.extend(threads()),
    )

    assert set(during) == {1}
    assert threads() == before


def _stop(*_: object) -> None:
    raise KeyboardInterrupt


def test_a_run_interrupted_after_an_epoch_ends_as_if_it_had_not_been(
    pen_samples: StrokeSet, validation: Validation, trained: Run, tmp_path: Path
) -> None:
    checkpoint = tmp_path / "run.ckpt"
    with pytest.raises(KeyboardInterrupt):
        _train(_run(pen_samples), pen_samples, validation, checkpoint, on_epoch=_stop)

    resumed = _run(pen_samples)
    resumed.resume(checkpoint)
    assert len(resumed.history) == 1

    _assert_same(_train(resumed, pen_samples, validation, checkpoint), trained)


def test_a_run_interrupted_in_the_middle_of_an_epoch_goes_on_from_the_checkpoint_before(
    pen_samples: StrokeSet, validation: Validation, trained: Run, tmp_path: Path
) -> None:
    checkpoint = tmp_path / "run.ckpt"

    def stop_in_the_third_epoch(epoch: int, batch: int, batches: int, loss: float) -> None:
        if (epoch, batch) == (2, 2):
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        _train(_run(pen_samples), pen_samples, validation, checkpoint, on_batch=stop_in_the_third_epoch)

    resumed = _run(pen_samples)
    resumed.resume(checkpoint)
    assert len(resumed.history) == 2
    _assert_same(_train(resumed, pen_samples, validation), trained)


def test_resuming_a_finished_run_trains_nothing_more(
    pen_samples: StrokeSet, validation: Validation, trained: Run, tmp_path: Path
) -> None:
    trained.save(tmp_path / "run.ckpt")
    resumed = _run(pen_samples)
    resumed.resume(tmp_path / "run.ckpt")

    _assert_same(_train(resumed, pen_samples, validation, on_batch=_stop), trained)


@pytest.mark.parametrize(
    "other",
    [
        phased(lr=4e-3),
        replace(TINY, seed=2),
        replace(TINY, network={**TINY.network, "dropout": 0.2}),
        phased(augmentation=Augmentation(jitter=0.03)),
    ],
    ids=["lr", "seed", "architecture", "augmentation"],
)
def test_a_checkpoint_of_another_recipe_is_refused(
    pen_samples: StrokeSet, trained: Run, tmp_path: Path, other: GlyphRecipe
) -> None:
    trained.save(tmp_path / "run.ckpt")
    run = _run(pen_samples, other)
    before = _copy(run.network.arrays())

    with pytest.raises(Conflict, match=r"run\.ckpt belongs to a run with another recipe"):
        run.resume(tmp_path / "run.ckpt")

    np.testing.assert_equal(run.network.arrays(), before)
    assert run.history == []


def test_a_checkpoint_of_other_data_is_refused(pen_samples: StrokeSet, trained: Run, tmp_path: Path) -> None:
    trained.save(tmp_path / "run.ckpt")
    fewer = pen_samples.select(np.arange(len(pen_samples)) != 17)

    with pytest.raises(Conflict, match="other data"):
        _run(fewer).resume(tmp_path / "run.ckpt")


def test_a_checkpoint_with_other_arrays_than_its_run_has_is_refused_and_changes_nothing(
    pen_samples: StrokeSet, trained: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    small = _run(pen_samples, replace(TINY, network={**TINY.network, "hidden": 8}))
    monkeypatch.setattr(Run, "identity", "the same")
    small.save(tmp_path / "run.ckpt")
    run = _run(pen_samples)

    with pytest.raises(InvalidInput, match=r"run\.ckpt is damaged"):
        run.resume(tmp_path / "run.ckpt")

    np.testing.assert_equal(run.network.arrays(), trained.initial)
    assert run.history == []


def test_a_loss_that_is_no_number_stops_the_run_and_names_the_place(
    pen_samples: StrokeSet, validation: Validation, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    drawn = 0

    def spoil(*arguments: object) -> Array:
        nonlocal drawn
        drawn += 1
        glyphs = render_glyphs(*arguments)  # type: ignore[arg-type]
        return glyphs * np.float32(np.nan) if drawn == 8 else glyphs

    monkeypatch.setattr("app.datasets.glyphs.stream.render_glyphs", spoil)

    with pytest.raises(TrainingDiverged, match=r"nan in epoch 2, batch 2, at lr 0\.00"):
        _train(_run(pen_samples), pen_samples, validation, tmp_path / "run.ckpt")

    before = _run(pen_samples)
    before.resume(tmp_path / "run.ckpt")
    assert len(before.history) == 1
    assert all(np.isfinite(array).all() for array in before.network.arrays().values())


def test_weights_that_run_away_are_told_without_warnings(pen_samples: StrokeSet, validation: Validation) -> None:
    with pytest.raises(TrainingDiverged, match="in epoch 1, batch 2"):
        _train(_run(pen_samples, phased(lr=1e20)), pen_samples, validation)


def test_weights_that_run_away_in_the_last_step_of_an_epoch_spoil_no_checkpoint(
    pen_samples: StrokeSet, validation: Validation, tmp_path: Path
) -> None:
    one_step = replace(phased(lr=1e38), batch_size=len(pen_samples))

    with pytest.raises(TrainingDiverged, match="in validation after epoch 1"):
        _train(_run(pen_samples, one_step), pen_samples, validation, tmp_path / "run.ckpt")

    assert not (tmp_path / "run.ckpt").exists()


def test_every_setting_of_a_recipe_is_part_of_its_identity(pen_samples: StrokeSet) -> None:
    others = [
        phased(epochs=4),
        replace(TINY, batch_size=48),
        replace(TINY, optimiser=AdamWTable(weight_decay=0.1)),
        replace(TINY, loss=Loss()),
        replace(TINY, data=Data(name="unipen", max_doubt=3)),
        replace(TINY, shards=3),
    ]

    assert len({_run(pen_samples, recipe).identity for recipe in [TINY, *others]}) == 7


@pytest.mark.slow
def test_digits_of_the_pen_font_are_learned_to_95_per_cent() -> None:
    samples, others = write_samples("0123456789", writers=60), write_samples("0123456789", writers=20, seed=1)
    recipe = replace(
        phased(epochs=4, lr=5e-3),
        network={"name": "glyph-cnn", "stages": [[8], [16]], "hidden": 32, "dropout": 0.1},
        batch_size=30,
        seed=0,
    )

    run = _train(_run(samples, recipe), samples, as_validation(others, Alphabet(samples.alphabet)))

    assert run.history[-1].valid_accuracy > 0.95
    assert run.history[-1].train_accuracy > 0.8
