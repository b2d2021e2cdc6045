"""A recipe from its first epoch to its last."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from app.datasets import GlyphStream
from app.training.glyph_data import GlyphData
from app.training.history import Epoch
from app.training.loop import Progress, Run
from app.training.recipe import Recipe


def train_recipe(
    data: GlyphData,
    recipe: Recipe,
    *,
    checkpoint: Path | None = None,
    resume: bool = False,
    workers: int = 1,
    on_batch: Progress | None = None,
    on_epoch: Callable[[Epoch], None] | None = None,
) -> Run:
    """Run a recipe to its end; see `Run.train` for interruptions and errors.

    Parameters
    ----------
    checkpoint : written after each epoch; None keeps nothing
    resume : take up the run of `checkpoint`
    workers : processes that draw glyphs; they change no result
    """
    run = Run(recipe, data.alphabet, data.fingerprint)
    if resume and checkpoint is not None:
        run.resume(checkpoint)
    while not run.finished:
        _, phase = recipe.phase_of(len(run.history))
        with GlyphStream(
            data.train,
            phase.augmentation,
            batch_size=recipe.batch_size,
            seed=recipe.seed,
            workers=workers,
            balance=phase.balance,
        ) as stream:
            run.train(
                stream,
                (data.valid_glyphs, data.valid_classes),
                checkpoint=checkpoint,
                on_batch=on_batch,
                on_epoch=on_epoch,
            )
    return run
