"""Carry out a retraining from request to result, for jobs and for the command line."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, Protocol, get_args

from app.config import Settings
from app.durable_files import FRESH, replace_durably
from app.ensemble import Choice
from app.errors import Conflict, InvalidInput, NotFound
from app.lessons import load_lessons
from app.store import CANDIDATE, CHAMPION, ModelStore, Occasion, Version
from app.training import (
    Corrections,
    Epoch,
    Plan,
    RetrainRequest,
    Run,
    TrainedModel,
    decide,
    first_layer,
    plan_retraining,
    publish_retrained,
    read_request,
    retrain,
)

_REQUEST_FILE = "request.json"
_DATA_ROOT = "data_root"  # a further member of that file
_CHECKPOINT = ".checkpoint"
_ANEW = (
    "{0} begins anew: its data, the corrections or the champion are others than before the interruption; "
    "until it is done, {0}.checkpoint.old holds what it had learnt"
)
_PICTURES = 12  # of a first layer, at most; the last epoch is always among them


class Listener(Protocol):
    """Is told of the progress of a retraining, and may stop it; a job's task is one."""

    def progress(self, done: int, total: int, unit: str) -> None: ...
    def emit(self, kind: str, data: Mapping[str, Any]) -> None: ...
    def checkpoint(self) -> None: ...


def done_once(path: Path, work: Callable[[], Mapping[str, Any]]) -> dict[str, Any]:
    """Return what a file says of work that was done before an interruption; if there is none, do it and write that."""
    if not path.exists():
        replace_durably(path, json.dumps(work()).encode())  # a kill must not leave half of it
    done: dict[str, Any] = json.loads(path.read_bytes())
    return done


def gather_corrections(settings: Settings, store: ModelStore) -> Corrections:
    """Return the lessons of all corrections, for the networks in service."""
    return Corrections(*load_lessons(settings.database_url, settings.state, store, Choice.of(settings)))


