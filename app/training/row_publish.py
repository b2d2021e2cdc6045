"""From a trained row network to the card that says all of it."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any

from app.nn import Inference
from app.ocr import ROW_INPUT, RowReader
from app.training.calibration import best_temperature
from app.training.loop import Run
from app.training.row_data import RowDataset
from app.training.row_measure import measure_rows

_ROWS_A_KIND = 1000
_TEMPERATURE_STEPS = 10


def describe_rows(run: Run, data: RowDataset) -> dict[str, Any]:
    """Return the card of a row network."""
    network = run.trained()
    temperature = _fit_temperature(run, data)
    reader = RowReader(network, data.alphabet, temperature)
    measured = measure_rows(reader, data.valid_writers, _ROWS_A_KIND)
    return {
        "description": run.recipe.description,
        "licence": "MIT",
        "architecture": {**run.recipe.network, "classes": run.objective.classes},
        "alphabet": data.alphabet.chars,
        "input": ROW_INPUT,
        "seed": run.recipe.seed,
        "hyper_parameters": run.recipe.as_table(),
        **({} if run.start is None else {"start": {"model": run.start.model, "digest": run.start.digest}}),
        "data": {**data.source, "fingerprint": data.fingerprint},
        "metrics": {
            "valid": {f"error_rate_{kind}": styles["all"].error_rate for kind, styles in measured.counts.items()}
        },
        "error_rates": measured.document()["error_rates"],
        "calibration": {"temperature": temperature, "ece_after": measured.calibration_error},
        "best_epoch": run.best_epoch,
        "curves": [asdict(epoch) for epoch in run.history],
    }


def _fit_temperature(run: Run, data: RowDataset) -> float:
    """Return the temperature that makes the texts of the validation rows likeliest."""
    inference = Inference(run.trained(), batch_size=run.objective.at_once)
    parts = [(inference.predict(images), truth) for images, truth in data.validation(run.objective, 1)]
    return best_temperature(
        lambda temperature: sum(run.objective.valid_loss(logits / temperature, truth) for logits, truth in parts),
        _TEMPERATURE_STEPS,
    )
