"""A sweep from a request to its result: what a job does."""

from __future__ import annotations

from dataclasses import asdict
from functools import partial
from pathlib import Path
from typing import Any

from app.cli.work.retraining import Listener, done_once
from app.config import Settings
from app.training import Epoch, GlyphDataset, GlyphRecipe, SweepRequest, load_glyph_data, plan_sweep, try_rate


def sweep(request: SweepRequest, settings: Settings, folder: Path, listener: Listener) -> dict[str, Any]:
    """Try each learning rate; trials that were done before an interruption are not done again."""
    recipe = plan_sweep(request, settings.data)
    data = load_glyph_data(recipe.data, settings.data)
    trials = [
        done_once(folder / f"trial-{number}.json", partial(_trial, number, lr, request, recipe, data, listener))
        for number, lr in enumerate(request.lr)
    ]
    ended = [(trial["best"]["valid_loss"], trial["lr"]) for trial in trials if trial["best"] and not trial["diverged"]]
    return {"recipe": request.recipe, "best_lr": min(ended)[1] if ended else None, "trials": trials}


def _trial(
    number: int,
    lr: float,
    request: SweepRequest,
    recipe: GlyphRecipe,
    data: GlyphDataset,
    listener: Listener,
) -> dict[str, Any]:
    """Try one rate."""
    listener.emit("log", {"message": f"training at learning rate {lr:g}", "lr": lr})
    total = recipe.total_epochs

    def on_batch(epoch: int, batch: int, batches: int, loss: float) -> None:
        listener.checkpoint()
        done = (number * total + epoch) * batches + batch
        listener.progress(done, len(request.lr) * total * batches, "batches")

    def on_epoch(epoch: Epoch) -> None:
        listener.emit("epoch", {"trial_lr": lr, "of": total, **asdict(epoch)})

    trial = try_rate(data, recipe, lr, workers=1, on_batch=on_batch, on_epoch=on_epoch)
    if trial.diverged:
        listener.emit("log", {"message": trial.diverged, "lr": lr})
    return {**asdict(trial), "best": None if trial.best is None else asdict(trial.best)}
