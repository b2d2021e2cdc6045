"""Jobs as those see them who ask for them; `app.jobs.claims` is the workers' side."""

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
    announce : tells workers that something waits; a worker that does not hear it looks for itself before long
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
        parameters : of JSON's types; the work is handed them as they are
        requested_by : id of the key of whoever asks
        most_waiting : how many jobs may wait, this one among them; None is no limit

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
        before : id of a job; those that are older than it
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
        """List what happened to a job, in order, behind the event of a number; of no such job: nothing."""
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
        """Delete the jobs that ended so long ago, their events and what they left; return how many that were.

        Parameters
        ----------
        folder : in which each job has a folder of its id
        """
        ended = JOBS.c.finished_at < now() - kept_for
        with self._database.reading() as connection:
            ids = list(connection.scalars(select(JOBS.c.id).where(ended)))
        for job_id in ids:  # first, so that whoever is killed here is followed by another
            rmtree(folder / job_id, ignore_errors=True)
        with self._database.writing() as connection:
            connection.execute(delete(JOBS).where(ended))  # by their ids they might be more than SQLite has room for
        return len(ids)


def new_id() -> str:
    """Make an id that comes behind all those of earlier milliseconds."""
    return f"{time.time_ns() // 1_000_000:012x}{secrets.token_hex(6)}"
