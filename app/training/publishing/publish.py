"""From a trained network to a version in the store, with the card that says all of it."""

from __future__ import annotations

from typing import Any

from app.datasets import char_extents
from app.nn import Inference
from app.ocr import GLYPH_INPUT
from app.store import ModelStore, Version
from app.training.epochs.glyph_data import GlyphData, Samples
from app.training.epochs.loop import Run
from app.training.epochs.row_data import RowDataset
from app.training.measuring.calibration import calibration
from app.training.measuring.evaluation import report
from app.training.publishing.card import describe_run
from app.training.publishing.row_publish import describe_rows


def publish_run(store: ModelStore, run: Run, data: GlyphData | RowDataset) -> Version:
    """Measure a trained network on the validation writers and publish it under its recipe's name; no alias moves."""
    card = describe_rows(run, data) if isinstance(data, RowDataset) else describe(run, data)
    first_weight = next(iter(run.network.params))
    return store.publish(
        run.recipe.model,
        run.trained().arrays(),
        card,
        initial={first_weight: run.initial[first_weight]},
    )


def describe(run: Run, data: GlyphData) -> dict[str, Any]:
    """Return the card: all that the model says of itself."""
    logits = Inference(run.trained()).predict(data.valid_glyphs)
    measured = report(logits, data.valid_classes, data.alphabet)
    return {
        **describe_run(run),
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
