"""From a trained row network to the card that says all of it."""

from __future__ import annotations

from typing import Any

from app.nn import Inference, Sequential
from app.ocr import ROW_INPUT, RowReader
from app.training.epochs.loop import Run
from app.training.epochs.row_data import RowDataset
from app.training.epochs.step import Objective
from app.training.measuring.calibration import best_temperature
from app.training.measuring.row_measure import measure_rows
from app.training.publishing.card import describe_run

_ROWS_A_KIND = 1000
_TEMPERATURE_STEPS = 10


def describe_rows(
    run: Run, data: RowDataset, temperature: float | None = None, most: int = _ROWS_A_KIND
) -> dict[str, Any]:
    """Return the card of a row network.

    Parameters
    ----------
    temperature : that is known already; None fits one to the validation rows
    most : rows of each kind to measure on
    """
    network = run.trained()
    if temperature is None:
        temperature = _fit_temperature(network, run.objective, data)
    reader = RowReader(network, data.alphabet, temperature)
    measured = measure_rows(reader, data.valid_writers, most)
    return {
        **describe_run(run),
        "input": ROW_INPUT,
        "data": {**data.source, "fingerprint": data.fingerprint},
        "metrics": {
            "valid": {f"error_rate_{kind}": styles["all"].error_rate for kind, styles in measured.counts.items()}
        },
        "error_rates": measured.document()["error_rates"],
        "calibration": {"temperature": temperature, "ece_after": measured.calibration_error},
    }


def _fit_temperature(network: Sequential, objective: Objective, data: RowDataset) -> float:
    """Return the temperature that makes the texts of the validation rows likeliest."""
    inference = Inference(network, batch_size=objective.at_once)
    parts = [(inference.predict(images), truth) for images, truth in data.validation(objective, 1)]
    return best_temperature(
        lambda temperature: sum(objective.valid_loss(logits / temperature, truth) for logits, truth in parts),
        _TEMPERATURE_STEPS,
    )
