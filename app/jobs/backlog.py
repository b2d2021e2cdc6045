"""How many jobs wait and run, for how long, and how far they are: the figures for monitoring."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, func, select

from app.database import Database
from app.database.tables import JOB_EVENTS, JOBS
from app.jobs.job import WAITING, JobState
from app.jobs.rows import now

_MOST_RUNNING = 20


@dataclass(frozen=True)
class RunningJob:
    """A running job: the share of it that is done, from 0 to 1, and the data of its last event ``epoch``."""

    id: str
    kind: str
    share_done: float
    epoch: Mapping[str, Any]


@dataclass(frozen=True)
class Backlog:
    """Counts of jobs by state, how long the oldest job of each unfinished state is in it, and the running jobs."""

    counts: Mapping[JobState, int]
    oldest_s: Mapping[JobState, float]
    running: tuple[RunningJob, ...]

    @property
    def waiting(self) -> int:
        return sum(self.counts[state] for state in WAITING)


def look_at_backlog(database: Database) -> Backlog:
    """Look at all jobs at once; the cost does not depend on how many events they have."""
    with database.reading() as connection:
        by_state = {
            JobState(state): (count, created, started)
            for state, count, created, started in connection.execute(
                select(JOBS.c.state, func.count(), func.min(JOBS.c.created_at), func.min(JOBS.c.started_at)).group_by(
                    JOBS.c.state
                )
            )
        }
        running = _running(connection)
    nothing = (0, None, None)
    return Backlog(
        counts={state: by_state.get(state, nothing)[0] for state in JobState},
        oldest_s={
            **{state: _age_s(by_state.get(state, nothing)[1]) for state in sorted(WAITING)},
            JobState.RUNNING: _age_s(by_state.get(JobState.RUNNING, nothing)[2]),
        },
        running=running,
    )


def _running(connection: Connection) -> tuple[RunningJob, ...]:
    rows = connection.execute(
        select(JOBS.c.id, JOBS.c.kind, JOBS.c.progress)
        .where(JOBS.c.state == JobState.RUNNING.value)
        .order_by(JOBS.c.id)
        .limit(_MOST_RUNNING)
    ).all()
    return tuple(
        RunningJob(row.id, row.kind, _share(row.progress or {}), _last_epoch(connection, row.id)) for row in rows
    )


def _last_epoch(connection: Connection, job_id: str) -> Mapping[str, Any]:
    data = connection.scalar(
        select(JOB_EVENTS.c.data)
        .where(JOB_EVENTS.c.job_id == job_id, JOB_EVENTS.c.kind == "epoch")
        .order_by(JOB_EVENTS.c.number.desc())
        .limit(1)
    )
    return data if isinstance(data, dict) else {}


def _share(progress: Mapping[str, Any]) -> float:
    total = progress.get("total") or 0
    return min(progress.get("done", 0) / total, 1.0) if total > 0 else 0.0


def _age_s(since: datetime | None) -> float:
    return 0.0 if since is None else max((now() - since).total_seconds(), 0.0)
