"""The decision of the gate: a candidate passes if it is not worse than the champion and has learnt the corrections.

Both versions are compared on the same things: glyphs or rows by imagined writers whom no training saw, those of the
card's validation data if these are at hand, corrections that were held out, and whole pages, read together with the
other models in service. The limits are in `app.training.gate.verdict`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache, partial
from pathlib import Path
from typing import Any, TypeAlias

import numpy as np
from numpy.typing import NDArray

from app.datasets import Strip, draw_plainly, plain_glyphs, synthesise
from app.datasets.pens.pen_font import load_pen_font
from app.datasets.sources.synthetic import SPLITS
from app.ensemble import Choice, load_ensemble
from app.errors import CorruptModel, DatasetNotFound, InvalidInput, ShapeMismatch, UnknownArchitecture
from app.nn import Array, Inference
from app.ocr import ReadOptions, RowReader, is_network, spells_rows
from app.ocr.recognisers.architectures import build_from_card
from app.ocr.teaching.taught import TaughtGlyph, TaughtRow
from app.store import CHAMPION, ModelStore, StoredModel
from app.training.epochs.glyph_data import Samples
from app.training.gate.contest import Outcome, draw_pages, name_glyphs, read_pages, spell_rows
from app.training.gate.verdict import Check, Verdict, check_calibration, check_classes, check_errors, check_taught
from app.training.measuring.evaluation_sets import SYNTHETIC, load_evaluation_glyphs, load_evaluation_rows
from app.training.measuring.row_measure import Checkpoint

GATE_PAGES = 12
"""How many pages both read."""

_GLYPHS_A_CLASS = 30  # each by another imagined writer, those of the evaluation set among them
_MOST_GLYPHS, _MOST_ROWS_A_KIND = 2500, 60  # of validation data
_UNUSABLE = (CorruptModel, ShapeMismatch, UnknownArchitecture)

Taught: TypeAlias = Sequence[TaughtGlyph | TaughtRow]
Glyphs: TypeAlias = tuple[Array, NDArray[np.str_]]  # (N, 1, 32, 32) and (N,)
Rows: TypeAlias = Sequence[tuple[str, Strip]]
CheckOutcomes: TypeAlias = Callable[[str, str, Outcome, Outcome], Check]

_ALL_CHECKS = {"errors": check_errors, "classes": check_classes, "calibration": check_calibration}


@dataclass(frozen=True)
class Trial:
    """A test that both versions take, and the checks on its outcome by their names.

    Attributes
    ----------
    on : what it is about, for codes of checks: ``pages``
    things : what is read, in words, for sentences
    run : lets a version take the test
    """

    on: str
    things: str
    run: Callable[[StoredModel], Outcome]
    checks: Mapping[str, CheckOutcomes]

    def judge(self, candidate: Outcome, champion: Outcome) -> Iterator[Check]:
        """Compare the outcomes of both versions."""
        for name, check in self.checks.items():
            yield check(f"{name}-on-{self.on}", self.things, candidate, champion)


def decide(
    store: ModelStore,
    name: str,
    candidate: str,
    *,
    data_root: Path,
    taught: Taught = (),
    choice: Choice = Choice(),
    pages: int = GATE_PAGES,
    checkpoint: Checkpoint = lambda: None,
    progress: Callable[[int, int], None] = lambda done, total: None,
) -> Verdict:
    """Compare a candidate with the champion; equal input gives an equal verdict.

    Parameters
    ----------
    name, candidate : the model, and a version or alias of it
    data_root : folder of all data sets
    taught : corrections. Those that are held out count, if they are glyphs or rows as the model reads them, of
        characters that the champion knows
    choice : the models that read pages together; a model that is none of them is not compared on pages
    pages : how many pages are drawn and read
    checkpoint : called now and then; whatever it raises ends the work
    progress : called with the number of trials done and the number of all

    Raises
    ------
    ModelNotFound : there is no such model or version.
    CorruptModel, ShapeMismatch, UnknownArchitecture : the champion was damaged, or is for another release.
    InvalidInput : there is no way to compare models of this kind.
    """
    version = store.resolve(name, candidate)
    if CHAMPION not in store.aliases(name):
        return Verdict(name, version, None, (Check("first", True, f"{name} has no champion yet", {}),))
    champion = store.load(name, CHAMPION)
    if champion.version == version:  # happens when a retraining that was stopped after its promotion goes on
        return Verdict(name, version, version, (Check("serves", True, f"{name} {version} is the champion", {}),))
    trials = [*_trials(store, champion, taught, data_root, choice, pages, checkpoint)]
    if not trials:
        raise InvalidInput(f"expected a network, or what reads beside one, to compare; got {name}", name=name)
    checks: list[Check] = []
    try:
        challenger = store.load(name, version)
        for number, trial in enumerate(trials):
            progress(number, len(trials))
            candidate_outcome = trial.run(challenger)
            checks += trial.judge(candidate_outcome, trial.run(champion))
    except _UNUSABLE as exc:
        checks.append(Check("usable", False, f"it cannot be used: {exc.detail}", {}))
    progress(len(trials), len(trials))
    return Verdict(name, version, champion.version, tuple(checks))


def _trials(
    store: ModelStore,
    champion: StoredModel,
    taught: Taught,
    data_root: Path,
    choice: Choice,
    pages: int,
    checkpoint: Checkpoint,
) -> Iterator[Trial]:
    if is_network(champion.card):
        if spells_rows(champion.card):
            yield from _row_trials(champion.card, taught, data_root, checkpoint)
        else:
            yield from _glyph_trials(champion.card, taught, data_root, checkpoint)
    if champion.name not in choice.names or choice.glyphs.name not in store.names():
        return
    drawn = cache(lambda: draw_pages(pages, checkpoint))

    def run(model: StoredModel, options: ReadOptions = ReadOptions()) -> Outcome:
        together = load_ensemble(store, choice.with_version(model.name, model.version))
        return read_pages(together.reader, drawn(), options, checkpoint)

    yield Trial("pages", "drawn pages", run, {"errors": check_errors, "calibration": check_calibration})
    if champion.name == choice.glyphs.name and choice.rows.name in store.names():
        # With a row network, the glyph network is asked about doubtful rows only, so pages are read without it as well.
        alone = partial(run, options=ReadOptions(reader="glyphs"))
        yield Trial("pages-by-glyphs", "drawn pages without the network for rows", alone, {"errors": check_errors})


def _glyph_trials(card: Mapping[str, Any], taught: Taught, data_root: Path, checkpoint: Checkpoint) -> Iterator[Trial]:
    def trial(on: str, things: str, glyphs: Callable[[], Glyphs], checks: Mapping[str, CheckOutcomes]) -> Trial:
        kept = cache(glyphs)

        def run(model: StoredModel) -> Outcome:
            network, alphabet, temperature = build_from_card(model.card, model.arrays)
            return name_glyphs(Inference(network), alphabet, temperature, *kept(), checkpoint)

        return Trial(on, things, run, checks)

    known = card["alphabet"]
    held_out = [one for one in taught if isinstance(one, TaughtGlyph) and one.held_out and one.char in known]
    if held_out:
        stacked = np.array([one.image for one in held_out])[:, None], np.array([one.char for one in held_out])
        yield trial("corrections", "glyphs", lambda: stacked, {"errors": check_taught})
    if chars := "".join(char for char in load_pen_font().chars if char in known):
        seed = SPLITS["test"][0]
        imagined = cache(lambda: synthesise(chars, _GLYPHS_A_CLASS, _GLYPHS_A_CLASS, seed))
        yield trial(SYNTHETIC, "glyphs by imagined writers", lambda: _as_seen(imagined()), _ALL_CHECKS)
    try:
        samples = load_evaluation_glyphs(card, "valid", data_root)
    except (DatasetNotFound, InvalidInput):
        return
    some = samples.select(np.arange(len(samples)) % -(-len(samples) // _MOST_GLYPHS) == 0)
    yield trial("valid", "validation glyphs", lambda: _as_seen(some), _ALL_CHECKS)


def _as_seen(samples: Samples) -> Glyphs:
    return plain_glyphs(samples), samples.labels


def _row_trials(card: Mapping[str, Any], taught: Taught, data_root: Path, checkpoint: Checkpoint) -> Iterator[Trial]:
    def trial(on: str, things: str, rows: Callable[[], Iterable[tuple[str, Strip]]], checks: Any) -> Trial:
        kept = cache(lambda: [*rows()])

        def run(model: StoredModel) -> Outcome:
            return spell_rows(RowReader.from_card(model.card, model.arrays), kept(), checkpoint)

        return Trial(on, things, run, checks)

    of_rows = (one for one in taught if isinstance(one, TaughtRow) and one.held_out)
    held_out = [(one.text, one.strip) for one in of_rows if set(one.text) <= set(card["alphabet"])]
    if held_out:
        yield trial("corrections", "rows", lambda: held_out, {"errors": check_taught})
    imagined = load_evaluation_rows(card, SYNTHETIC, data_root)
    yield trial(SYNTHETIC, "rows by imagined writers", lambda: draw_plainly(row for row, _ in imagined), _ALL_CHECKS)
    try:
        rows = [row for row, _ in load_evaluation_rows(card, "valid", data_root, _MOST_ROWS_A_KIND)]
    except (DatasetNotFound, InvalidInput):
        return
    yield trial("valid", "validation rows", lambda: draw_plainly(rows), _ALL_CHECKS)
