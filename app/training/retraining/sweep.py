"""Trains a recipe at another learning rate, to compare the two."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from time import perf_counter

from app.errors import TrainingDiverged
from app.training.epochs.glyph_data import GlyphDataset
from app.training.epochs.history import Epoch
from app.training.epochs.loop import Progress
from app.training.epochs.run import Run
from app.training.epochs.train import finish_run
from app.training.recipes.recipe import GlyphRecipe


@dataclass(frozen=True)
class Trial:
    """What became of one learning rate.

    Attributes
    ----------
    curves : the epochs that were completed
    diverged : what ended the run; None if it came to its end
    """

    lr: float
    seconds: float
    curves: list[Epoch]
    diverged: str | None = None

    @property
    def best(self) -> Epoch | None:
        """The epoch of the lowest validation loss; None if none was completed."""
        return min(self.curves, key=lambda epoch: epoch.valid_loss, default=None)

    @property
    def accuracy(self) -> float:
        """On the validation glyphs, in the end; 0 for a run that diverged."""
        return self.curves[-1].valid_accuracy if self.curves and self.diverged is None else 0.0


def try_rate(
    data: GlyphDataset,
    recipe: GlyphRecipe,
    lr: float,
    *,
    workers: int = 1,
    on_batch: Progress = lambda *_: None,
    on_epoch: Callable[[Epoch], None] = lambda _: None,
) -> Trial:
    """Train a recipe at another learning rate, from its first weights and on its glyphs.

    Nothing is written or published.

    Parameters
    ----------
    lr : of the recipe's first phase; those of the others change in proportion

    Raises
    ------
    InvalidInput : the rate is not above 0.
    """
    run = Run(recipe.changed(lr=lr), data.alphabet, data.fingerprint)
    return finish_trial(run, data, workers=workers, on_batch=on_batch, on_epoch=on_epoch)


def finish_trial(
    run: Run,
    data: GlyphDataset,
    *,
    workers: int,
    on_batch: Progress = lambda *_: None,
    on_epoch: Callable[[Epoch], None] = lambda _: None,
) -> Trial:
    """Train a run to its end; divergence is a result, not an error."""
    start, diverged = perf_counter(), None
    try:
        finish_run(run, data, workers=workers, on_batch=on_batch, on_epoch=on_epoch)
    except TrainingDiverged as exc:
        diverged = exc.detail
    return Trial(run.recipe.phases[0].lr, perf_counter() - start, run.history, diverged)
