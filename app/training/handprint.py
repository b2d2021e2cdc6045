"""Train the glyph classifier on UNIPEN, then publish it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from app.datasets import PLAIN, GlyphStream, StrokeSet, char_extents, load_unipen, render_glyphs, unipen
from app.nn import Array
from app.ocr import GLYPH_INPUT, Alphabet, Reader
from app.store import ModelStore, Version
from app.training.evaluation import calibration, report
from app.training.history import Epoch
from app.training.loop import Progress, Run
from app.training.recipe import Recipe

NAME = "handprint"


# Some labels are wrong, and some samples are pieces of a character. Figures are given over all of them, and over those
# whose label another network, which had not seen the writer, ranked below these.
_DOUBT = {"all": 2**15, "doubt < 8": 8, "doubt < 3": 3}


@dataclass(frozen=True)
class GlyphData:
    """Training strokes, and validation glyphs of other writers as the classifier sees them.

    Attributes
    ----------
    valid_glyphs : (N, 1, 32, 32) float32, ink 1 on paper 0
    valid_classes : (N,)
    """

    train: StrokeSet
    valid: StrokeSet
    alphabet: Alphabet
    fingerprint: str
    valid_glyphs: Array
    valid_classes: NDArray[np.int64]


def load_glyph_data(folder: Path, max_doubt: int) -> GlyphData:
    """Read UNIPEN and draw its validation glyphs; `max_doubt` is applied to training only.

    Raises
    ------
    DatasetNotFound, DamagedDataset : a file is missing, or not what it should be.
    """
    train, valid = load_unipen(folder, "train"), load_unipen(folder, "valid")
    fingerprint = train.fingerprint()
    alphabet = Alphabet(train.alphabet)
    train = train.select(train.doubt < max_doubt)
    return GlyphData(train, valid, alphabet, fingerprint, _plain_glyphs(valid), alphabet.encode(valid.labels))


def _plain_glyphs(valid: StrokeSet) -> Array:
    """Draw every validation sample once, the same for every model that is measured."""
    return render_glyphs(valid, np.arange(len(valid)), PLAIN, np.random.default_rng(0))


def train_handprint(
    data: GlyphData,
    recipe: Recipe,
    *,
    checkpoint: Path,
    resume: bool = False,
    workers: int = 1,
    on_batch: Progress | None = None,
    on_epoch: Callable[[Epoch], None] | None = None,
) -> Run:
    """Run a recipe to its end; see `Run.train` for interruptions and errors."""
    run = Run(recipe, data.alphabet, data.fingerprint)
    if resume:
        run.resume(checkpoint)
    while len(run.history) < recipe.total_epochs:
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


def publish_handprint(store: ModelStore, run: Run, data: GlyphData) -> Version:
    """Measure a trained network on the validation writers and publish it with its card; no alias moves."""
    first_weight = next(iter(run.network.params))
    return store.publish(
        NAME,
        run.network.arrays(),
        describe(run, data),
        initial={first_weight: run.initial[first_weight]},
    )


def evaluate_reader_on_glyphs(reader: Reader, folder: Path) -> dict[str, float | int]:
    """Return a reader's figures on the validation glyphs of UNIPEN: all of them, and those whose label is sure."""
    valid = load_unipen(folder, "valid")
    classes = reader.alphabet.encode(valid.labels)
    logits = reader.network.predict(_plain_glyphs(valid))
    figures: dict[str, float | int] = {}
    for name, below in _DOUBT.items():
        kept = valid.doubt < below
        measured = report(logits[kept], classes[kept], reader.alphabet).metrics
        figures |= {f"{key} ({name})": value for key, value in measured.items()}
    return figures


def describe(run: Run, data: GlyphData) -> dict[str, Any]:
    """Return the card: all that the model says of itself."""
    logits = run.network.predict(data.valid_glyphs)
    measured = report(logits, data.valid_classes, data.alphabet)
    recipe = asdict(run.recipe)
    return {
        "description": "Names one hand-printed glyph: digits, letters of both cases, punctuation.",
        "licence": "MIT",
        "architecture": {**recipe.pop("architecture"), "classes": len(data.alphabet)},
        "alphabet": data.alphabet.chars,
        "input": GLYPH_INPUT,
        "seed": recipe.pop("seed"),
        "hyper_parameters": recipe,
        "data": {
            "source": unipen.SOURCE,
            "licence": unipen.LICENCE,
            "attribution": unipen.ATTRIBUTION,
            "fingerprint": data.fingerprint,
            "train": {"glyphs": len(data.train), "writers": len(np.unique(data.train.writers))},
            "valid": {"glyphs": len(data.valid), "writers": len(np.unique(data.valid.writers))},
        },
        "metrics": {"valid": measured.metrics},
        "calibration": calibration(logits, data.valid_classes),
        "confusion": {"split": "valid", "counts": measured.confusion.tolist()},
        "char_extents": char_extents(data.alphabet.chars),
        "curves": [asdict(epoch) for epoch in run.history],
    }
