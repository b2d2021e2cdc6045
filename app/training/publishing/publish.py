"""Publishes a trained network: measures it, writes its card, and puts both into the store."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict
from typing import Any

from app.datasets import char_extents
from app.nn import Inference, Sequential
from app.ocr import GLYPH_INPUT, ROW_INPUT, RowReader
from app.store import ModelStore, Version
from app.training.epochs.glyph_data import GlyphDataset, Samples
from app.training.epochs.row_data import RowDataset
from app.training.epochs.run import Run
from app.training.epochs.step import Objective
from app.training.measuring.calibration import best_temperature, calibration
from app.training.measuring.evaluation import report
from app.training.measuring.row_measure import measure_rows

_ROWS_A_KIND = 1000  # that a row network is measured on; a compromise with time
_TEMPERATURE_STEPS = 10  # each leaves two thirds of the range: the logarithm is known to 0.03 then


def publish_run(store: ModelStore, run: Run, data: GlyphDataset | RowDataset) -> Version:
    """Measure a trained network on the validation writers and publish it under its recipe's name; no alias moves."""
    return publish_with_card(store, run, describe(run, data))


def publish_with_card(store: ModelStore, run: Run, card: Mapping[str, Any]) -> Version:
    """Publish a trained network with a given card, and its first layer as it was before training."""
    first_weight = next(iter(run.network.params))
    initial = {first_weight: run.initial[first_weight]}
    return store.publish(run.recipe.model, run.trained().arrays(), card, initial=initial)


def describe(
    run: Run, data: GlyphDataset | RowDataset, temperature: float | None = None, most_rows: int = _ROWS_A_KIND
) -> dict[str, Any]:
    """Measure a trained network on the validation writers, and return its card, in JSON's types.

    Parameters
    ----------
    temperature : of a row network, if it is known already; None fits one to the validation rows
    most_rows : of each kind to measure a row network on
    """
    start = {} if run.start is None else {"start": {"model": run.start.model, "digest": run.start.digest}}
    measured = (
        _measure_rows(run, data, temperature, most_rows) if isinstance(data, RowDataset) else _measure_glyphs(run, data)
    )
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
        **measured,
    }


def _measure_glyphs(run: Run, data: GlyphDataset) -> dict[str, Any]:
    logits = Inference(run.trained()).predict(data.valid_glyphs)
    measured = report(logits, data.valid_classes, data.alphabet)
    return {
        "input": GLYPH_INPUT,
        "data": {
            **data.source,
            "fingerprint": data.fingerprint,
            "train": _size(data.train),
            "valid": _size(data.valid),
        },
        "metrics": {"valid": measured.metrics},
        "calibration": calibration(logits, data.valid_classes, data.valid.writers),
        "confusion": {"split": "valid", "counts": measured.confusion.tolist()},
        "char_extents": char_extents(data.alphabet.chars),
    }


def _size(samples: Samples) -> dict[str, int]:
    return {"glyphs": len(samples), "writers": len(set(samples.writers.tolist()) - {""})}


def _measure_rows(run: Run, data: RowDataset, temperature: float | None, most: int) -> dict[str, Any]:
    network = run.trained()
    if temperature is None:
        temperature = _fit_temperature(network, run.objective, data)
    reader = RowReader(network, data.alphabet, temperature)
    measured = measure_rows(reader, data.valid_writers, most)
    return {
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
