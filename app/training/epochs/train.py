"""Train a recipe from its first epoch to its last."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractContextManager
from pathlib import Path
from typing import Any, Protocol

from app.ocr import Alphabet
from app.training.epochs.device import CPU, Device
from app.training.epochs.glyph_data import GlyphDataset, load_glyph_data
from app.training.epochs.history import Epoch
from app.training.epochs.loop import Progress, Stream, train_phase
from app.training.epochs.row_data import RowDataset, load_row_data
from app.training.epochs.run import Run, Start
from app.training.epochs.step import Objective, Part
from app.training.recipes.row_recipe import AnyRecipe, RowRecipe


class TrainingData(Protocol):
    """What a recipe trains on and is validated with."""

    @property
    def alphabet(self) -> Alphabet:
        """The characters to learn."""

    @property
    def fingerprint(self) -> str:
        """A digest of the training data."""

    def stream(self, recipe: Any, phase: Any, workers: int) -> AbstractContextManager[Stream]:
        """Return the batches of a phase."""

    def validation(self, objective: Objective, shards: int) -> list[Part]:
        """Return the parts that every epoch is validated with."""


def load_training_data(recipe: AnyRecipe, root: Path) -> GlyphDataset | RowDataset:
    """Read the data of a recipe, with the errors of `load_glyph_data` and `load_row_data`."""
    if isinstance(recipe, RowRecipe):
        return load_row_data(recipe.data, root)
    return load_glyph_data(recipe.data, root)


def train_recipe(
    data: TrainingData,
    recipe: AnyRecipe,
    *,
    start: Start | None = None,
    checkpoint: Path | None = None,
    resume: bool = False,
    workers: int = 1,
    device: Device = CPU,
    on_batch: Progress = lambda *_: None,
    on_epoch: Callable[[Epoch], None] = lambda _: None,
) -> Run:
    """Run a recipe to its end; see `train_phase` for interruptions and errors.

    Parameters
    ----------
    start : weights to start from; None for random ones
    checkpoint : file that is written after each epoch; None for none
    resume : whether to continue the run of `checkpoint`
    workers : processes that draw the training samples; their number changes no result
    device : where to compute
    """
    run = Run(recipe, data.alphabet, data.fingerprint, start, device)
    if resume and checkpoint is not None:
        run.resume(checkpoint)
    finish_run(run, data, checkpoint=checkpoint, workers=workers, on_batch=on_batch, on_epoch=on_epoch)
    return run


def finish_run(
    run: Run,
    data: TrainingData,
    *,
    checkpoint: Path | None = None,
    workers: int = 1,
    on_batch: Progress = lambda *_: None,
    on_epoch: Callable[[Epoch], None] = lambda _: None,
) -> None:
    """Train the remaining epochs of a run, phase by phase; parameters as of `train_recipe`."""
    validation = data.validation(run.objective, run.recipe.shards)
    while not run.finished:
        _, phase = run.recipe.phase_of(len(run.history))
        with data.stream(run.recipe, phase, workers) as stream:
            train_phase(run, stream, validation, checkpoint=checkpoint, on_batch=on_batch, on_epoch=on_epoch)
