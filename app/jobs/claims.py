"""The workers' side of the jobs: a worker claims a job, keeps it by a heartbeat, and records how it ended."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from enum import Enum, auto
from typing import Any

from sqlalchemy import Connection, Row, select, update

from app.database import Database
from app.database.tables import JOBS
from app.jobs.job import WAITING, Job, JobState
from app.jobs.rows import add_event, find, finite, now, set_state, to_job

ABANDONED_S = 10.0  # a worker without a heartbeat for so long is taken for dead
MOST_ATTEMPTS = 10  # a job that takes its worker down each time is given up after so many starts


class Wish(Enum):
    """What a worker is to do with the job it runs."""

    GO_ON = auto()
    STOP = auto()  # somebody has cancelled it
    LET_GO = auto()  # it no longer belongs to this worker, and its result does not count


@dataclass(frozen=True)
class Claims:
    """The jobs that one worker takes."""

    database: Database
    worker: str  # a name that no other worker has or had, not even on the same machine

    def take(self) -> Job | None:
        """Claim the job that has waited longest, or return None; no two workers ever get the same one."""
        query = select(JOBS.c.id).where(JOBS.c.state.in_(WAITING)).order_by(JOBS.c.id).limit(1)
        with self.database.writing() as connection:
            job_id = connection.scalar(query)
            if job_id is None:
                return None
            row = find(connection, job_id)
            start = {"worker": self.worker, "started_at": now(), "heartbeat_at": now(), "attempts": row.attempts + 1}
            set_state(connection, job_id, JobState.RUNNING, **start)
            return to_job(find(connection, job_id))

    def beat(
        self,
        job_id: str,
        progress: Mapping[str, Any] | None = None,
        events: Sequence[tuple[str, Mapping[str, Any]]] = (),
    ) -> Wish:
        """Record a heartbeat, progress and events; return whether the job is to go on."""
        with self.database.writing() as connection:
            row = self._own(connection, job_id)
            if row is None:
                return Wish.LET_GO
            values: dict[str, Any] = {"heartbeat_at": now()}
            if progress is not None:
                values["progress"] = finite(progress)
            connection.execute(update(JOBS).where(JOBS.c.id == job_id).values(values))
            for kind, data in events:
                add_event(connection, job_id, kind, data)
            return Wish.STOP if row.cancel_requested else Wish.GO_ON

    def look(self, job_id: str) -> Wish:
        """Return whether a job is to go on, without a heartbeat."""
        query = select(JOBS.c.cancel_requested).where(JOBS.c.id == job_id, *self._ours())
        with self.database.reading() as connection:
            requested = connection.scalar(query)
        if requested is None:
            return Wish.LET_GO
        return Wish.STOP if requested else Wish.GO_ON

    def succeed(self, job_id: str, result: Mapping[str, Any]) -> None:
        """End a job with its result."""
        self._end(job_id, JobState.SUCCEEDED, result=finite(result))

    def fail(self, job_id: str, problem: Mapping[str, Any]) -> None:
        """End a job with the problem that it failed of."""
        self._end(job_id, JobState.FAILED, problem=finite(problem))

    def cancel(self, job_id: str) -> None:
        """End a job that was cancelled."""
        self._end(job_id, JobState.CANCELLED)

    def interrupt(self, job_id: str, *, counts: bool) -> None:
        """Give an unfinished job back to the queue.

        Parameters
        ----------
        counts : whether this was one of its `MOST_ATTEMPTS`, as what ended it may end it again
        """
        with self.database.writing() as connection:
            row = self._own(connection, job_id)
            if row is not None:
                _give_up(connection, row, row.attempts if counts else row.attempts - 1)

    def _end(self, job_id: str, state: JobState, **columns: Any) -> None:
        with self.database.writing() as connection:
            if self._own(connection, job_id) is not None:
                set_state(connection, job_id, state, worker=None, **columns)

    def _own(self, connection: Connection, job_id: str) -> Row[Any] | None:
        return connection.execute(select(JOBS).where(JOBS.c.id == job_id, *self._ours())).one_or_none()

    def _ours(self) -> tuple[Any, ...]:
        return JOBS.c.worker == self.worker, JOBS.c.state == JobState.RUNNING.value


def interrupt_abandoned(database: Database, after_s: float = ABANDONED_S) -> None:
    """Give the jobs of workers that have vanished back to the queue."""
    stale = (JOBS.c.state == JobState.RUNNING.value, JOBS.c.heartbeat_at < now() - timedelta(seconds=after_s))
    with database.reading() as connection:
        if connection.scalar(select(JOBS.c.id).where(*stale).limit(1)) is None:
            return
    with database.writing() as connection:
        for row in connection.execute(select(JOBS).where(*stale)).all():
            _give_up(connection, row, row.attempts)


def _give_up(connection: Connection, row: Row[Any], attempts: int) -> None:
    if row.cancel_requested:
        set_state(connection, row.id, JobState.CANCELLED, worker=None)
    elif attempts >= MOST_ATTEMPTS:
        detail = (
            f"it was begun {attempts} times, and its worker vanished or was killed, or could not begin; perhaps the "
            "memory or the disk does not suffice"
        )
        problem = {"code": "internal-error", "detail": detail}
        set_state(connection, row.id, JobState.FAILED, worker=None, attempts=attempts, problem=problem)
    else:
        set_state(connection, row.id, JobState.INTERRUPTED, worker=None, attempts=attempts)