@dataclass(frozen=True)
class Retraining:
    """A request under way.

    Attributes
    ----------
    folder : for the state by which an interrupted retraining continues, if called with the same folder; it is made if
        necessary
    by : who promotes, for the log of promotions
    workers : processes that draw the training samples
    """

    request: RetrainRequest
    settings: Settings
    folder: Path
    by: str
    workers: int = 1

    def carry_out(self, listener: Listener) -> dict[str, Any]:
        """Train, publish and, if asked to, promote; return the results in JSON's types.

        Raises
        ------
        InvalidInput, TrainingDiverged : as of `plan_retraining` and `retrain`; and whatever `listener` raises.
        """
        store = ModelStore(self.settings.model_store)
        plans = plan_retraining(self.request, store, self.settings.data)
        corrections = gather_corrections(self.settings, store) if self.request.corrections else Corrections()
        if len(plans) > 1 and not corrections.rows:
            plans = [plan for plan in plans if plan.model != "rows"]
        self.folder.mkdir(parents=True, exist_ok=True)
        kept = {**self.request.as_table(), _DATA_ROOT: str(self.settings.data.resolve())}
        replace_durably(self.folder / _REQUEST_FILE, json.dumps(kept).encode())
        results = [self._one(plan, corrections, store, listener) for plan in plans]
        return {"versions": results}

    def _one(self, plan: Plan, corrections: Corrections, store: ModelStore, listener: Listener) -> dict[str, Any]:
        """Train one model, unless it was trained before an interruption."""
        result = done_once(
            self.folder / f"{plan.model}.json", lambda: _result(plan, self._train(plan, corrections, store, listener))
        )
        if self.request.promote == "if-better":
            result["verdict"] = self._promote(plan, result["version"], corrections, store, listener)
            if result["verdict"]["passed"]:
                result["alias"] = _alias_of(store, plan.model, result["version"])
        return result

    def _train(self, plan: Plan, corrections: Corrections, store: ModelStore, listener: Listener) -> Version:
        listener.emit("log", {"message": _beginning(plan), "model": plan.model})

        def on_batch(epoch: int, batch: int, batches: int, loss: float) -> None:
            listener.checkpoint()
            listener.progress(epoch * batches + batch, plan.recipe.total_epochs * batches, f"batches of {plan.model}")

        every = max(1, -(-plan.recipe.total_epochs // _PICTURES))

        def on_epoch(run: Run, epoch: Epoch) -> None:
            listener.emit("epoch", {"model": plan.model, "of": plan.recipe.total_epochs, **asdict(epoch)})
            if epoch.epoch % every == 0 or epoch.epoch + 1 == plan.recipe.total_epochs:
                listener.emit("weights", {"model": plan.model, "epoch": epoch.epoch, **first_layer(run)})

        retrained = retrain(
            plan,
            corrections,
            self.settings.data,
            checkpoint=self.folder / f"{plan.model}{_CHECKPOINT}",
            workers=self.workers,
            on_batch=on_batch,
            on_epoch=on_epoch,
            on_anew=lambda: listener.emit("log", {"message": _ANEW.format(plan.model), "model": plan.model}),
        )
        count = len(retrained.learnt)
        learnt = f"{count} {'correction' if count == 1 else 'corrections'}"
        said = f"measuring and publishing {plan.model}, which learnt {learnt}"
        listener.emit("log", {"message": said, "model": plan.model})
        version = publish_retrained(store, retrained, Occasion(self.by, "retrained"))
        listener.emit("metric", {"model": plan.model, "version": version.version, **version.card["metrics"]["valid"]})
        return version

    def _promote(
        self, plan: Plan, version: str, corrections: Corrections, store: ModelStore, listener: Listener
    ) -> dict[str, Any]:
        """Let the gate judge the version, promote it if it passes, and return the verdict, perhaps an earlier one."""
        for move in store.moves(plan.model):
            if (move.kind, move.to_version, move.by) == ("promote", version, self.by) and move.figures is not None:
                return dict(move.figures)
        listener.emit("log", {"message": f"comparing {plan.model} {version} with the champion", "model": plan.model})
        verdict = decide(
            store,
            plan.model,
            version,
            data_root=self.settings.data,
            taught=[*corrections.glyphs, *corrections.rows],
            choice=Choice.of(self.settings),
            checkpoint=listener.checkpoint,
        )
        if verdict.passed:
            store.promote(plan.model, version, Occasion(self.by, "retrained, and passed the gate", verdict.document()))
        listener.emit("log", {"message": verdict.sentence, "model": plan.model})
        return verdict.document()


def is_interrupted(folder: Path) -> bool:
    """Tell whether a retraining was stopped in `folder` that can go on."""
    return (folder / _REQUEST_FILE).is_file()


def interrupted_request(folder: Path, asked: Mapping[str, Any]) -> tuple[RetrainRequest, Path]:
    """Return the request that a retraining in `folder` was stopped at, and the folder of its data sets.

    Parameters
    ----------
    asked : what is asked for now, by key; it may repeat the request, and need not

    Raises
    ------
    NotFound : no retraining was stopped in `folder`.
    InvalidInput : what it holds of one is damaged.
    Conflict : something else is asked for now; the message names it.
    """
    if not is_interrupted(folder):
        raise NotFound(f"there is no retraining in {folder} to resume; one that has ended leaves none")
    try:
        table = json.loads((folder / _REQUEST_FILE).read_bytes())
        data_root = Path(table.pop(_DATA_ROOT))
        request = read_request(table)
    except (OSError, ValueError, KeyError, TypeError, AttributeError, InvalidInput) as exc:
        raise InvalidInput(f"expected a folder in which a retraining was stopped, got {folder}") from exc
    kept, now = request.as_table(), read_request(asked).as_table()
    others = [
        f"expected {_as_option(key, kept[key])}, got {_as_option(key, now[key])}"
        for key in asked
        if now[key] != kept[key]
    ]
    if others:
        raise Conflict(f"{folder} holds a retraining with other options: {'; '.join(others)}")
    return request, data_root


def _as_option(key: str, value: Any) -> str:
    option = f"--{key.replace('_', '-')}"
    match value:
        case None:
            return f"no {option}"
        case bool():
            return option if value else f"--no-{key}"
        case list() | tuple():
            return " ".join(f"{option} {each}" for each in value)
    return f"{option} {value}"


def forget_retraining(folder: Path) -> None:
    """Delete what a retraining keeps in `folder`, and the folder unless it holds anything else."""
    ends = (".json", _CHECKPOINT, f"{_CHECKPOINT}.unfinished", f"{_CHECKPOINT}.old")
    for name in [_REQUEST_FILE, *(f"{model}{end}" for model in get_args(TrainedModel) for end in ends)]:
        (folder / name).unlink(missing_ok=True)
        for fresh in folder.glob(f"{FRESH}{name}-*"):  # of a process that was killed
            fresh.unlink(missing_ok=True)
    with suppress(OSError):  # it is not empty
        folder.rmdir()


def _alias_of(store: ModelStore, name: str, version: str) -> str | None:
    """Return what stands for a version now; a champion may have been rolled back since."""
    aliases = [alias for alias, number in store.aliases(name).items() if number == version]
    return CHAMPION if CHAMPION in aliases else next(iter(aliases), None)


def _beginning(plan: Plan) -> str:
    origin = "nothing" if plan.start is None else f"{plan.start.name} {plan.start.version}"
    return f"training {plan.model} from {origin} on {plan.recipe.data.name} and what was corrected"


def _result(plan: Plan, version: Version) -> dict[str, Any]:
    return {
        "model": plan.model,
        "version": version.version,
        "digest": version.digest,
        "alias": CANDIDATE,
        "start": None if plan.start is None else f"{plan.start.name}/{plan.start.version}",
        "corrections": version.card["lessons"]["count"],
        "metrics": version.card["metrics"]["valid"],
        "verdict": None,
    }
