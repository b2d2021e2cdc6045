"""Carries out a retraining: trains on rehearsed writing and corrections, and publishes the candidate."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from functools import partial
from hashlib import sha256
from pathlib import Path

import numpy as np

from app.datasets import GlyphSet
from app.datasets.fingerprint import joint_fingerprint
from app.errors import Conflict
from app.nn import Inference
from app.ocr.recognisers.architectures import build_from_card
from app.ocr.teaching.taught import TaughtGlyph, TaughtRow
from app.store import CANDIDATE, ModelStore, Occasion, StoredModel, Version
from app.training.epochs.glyph_data import GlyphDataset
from app.training.epochs.history import Epoch
from app.training.epochs.loop import Progress
from app.training.epochs.row_data import RowDataset
from app.training.epochs.run import Run, Start
from app.training.epochs.train import finish_run, load_training_data
from app.training.publishing.publish import describe, publish_with_card
from app.training.retraining.request import Plan

_MEASURED_ROWS = 200  # of each kind, after a retraining


@dataclass(frozen=True)
class Corrections:
    """Corrections as training examples; those that are held out are for the gate."""

    glyphs: Sequence[TaughtGlyph] = ()
    rows: Sequence[TaughtRow] = ()

    def for_training(self, model: str, alphabet: str) -> Corrections:
        """Return what a model is to learn, sorted, without what is held out and characters that it does not know."""
        glyphs = [each for each in self.glyphs if not each.held_out and each.char in alphabet]
        rows = [each for each in self.rows if not each.held_out and set(each.text) <= set(alphabet)]
        return Corrections(
            sorted(glyphs, key=lambda each: each.source) if model != "rows" else (),
            sorted(rows, key=lambda each: each.source) if model == "rows" else (),
        )

    def misread_by(self, model: StoredModel) -> Corrections:
        """Return the corrections without the glyphs that a version names rightly anyway, as most glyphs of a row.

        They would teach it nothing new, but make it prefer one of two look-alikes: S, say, if nobody corrected an s.
        """
        if not self.glyphs:
            return self
        network, alphabet, _ = build_from_card(model.card, model.arrays)
        logits = Inference(network).predict(np.stack([each.image for each in self.glyphs])[:, None])
        read = [alphabet.chars[index] for index in logits.argmax(axis=1)]
        wrong = [each for each, char in zip(self.glyphs, read, strict=True) if each.char != char]
        return Corrections(wrong, self.rows)

    @property
    def sources(self) -> list[str]:
        """Ids of the corrections, each once."""
        return sorted({each.source for each in self.glyphs} | {each.source for each in self.rows})

    def __len__(self) -> int:
        return len(self.glyphs) + len(self.rows)


@dataclass(frozen=True)
class Retrained:
    """A finished run, its plan and data, and the corrections among these."""

    plan: Plan
    run: Run
    data: GlyphDataset | RowDataset
    learnt: Corrections


def retrain(
    plan: Plan,
    corrections: Corrections,
    root: Path,
    *,
    checkpoint: Path,
    workers: int = 1,
    on_batch: Progress = lambda *_: None,
    on_epoch: Callable[[Run, Epoch], None] = lambda run, epoch: None,
    on_anew: Callable[[], None] = lambda: None,
) -> Retrained:
    """Carry out a plan; if `checkpoint` holds the same run, it is resumed.

    The same plan, data and corrections give the same weights, interrupted or not. If any of them has changed since the
    checkpoint was written, because somebody corrected or promoted something, the run starts again.

    Parameters
    ----------
    corrections : learnt as far as `Corrections.for_training` allows, and unless the start reads them rightly already
    root : folder of all data sets
    checkpoint : written before the first epoch and after each
    on_batch : whatever it raises ends the run, which can be resumed
    on_anew : called if the run starts again although there is a checkpoint

    Raises
    ------
    TrainingDiverged : and what `load_training_data` and `Run.resume` raise.
    """
    data = load_training_data(plan.recipe, root)
    learnt = corrections.for_training(plan.model, data.alphabet.chars)
    if plan.start is not None:
        learnt = learnt.misread_by(plan.start)
    data = with_corrections(data, learnt)
    start = None if plan.start is None else Start.of(plan.start)
    run = Run(plan.recipe, data.alphabet, data.fingerprint, start)
    _take_up(run, checkpoint, on_anew)
    finish_run(run, data, checkpoint=checkpoint, workers=workers, on_batch=on_batch, on_epoch=partial(on_epoch, run))
    return Retrained(plan, run, data, learnt)


def publish_retrained(store: ModelStore, retrained: Retrained, occasion: Occasion = Occasion()) -> Version:
    """Measure a retrained network, publish it, and let the alias ``candidate`` stand for it.

    A network that rehearsed gives the same probabilities as the one it started from, so it keeps that one's temperature
    and confusion counts. Measured anew on imagined writing, they would only hold for imagined writing.
    """
    run, data, start = retrained.run, retrained.data, retrained.plan.start
    temperature = None if start is None else float(start.card["calibration"]["temperature"])
    card = describe(run, data, temperature, _MEASURED_ROWS)
    if start is not None:
        origin = {"taken_from": f"{start.name}/{start.version}"}
        card["calibration"] = {**start.card["calibration"], **origin}
        kept = start.card.get("substitutions", start.card.get("confusion"))
        if kept is not None:
            card["substitutions"] = {**origin, **kept}
    card["lessons"] = {"corrections": retrained.learnt.sources, "count": len(retrained.learnt)}
    version = publish_with_card(store, run, card)
    store.set_alias(version.name, CANDIDATE, version.version, occasion)
    return version


def _take_up(run: Run, checkpoint: Path, on_anew: Callable[[], None]) -> None:
    """Resume from `checkpoint`; if there is none, or it is that of another run, write it anew.

    The checkpoint of another run is kept beside it with the suffix ``.old``, in case somebody restores its data.
    """
    if checkpoint.exists():
        try:
            run.resume(checkpoint)
            return
        except Conflict:
            checkpoint.replace(checkpoint.with_name(f"{checkpoint.name}.old"))
            on_anew()
    run.save(checkpoint)


def with_corrections(data: GlyphDataset | RowDataset, learnt: Corrections) -> GlyphDataset | RowDataset:
    """Return the data with the corrections in them; their fingerprint changes accordingly."""
    if not len(learnt):
        return data
    if isinstance(data, RowDataset):
        rows = [(each.text, each.strip) for each in learnt.rows]
        said = [sha256(text.encode() + strip.pixels.tobytes()).hexdigest() for text, strip in rows]
        return replace(data, taught=rows, fingerprint=joint_fingerprint([data.fingerprint, *said]))
    images = np.stack([each.image for each in learnt.glyphs])
    taught = GlyphSet(
        np.rint(images * 255).astype(np.uint8),
        np.array([each.char for each in learnt.glyphs]),
        np.array(["" for _ in learnt.glyphs]),
    )
    return replace(data, taught=taught, fingerprint=joint_fingerprint([data.fingerprint, taught.fingerprint()]))
