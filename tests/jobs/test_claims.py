"""Jobs as workers see them."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

import pytest

from app.jobs import Claims, JobState
from app.jobs.claims import MOST_ATTEMPTS, Wish, interrupt_abandoned


@pytest.fixture
def job(jobs):
    return jobs.create("count", {"to": 3}, requested_by=None)


def test_the_job_that_waits_longest_comes_first(jobs, claims, job):
    other = jobs.create("count", {}, requested_by=None)
    expected = sorted([job.id, other.id])
    assert [claims.take().id, claims.take().id] == expected
    assert claims.take() is None


def test_a_taken_job_runs(jobs, claims, job):
    taken = claims.take()
    assert jobs.get(job.id) == taken
    assert (taken.state, taken.attempts) == (JobState.RUNNING, 1)
    assert taken.started_at is not None


def test_two_workers_never_get_the_same_job(database, jobs):
    ids = {jobs.create("count", {}, requested_by=None).id for _ in range(40)}

    def take_all(name):
        claims = Claims(database, name)
        return [job.id for job in iter(claims.take, None)]

    with ThreadPoolExecutor(4) as pool:
        taken = [job_id for found in pool.map(take_all, "abcd") for job_id in found]
    assert len(taken) == len(set(taken)) == 40
    assert set(taken) == ids


def test_a_heartbeat_carries_progress_and_brings_back_whether_to_go_on(jobs, claims, job):
    claims.take()
    assert claims.beat(job.id, {"done": 1, "total": 3}) is Wish.GO_ON
    assert jobs.get(job.id).progress == {"done": 1, "total": 3}
    assert claims.look(job.id) is Wish.GO_ON
    jobs.cancel(job.id)
    assert claims.look(job.id) is claims.beat(job.id) is Wish.STOP


def test_a_job_ends_with_its_result(jobs, claims, job):
    claims.take()
    claims.succeed(job.id, {"sum": 6})
    job = jobs.get(job.id)
    assert (job.state, job.result, job.problem) == (JobState.SUCCEEDED, {"sum": 6}, None)
    assert jobs.events(job.id)[-1].data == {"state": "succeeded", "result": {"sum": 6}}


def test_a_job_ends_with_its_problem(jobs, claims, job):
    claims.take()
    claims.fail(job.id, {"code": "invalid-input"})
    assert (jobs.get(job.id).state, jobs.get(job.id).problem) == (JobState.FAILED, {"code": "invalid-input"})


def test_what_a_worker_says_of_a_job_that_is_not_its_own_does_not_count(database, jobs, claims, job):
    claims.take()
    other = Claims(database, "worker-2")
    other.succeed(job.id, {})
    other.interrupt(job.id, counts=True)
    assert other.beat(job.id, {"done": 9}) is other.look(job.id) is Wish.LET_GO
    assert (jobs.get(job.id).state, jobs.get(job.id).progress) == (JobState.RUNNING, None)


def test_a_job_whose_worker_vanished_is_another_ones(database, jobs, claims, job):
    claims.take()
    interrupt_abandoned(database)
    assert jobs.get(job.id).state == JobState.RUNNING  # its heart beat just now
    interrupt_abandoned(database, after_s=0)
    assert jobs.get(job.id).state == JobState.INTERRUPTED
    assert claims.beat(job.id) is Wish.LET_GO
    taken = Claims(database, "worker-2").take()
    assert (taken.id, taken.attempts) == (job.id, 2)


def test_whoever_asks_for_an_abandoned_job_finds_it_interrupted(jobs, claims, job, monkeypatch):
    monkeypatch.setattr("app.jobs.store.ABANDONED_S", -1)
    monkeypatch.setattr("app.jobs.claims.interrupt_abandoned.__defaults__", (-1,))
    claims.take()
    assert jobs.get(job.id).state == JobState.INTERRUPTED


def test_a_list_tells_of_an_abandoned_job_that_it_is_interrupted(jobs, claims, job, monkeypatch):
    monkeypatch.setattr("app.jobs.claims.interrupt_abandoned.__defaults__", (-1,))
    claims.take()
    assert jobs.list(limit=9, state=JobState.RUNNING) == []
    assert [each.id for each in jobs.list(limit=9, state=JobState.INTERRUPTED)] == [job.id]


def test_a_job_that_was_to_stop_is_not_taken_up_again(database, jobs, claims, job):
    claims.take()
    jobs.cancel(job.id)
    interrupt_abandoned(database, after_s=0)
    assert jobs.get(job.id).state == JobState.CANCELLED


def test_an_orderly_end_of_a_worker_is_no_attempt(jobs, claims, job):
    for _ in range(2 * MOST_ATTEMPTS):
        claims.take()
        claims.interrupt(job.id, counts=False)
    assert (jobs.get(job.id).state, jobs.get(job.id).attempts) == (JobState.INTERRUPTED, 0)


def test_a_job_that_takes_its_worker_down_each_time_is_given_up(jobs, claims, job):
    for _ in range(MOST_ATTEMPTS):
        assert jobs.get(job.id).state in {JobState.QUEUED, JobState.INTERRUPTED}
        claims.take()
        claims.interrupt(job.id, counts=True)
    job = jobs.get(job.id)
    assert job.state == JobState.FAILED
    assert "10 times" in job.problem["detail"]
