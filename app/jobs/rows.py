"""Queries on the table of jobs that both sides need: find a job, change its state, add an event."""

from __future__ import annotations

import math
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import Connection, Row, func, insert, select, update

from app.database.tables import JOB_EVENTS, JOBS
from app.errors import JobNotFound
from app.jobs.job import Job, JobState


def now() -> datetime:
    """Return the present time, UTC."""
    return datetime.now(UTC)


def to_job(row: Row[Any]) -> Job:
    """Make a `Job` of a row with all columns of the table."""
    return Job(
        id=row.id,
        kind=row.kind,
        parameters=row.parameters,
        state=JobState(row.state),
        requested_by=row.requested_by,
        created_at=row.created_at,
        started_at=row.started_at,
        finished_at=row.finished_at,
        attempts=row.attempts,
        is_stopping=row.cancel_requested and not JobState(row.state).is_final,
        progress=row.progress,
        result=row.result,
        problem=row.problem,
    )


def find(connection: Connection, job_id: str) -> Row[Any]:
    """Find a job's row.

    Raises
    ------
    JobNotFound
    """
    row = connection.execute(select(JOBS).where(JOBS.c.id == job_id)).one_or_none()
    if row is None:
        raise JobNotFound(f"there is no job {job_id}", job=job_id)
    return row


def add_event(connection: Connection, job_id: str, kind: str, data: Mapping[str, Any]) -> None:
    """Append an event to those of a job."""
    last = connection.scalar(select(func.max(JOB_EVENTS.c.number)).where(JOB_EVENTS.c.job_id == job_id))
    number = (last or 0) + 1
    connection.execute(insert(JOB_EVENTS).values(job_id=job_id, number=number, kind=kind, at=now(), data=finite(data)))


def set_state(connection: Connection, job_id: str, state: JobState, **columns: Any) -> None:
    """Change the state of a job, and record that as an event."""
    if state.is_final:
        columns["finished_at"] = now()
    connection.execute(update(JOBS).where(JOBS.c.id == job_id).values(state=state.value, **columns))
    told = {name: columns[name] for name in ("attempts", "result", "problem") if columns.get(name) is not None}
    add_event(connection, job_id, "state", {"state": state.value, **told})


def finite(value: Any) -> Any:
    """Replace infinities and NaN, which JSON does not have, by None."""
    match value:
        case float() if not math.isfinite(value):
            return None
        case Mapping():
            return {str(key): finite(part) for key, part in value.items()}
        case list() | tuple():
            return [finite(part) for part in value]
    return value
