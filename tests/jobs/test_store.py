"""Jobs as those see them who ask for them."""

from __future__ import annotations

from datetime import timedelta

import pytest

from app.database import Database
from app.errors import JobAlreadyFinished, JobNotFound, QueueFull
from app.jobs import JobState, JobStore


def _create(jobs, kind="count", **parameters):
    return jobs.create(kind, parameters, requested_by="key-1")


def test_a_job_is_found_as_it_was_created(jobs):
    job = _create(jobs, to=3)
    assert jobs.get(job.id) == job
    assert (job.kind, job.parameters, job.state, job.requested_by) == ("count", {"to": 3}, JobState.QUEUED, "key-1")
    assert job.created_at.utcoffset().total_seconds() == 0


def test_every_state_has_a_sentence():
    assert all(state.meaning.endswith(".") for state in JobState)


def test_a_job_that_nobody_created_is_not_found(jobs):
    with pytest.raises(JobNotFound, match="no job nothing"):
        jobs.get("nothing")
    with pytest.raises(JobNotFound):
        jobs.cancel("nothing")


def test_jobs_are_listed_newest_first_and_page_by_page(jobs):
    ids = [_create(jobs).id for _ in range(5)]
    first = [job.id for job in jobs.list(limit=3)]
    second = [job.id for job in jobs.list(limit=3, before=first[-1])]
    assert sorted(first + second) == sorted(ids)
    assert [*first, *second] == sorted(ids, reverse=True)


def test_a_list_can_be_of_one_kind_or_state(jobs):
    counting, sorting = _create(jobs), _create(jobs, kind="sort")
    jobs.cancel(counting.id)
    assert [job.id for job in jobs.list(limit=9, kind="sort")] == [sorting.id]
    assert [job.id for job in jobs.list(limit=9, state=JobState.CANCELLED)] == [counting.id]


def test_no_more_jobs_wait_than_may(jobs, claims):
    for _ in range(2):
        jobs.create("count", {}, requested_by=None, most_waiting=2)
    with pytest.raises(QueueFull) as caught:
        jobs.create("count", {}, requested_by=None, most_waiting=2)
    assert caught.value.context == {"limit": 2, "waiting": 2}
    claims.take()  # one that runs does not wait
    jobs.create("count", {}, requested_by=None, most_waiting=2)


def test_a_job_that_waits_is_cancelled_at_once(jobs, claims):
    job = jobs.cancel(_create(jobs).id)
    assert job.state == JobState.CANCELLED
    assert job.finished_at is not None
    assert claims.take() is None


def test_a_job_that_ended_cannot_be_cancelled(jobs):
    job = jobs.cancel(_create(jobs).id)
    with pytest.raises(JobAlreadyFinished) as caught:
        jobs.cancel(job.id)
    assert caught.value.context["state"] == "cancelled"


def test_a_job_that_runs_is_stopping_once_it_is_cancelled(jobs, claims):
    job = _create(jobs)
    claims.take()
    for _ in range(2):  # asking again is no error
        job = jobs.cancel(job.id)
        assert (job.state, job.is_stopping) == (JobState.RUNNING, True)


def test_events_are_numbered_and_read_from_any_number_on(jobs, claims):
    job = _create(jobs)
    claims.take()
    claims.beat(job.id, events=[("epoch", {"epoch": 1}), ("epoch", {"epoch": 2, "loss": float("nan")})])
    events = jobs.events(job.id)
    assert [event.number for event in events] == [1, 2, 3, 4]
    assert [event.data.get("state") for event in events[:2]] == ["queued", "running"]
    assert jobs.events(job.id, after=3) == events[3:]
    assert events[3].data == {"epoch": 2, "loss": None}
    assert jobs.events(job.id, limit=1) == events[:1]


def test_events_survive_a_restart(jobs, database, database_url):
    job = _create(jobs)
    database.close()
    again = Database(database_url)
    assert [event.data for event in JobStore(again).events(job.id)] == [{"state": "queued"}]
    again.close()


def test_workers_are_told_and_a_job_is_safe_when_that_fails(database, caplog):
    told = []
    job = JobStore(database, told.append).create("count", {}, requested_by=None)
    assert told == [job.id]

    def fail(job_id):
        raise ConnectionError

    job = JobStore(database, fail).create("count", {}, requested_by=None)
    assert JobStore(database).get(job.id).state == JobState.QUEUED
    assert job.id in caplog.text


def test_events_of_one_kind(jobs, claims):
    job = _create(jobs)
    claims.take()
    claims.beat(job.id, events=[("epoch", {"epoch": 0}), ("log", {}), ("epoch", {"epoch": 1})])
    assert [event.data["epoch"] for event in jobs.events(job.id, kind="epoch")] == [0, 1]
    assert [event.kind for event in jobs.events(job.id, after=2, limit=2)] == ["epoch", "log"]


def test_what_ended_long_ago_is_deleted_with_its_events_and_its_folder(jobs, claims, tmp_path):
    ended, waits = _create(jobs), _create(jobs)
    for job in (ended, waits):
        (tmp_path / job.id).mkdir()
        (tmp_path / job.id / "checkpoint").touch()
    jobs.cancel(ended.id)
    assert jobs.delete_ended(timedelta(days=1), tmp_path) == 0
    assert jobs.delete_ended(timedelta(0), tmp_path) == 1
    assert [job.id for job in jobs.list(limit=9)] == [waits.id]
    assert jobs.events(ended.id) == []
    assert [folder.name for folder in tmp_path.iterdir() if folder.is_dir()] == [waits.id]


def test_more_jobs_may_have_ended_than_a_statement_has_room_for(jobs, tmp_path, few_values):
    for _ in range(2 * few_values):
        jobs.cancel(_create(jobs).id)
    assert jobs.delete_ended(timedelta(0), tmp_path) == 2 * few_values
    assert not jobs.list(limit=1)
