"""The side of those who create and follow jobs; `app.jobs.claims` is the workers' side."""

from __future__ import annotations

import logging
import secrets
import time
from collections.abc import Callable, Mapping, Sequence
from datetime import timedelta
from pathlib import Path
from shutil import rmtree
from typing import Any

from sqlalchemy import delete, func, insert, select, update

from app.database import Database
from app.database.tables import JOB_EVENTS, JOBS
from app.errors import JobAlreadyFinished, QueueFull
from app.jobs.claims import ABANDONED_S, interrupt_abandoned
from app.jobs.job import WAITING, Job, JobEvent, JobState
from app.jobs.rows import add_event, find, finite, now, set_state, to_job

_log = logging.getLogger(__name__)


class JobStore:
    """The jobs of a database. Threads and processes may share it.

    Parameters
    ----------
    announce : wakes the workers when a job is created; one that misses it looks for itself after a few seconds
    """

    def __init__(self, database: Database, announce: Callable[[str], None] | None = None) -> None:
        self._database = database
        self._announce = announce

    def create(
        self, kind: str, parameters: Mapping[str, Any], *, requested_by: str | None, most_waiting: int | None = None
    ) -> Job:
        """Queue a piece of work.

        Parameters
        ----------
        parameters : in JSON's types; the work gets them as they are
        requested_by : id of the key that was sent
        most_waiting : how many jobs may wait, this one included; None for no limit

        Raises
        ------
        QueueFull
        """
        job_id = new_id()
        with self._database.writing() as connection:
            if most_waiting is not None:
                waiting = connection.scalar(select(func.count()).where(JOBS.c.state.in_(WAITING))) or 0
                if waiting >= most_waiting:
                    detail = f"expected at most {most_waiting} jobs to wait, and {waiting} do already"
                    raise QueueFull(detail, limit=most_waiting, waiting=waiting)
            connection.execute(
                insert(JOBS).values(
                    id=job_id,
                    kind=kind,
                    parameters=finite(parameters),
                    state=JobState.QUEUED.value,
                    requested_by=requested_by,
                    created_at=now(),
                    attempts=0,
                )
            )
            add_event(connection, job_id, "state", {"state": JobState.QUEUED.value})
            job = to_job(find(connection, job_id))
        if self._announce is not None:
            try:
                self._announce(job_id)
            except Exception:  # of whichever library carries the news; the job itself is safe
                _log.warning("no worker could be told of job %s; one will find it", job_id, exc_info=True)
        return job

    def get(self, job_id: str) -> Job:
        """Look at a job.

        Raises
        ------
        JobNotFound
        """
        with self._database.reading() as connection:
            row = find(connection, job_id)
        if row.state == JobState.RUNNING and row.heartbeat_at < now() - timedelta(seconds=ABANDONED_S):
            interrupt_abandoned(self._database)
            with self._database.reading() as connection:
                row = find(connection, job_id)
        return to_job(row)

    def list(
        self,
        *,
        limit: int,
        before: str | None = None,
        kind: str | None = None,
        state: JobState | None = None,
    ) -> Sequence[Job]:
        """List jobs, the newest first.

        Parameters
        ----------
        before : id of a job; only older ones are listed
        """
        query = select(JOBS).order_by(JOBS.c.id.desc()).limit(limit)
        if before is not None:
            query = query.where(JOBS.c.id < before)
        if kind is not None:
            query = query.where(JOBS.c.kind == kind)
        if state is not None:
            query = query.where(JOBS.c.state == state.value)
        interrupt_abandoned(self._database)
        with self._database.reading() as connection:
            return [to_job(row) for row in connection.execute(query)]

    def events(
        self, job_id: str, after: int = 0, *, kind: str | None = None, limit: int | None = None
    ) -> Sequence[JobEvent]:
        """List the events of a job, in order, after the one with a number; a job that does not exist has none."""
        query = (
            select(JOB_EVENTS)
            .where(JOB_EVENTS.c.job_id == job_id, JOB_EVENTS.c.number > after)
            .order_by(JOB_EVENTS.c.number)
            .limit(limit)
        )
        if kind is not None:
            query = query.where(JOB_EVENTS.c.kind == kind)
        with self._database.reading() as connection:
            return [JobEvent(row.number, row.kind, row.at, row.data) for row in connection.execute(query)]

    def cancel(self, job_id: str) -> Job:
        """Stop a job: at once if it waits; if it runs, its worker stops it within two seconds.

        Raises
        ------
        JobNotFound, JobAlreadyFinished
        """
        with self._database.writing() as connection:
            job = to_job(find(connection, job_id))
            if job.state.is_final:
                detail = f"expected a job that waits or runs, got {job_id}, whose state is {job.state}"
                raise JobAlreadyFinished(detail, job=job_id, state=job.state.value)
            if job.state in WAITING:
                set_state(connection, job_id, JobState.CANCELLED)
            else:
                connection.execute(update(JOBS).where(JOBS.c.id == job_id).values(cancel_requested=True))
            return to_job(find(connection, job_id))

    def delete_ended(self, kept_for: timedelta, folder: Path) -> int:
        """Delete jobs that ended longer ago than that, with their events and folders; return how many.

        Parameters
        ----------
        folder : in which each job has a folder named by its id
        """
        ended = JOBS.c.finished_at < now() - kept_for
        with self._database.reading() as connection:
            ids = list(connection.scalars(select(JOBS.c.id).where(ended)))
        for job_id in ids:  # folders first: if we are killed here, the rows remain, and the next call goes on
            rmtree(folder / job_id, ignore_errors=True)
        with self._database.writing() as connection:
            connection.execute(delete(JOBS).where(ended))  # not by their ids, of which SQLite takes only so many
        return len(ids)


def new_id() -> str:
    """Make an id that sorts after all ids made in earlier milliseconds."""
    return f"{time.time_ns() // 1_000_000:012x}{secrets.token_hex(6)}"
