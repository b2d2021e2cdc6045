"""Runs the gate in a process of its own, so that pages are read meanwhile."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import asdict
from pathlib import Path
from tempfile import TemporaryDirectory
from threading import Lock
from typing import Any

from app.api.problems import HttpProblem
from app.config import Settings
from app.ensemble import Choice, Reference
from app.errors import AppError, CorruptModel, InvalidInput, ModelNotFound
from app.jobs import Limits, Task, Work
from app.jobs.child import Child
from app.jobs.messages import Order
from app.lessons import load_lessons
from app.store import CHAMPION, ModelStore
from app.training import decide

_LIMITS = Limits(threads=1, niceness=5)  # somebody waits for the verdict, but more of them for their pages
_LISTEN_S = 0.5
_RETRY_S = 30  # what a verdict takes, about
_DAMAGED = "damaged"  # stands in a result: a problem tells nothing of our own faults, since GET /jobs shows it


class GateProcess:
    """Lets candidates be compared with champions, one at a time."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._busy = Lock()

    def compare(self, name: str, version: str, checkpoint: Callable[[], None]) -> dict[str, Any]:
        """Return the verdict on a version, as `app.training.Verdict.document` has it.

        Parameters
        ----------
        checkpoint : called now and then; whatever it raises ends the process

        Raises
        ------
        HttpProblem : another candidate is being compared.
        InvalidInput, ModelNotFound, CorruptModel : as of `decide`.
        AppError : the process failed.
        """
        if not self._busy.acquire(blocking=False):
            headers = {"Retry-After": str(_RETRY_S)}
            raise HttpProblem(503, "another candidate is being compared", code="server-busy", headers=headers)
        try:
            with TemporaryDirectory(prefix="inkrow-gate-") as folder:
                order = Order(f"{__name__}:WORK", "compare", "gate", self._parameters(name, version), folder)
                return _result(Child(order, _LIMITS), checkpoint)
        finally:
            self._busy.release()

    def _parameters(self, name: str, version: str) -> dict[str, Any]:
        settings = self._settings
        return {
            "model": name,
            "version": version,
            "store": str(settings.model_store.resolve()),
            "data": str(settings.data.resolve()),
            "state": str(settings.state.resolve()),
            "database": settings.database_url,
            "choice": asdict(Choice.of(settings)),
        }


def _result(child: Child, checkpoint: Callable[[], None]) -> dict[str, Any]:
    try:
        while True:
            checkpoint()
            has_ended = child.has_ended  # asked first: what it said before its end may still be unheard
            messages = [*child.listen(_LISTEN_S)]
            for said in messages:
                if "result" in said:
                    result: dict[str, Any] = said["result"]
                    if _DAMAGED in result:
                        raise CorruptModel(**result[_DAMAGED])
                    return result
                if "problem" in said:
                    raise _as_error(said["problem"])
            if has_ended and not messages:
                raise AppError(f"the process that compares ended with {child.exit_code}, expected a verdict")
    finally:
        child.close()


def _as_error(problem: Mapping[str, Any]) -> AppError:
    known = {cls.code: cls for cls in (InvalidInput, ModelNotFound)}
    context = {name: value for name, value in problem.items() if name not in {"code", "detail"}}
    return known.get(problem["code"], AppError)(str(problem["detail"]), **context)


def _compare(task: Task) -> dict[str, Any]:
    try:
        return _verdict(task)
    except CorruptModel as exc:
        return {_DAMAGED: {**exc.context, "detail": exc.detail}}


def _verdict(task: Task) -> dict[str, Any]:
    given = task.parameters
    store = ModelStore(Path(given["store"]))
    choice = Choice(**{role: Reference(*reference) for role, reference in given["choice"].items()})
    serving = choice.with_version(given["model"], CHAMPION)
    glyphs, rows = load_lessons(given["database"], Path(given["state"]), store, serving)
    verdict = decide(
        store,
        given["model"],
        given["version"],
        data_root=Path(given["data"]),
        taught=[*glyphs, *rows],
        choice=choice,
        checkpoint=task.checkpoint,
    )
    return verdict.document()


WORK: dict[str, Work] = {"compare": _compare}
