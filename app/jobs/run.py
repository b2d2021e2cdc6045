"""One run of one job: a worker follows its process, sends heartbeats, and records how it ended."""

from __future__ import annotations

import logging
import shutil
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from enum import Enum, auto
from pathlib import Path
from signal import SIGKILL, Signals
from typing import Any

from app.errors import DatabaseFailed
from app.jobs.child import Child, Limits
from app.jobs.claims import ABANDONED_S, Claims, Wish
from app.jobs.job import Job
from app.jobs.messages import Order
from app.jobs.pace import Pace

_RETRY_S = 0.5

_log = logging.getLogger(__name__)


@dataclass(frozen=True)
class Timing:
    """How often and how long, in seconds."""

    look: float = 0.25  # between two looks whether the job is to stop
    beat: float = 2.0  # between two heartbeats if there is nothing to report
    grace: float = 1.0  # for a last checkpoint, once the job is to stop
    pause: float = 5.0  # after a job that could not be started, so that another worker may try, or somebody make room
    insist: float = 30.0  # for how long to retry if the database fails when the end of a job is recorded
    abandoned: float = ABANDONED_S


class _Why(Enum):
    """Why a process was stopped by us."""

    ASKED_FOR = auto()
    WORKER_ENDS = auto()
    NOT_OURS = auto()  # another worker has the job by now, or may have it


class Run:
    """A job that a worker has claimed, and its process.

    Parameters
    ----------
    work : as of `Order`
    folder : of this job alone
    is_ending : tells whether the worker is to end
    """

    def __init__(
        self,
        job: Job,
        claims: Claims,
        *,
        work: str,
        folder: Path,
        limits: Limits,
        timing: Timing,
        is_ending: Callable[[], bool],
    ) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        self._job, self._claims, self._folder = job, claims, folder
        self._timing, self._is_ending = timing, is_ending
        self._pace = Pace()
        self._progress: Mapping[str, Any] | None = None  # not recorded yet, as are the events
        self._events: list[tuple[str, Mapping[str, Any]]] = []
        self._last_beat_s = self._next_look_s = time.monotonic()
        self._outcome: Mapping[str, Any] = {}
        self._why: _Why | None = None
        self._child = Child(Order(work, job.kind, job.id, job.parameters, str(folder)), limits)

    def follow(self) -> None:
        """Follow the process to its end, and record how it ended."""
        try:
            kill_at_s = float("inf")
            while not self._child.has_ended:
                self._hear(self._timing.look)
                if self._why is None and (why := self._reason_to_stop()) is not None:
                    self._why = why
                    self._child.terminate()
                    kill_at_s = time.monotonic() + (0.0 if why is _Why.NOT_OURS else self._timing.grace)
                if time.monotonic() >= kill_at_s:
                    self._child.kill()
            while self._hear(0.0):  # messages it sent before it ended
                pass
        finally:
            self._child.close()
        self._record()

    def _hear(self, timeout_s: float) -> bool:
        has_spoken = False
        for message in self._child.listen(timeout_s):
            has_spoken = True
            match message:
                case {"progress": [done, total, unit]}:
                    self._progress = self._pace.note(done, total, unit, time.monotonic())
                case {"event": [kind, data]}:
                    self._events.append((kind, data))
                case _:
                    self._outcome = message
        return has_spoken

    def _reason_to_stop(self) -> _Why | None:
        if self._is_ending():
            return _Why.WORKER_ENDS
        if time.monotonic() < self._next_look_s:  # not at each message: to record one takes a while
            return None
        self._next_look_s = time.monotonic() + self._timing.look
        try:
            wish = self._talk()
        except DatabaseFailed as exc:
            _log.warning("job %s: %s", self._job.id, exc.detail)
            self._next_look_s = time.monotonic() + self._timing.beat
            is_lost = time.monotonic() - self._last_beat_s > self._timing.abandoned
            return _Why.NOT_OURS if is_lost else None
        return {Wish.STOP: _Why.ASKED_FOR, Wish.LET_GO: _Why.NOT_OURS, Wish.GO_ON: None}[wish]

    def _talk(self) -> Wish:
        is_due = time.monotonic() - self._last_beat_s >= self._timing.beat
        if not (is_due or self._events or self._progress):
            return self._claims.look(self._job.id)
        wish = self._claims.beat(self._job.id, self._progress, self._events)
        self._last_beat_s = time.monotonic()
        self._progress, self._events = None, []
        return wish

    def _record(self) -> None:
        until_s = time.monotonic() + self._timing.insist
        while True:
            try:
                ended = self._try_to_record()
                break
            except DatabaseFailed as exc:
                if time.monotonic() >= until_s:
                    _log.error("job %s has ended, and that cannot be recorded: %s", self._job.id, exc.detail)
                    return
                time.sleep(_RETRY_S)
        _log.info("job %s: %s", self._job.id, ended)

    def _try_to_record(self) -> str:
        job_id, claims = self._job.id, self._claims
        if self._progress or self._events:
            self._talk()
        match self._outcome:
            case {"result": result}:
                claims.succeed(job_id, result)
                shutil.rmtree(self._folder, ignore_errors=True)
                return "done"
            case {"problem": problem}:
                claims.fail(job_id, problem)
                return f"failed: {problem['detail']}"
        match self._why:
            case _Why.ASKED_FOR:
                claims.cancel(job_id)
                return "stopped as asked for"
            case _Why.NOT_OURS:
                return "let go, for it is not ours any more"
            case _Why.WORKER_ENDS:
                claims.interrupt(job_id, counts=False)
                return "interrupted, for the worker ends"
        if "stopped" in self._outcome or self._child.exit_code == -SIGKILL:  # by somebody else than us
            claims.interrupt(job_id, counts=True)
            return "interrupted, for its process was ended"
        claims.fail(job_id, {"code": "internal-error", "detail": f"its process ended {self._how()}"})
        return f"failed: its process ended {self._how()}"

    def _how(self) -> str:
        code = self._child.exit_code or 0
        return f"by {Signals(-code).name}" if code < 0 else f"with status {code} and without a result"
