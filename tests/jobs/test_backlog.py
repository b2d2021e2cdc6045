"""How much work there is."""

from __future__ import annotations

from datetime import timedelta

import pytest
from sqlalchemy import update

from app.database.tables import JOBS
from app.jobs import JobState, look_at_backlog
from app.jobs.rows import add_event, now, set_state


def _create(jobs, kind="retrain"):
    return jobs.create(kind, {}, requested_by=None)


def test_nothing_to_do_is_nothing(database):
    backlog = look_at_backlog(database)
    assert backlog.counts == dict.fromkeys(JobState, 0)
    assert set(backlog.oldest_s.values()) == {0.0}
    assert (backlog.waiting, backlog.running) == (0, ())


def test_jobs_are_counted_by_state_and_the_oldest_that_waits_tells_its_age(database, jobs):
    first, _, cancelled = (_create(jobs) for _ in range(3))
    jobs.cancel(cancelled.id)
    with database.writing() as connection:
        earlier = now() - timedelta(seconds=100)
        connection.execute(update(JOBS).where(JOBS.c.id == first.id).values(created_at=earlier))
    backlog = look_at_backlog(database)
    assert (backlog.counts[JobState.QUEUED], backlog.counts[JobState.CANCELLED], backlog.waiting) == (2, 1, 2)
    assert backlog.oldest_s[JobState.QUEUED] == pytest.approx(100, abs=20)


def test_a_job_that_runs_tells_its_share_and_its_last_epoch(database, jobs):
    job = _create(jobs)
    with database.writing() as connection:
        set_state(connection, job.id, JobState.RUNNING, started_at=now() - timedelta(seconds=50))
        connection.execute(update(JOBS).values(progress={"done": 3, "total": 4}))
        for epoch in (1, 2):
            add_event(connection, job.id, "epoch", {"epoch": epoch, "loss": 1 / epoch})
        add_event(connection, job.id, "log", {"text": "on it goes"})
    backlog = look_at_backlog(database)
    (running,) = backlog.running
    assert (running.id, running.kind, running.share_done) == (job.id, "retrain", 0.75)
    assert running.epoch == {"epoch": 2, "loss": 0.5}
    assert backlog.oldest_s[JobState.RUNNING] == pytest.approx(50, abs=20)


@pytest.mark.parametrize("progress", [None, {}, {"done": 0, "total": 0}, {"done": 1, "total": None}])
def test_a_job_that_has_not_counted_yet_has_done_nothing(database, jobs, progress):
    job = _create(jobs)
    with database.writing() as connection:
        set_state(connection, job.id, JobState.RUNNING, started_at=now())
        connection.execute(update(JOBS).values(progress=progress))
    (running,) = look_at_backlog(database).running
    assert (running.share_done, running.epoch) == (0.0, {})
