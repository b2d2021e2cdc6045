"""What a card says of the run that a model comes from, whatever was asked of the network."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any

from app.training.epochs.loop import Run


def describe_run(run: Run) -> dict[str, Any]:
    """Return these entries of a card, in JSON's types."""
    start = {} if run.start is None else {"start": {"model": run.start.model, "digest": run.start.digest}}
    return {
        "description": run.recipe.description,
        "licence": "MIT",
        "architecture": {**run.recipe.network, "classes": run.objective.classes},
        "alphabet": run.alphabet.chars,
        "seed": run.recipe.seed,
        "hyper_parameters": run.recipe.as_table(),
        **start,
        "best_epoch": run.best_epoch,
        "curves": [asdict(epoch) for epoch in run.history],
    }
