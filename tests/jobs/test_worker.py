"""Jobs run for real, each in a process of its own."""

from __future__ import annotations

import logging
import os
import signal
import subprocess
import sys
import threading
import time
from pathlib import Path

import pytest
from sqlalchemy import update

from app.database.tables import JOBS
from app.errors import DatabaseFailed
from app.jobs import Channel, Claims, JobState, Limits, Timing, Worker
from app.jobs.child import python_environment

_WORK = "tests.jobs.works:WORK"
_PATIENCE_S = 60
_LIMITS = Limits(threads=3, niceness=0)  # nice processes wait long where tests of others run
_QUICK = Timing(look=0.02, beat=0.2, grace=0.5, pause=0.2, abandoned=1.0)
# A worker in a process of its own, which can be killed.
_SCRIPT = """
import sys
from pathlib import Path
from app.database import Database
from app.jobs import Channel, Worker
from tests.jobs.test_worker import _LIMITS, _QUICK, _WORK
folder = Path(sys.argv[1])
Worker(Database(f"sqlite:///{folder / 'inkrow.db'}"), Channel(f"sqlite:///{folder / 'queue.db'}"), work=_WORK,
       folder=folder / "jobs", limits=_LIMITS, timing=_QUICK).run()
"""


# What other databases do is tried in `test_claims` and `test_store`.
pytestmark = [pytest.mark.service, pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)]


@pytest.fixture
def start(database, tmp_path):
    """Start a worker in a thread: ``start()`` gives it."""
    started = []

    def run(limits=_LIMITS):
        channel = Channel(f"sqlite:///{tmp_path / 'queue.db'}")
        worker = Worker(database, channel, work=_WORK, folder=tmp_path / "jobs", limits=limits, timing=_QUICK)
        thread = threading.Thread(target=worker.run)
        thread.start()
        started.append((worker, thread, channel))
        return worker

    yield run
    for worker, thread, channel in started:
        worker.end()
        thread.join(_PATIENCE_S)
        channel.close()


@pytest.fixture
def create(jobs):
    return lambda kind, **parameters: jobs.create(kind, parameters, requested_by=None)


@pytest.fixture
def wait(jobs):
    """Wait until something is true of a job: ``wait(job, condition)`` gives it."""

    def until(job, condition=lambda job: job.state.is_final):
        end_s = time.monotonic() + _PATIENCE_S
        while not condition(job := jobs.get(job.id)):
            assert time.monotonic() < end_s, job
            time.sleep(0.01)
        return job

    return until


def _reported(jobs, job):
    """The process id that a job told."""
    end_s = time.monotonic() + _PATIENCE_S
    while time.monotonic() < end_s:
        for event in jobs.events(job.id):
            if event.kind == "log":
                return event.data["pid"]
        time.sleep(0.01)
    raise AssertionError(jobs.get(job.id))


def _is_running(pid):
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    status = Path(f"/proc/{pid}/status")  # one that nobody has asked about since its end is still in the list
    return not status.exists() or "\nState:\tZ" not in status.read_text()


def test_a_job_is_done_and_tells_of_it(start, create, wait, jobs, tmp_path):
    job = create("count", to=3)
    start()
    job = wait(job)
    assert (job.state, job.result) == (JobState.SUCCEEDED, {"counted": 3, "began_at": 0})
    assert (job.progress["done"], job.progress["total"], job.progress["unit"]) == (3, 3, "numbers")
    events = [(event.kind, event.data.get("state", event.data.get("square"))) for event in jobs.events(job.id)]
    assert events == [
        ("state", "queued"),
        ("state", "running"),
        *[("metric", 1.0), ("metric", 4.0), ("metric", 9.0)],
        ("state", "succeeded"),
    ]
    end_s = time.monotonic() + _PATIENCE_S
    while (tmp_path / "jobs" / job.id).exists():  # which goes when all has been told
        assert time.monotonic() < end_s
        time.sleep(0.01)


def test_a_job_that_says_much_is_not_written_down_word_by_word(start, create, wait, jobs, monkeypatch):
    beats, beat = [], Claims.beat
    monkeypatch.setattr(Claims, "beat", lambda *args: beats.append(args) or beat(*args))
    job = create("count", to=1000)
    start()
    assert wait(job).state == JobState.SUCCEEDED
    assert len(jobs.events(job.id, kind="metric")) == 1000
    assert len(beats) < 500


def test_jobs_that_come_later_are_found(start, create, wait):
    start()
    for _ in range(2):
        assert wait(create("count", to=1)).state == JobState.SUCCEEDED


def test_its_process_is_nice_has_few_threads_and_prints_to_the_log(start, create, wait, tmp_path, capfd):
    start(Limits(threads=3, niceness=2))
    job = wait(create("look"))
    niceness = min(19, os.nice(0) + 2)
    assert job.result == {"niceness": niceness, "threads": "3", "folder": str(tmp_path / "jobs" / job.id)}
    assert capfd.readouterr().err.endswith("printed, which is no message\n")


def test_work_that_raises_fails_and_tells_nothing_of_ours(start, create, wait, capfd):
    start()
    job = wait(create("raise"))
    assert job.state == JobState.FAILED
    assert job.problem["code"] == "internal-error"
    assert "secret" not in str(job.problem)
    assert "ValueError: a secret" in capfd.readouterr().err


def test_work_that_refuses_its_input_says_why(start, create, wait):
    start()
    job = wait(create("refuse"))
    assert job.problem == {"code": "invalid-input", "detail": "expected more examples, got 3", "examples": 3}


def test_work_of_a_kind_that_nobody_knows_fails(start, create, wait, capfd):
    start()
    assert wait(create("dance")).problem["code"] == "internal-error"
    assert "got dance" in capfd.readouterr().err


def test_a_process_that_crashes_fails(start, create, wait):
    start()
    jobs = create("die", signal=signal.SIGSEGV), create("leave")
    assert "SIGSEGV" in wait(jobs[0]).problem["detail"]
    assert "status 7" in wait(jobs[1]).problem["detail"]


def test_a_job_that_cannot_be_begun_is_tried_again(start, create, wait, tmp_path, caplog):
    (tmp_path / "jobs").touch()  # in the place of the folder
    job = create("count", to=1)
    start()
    wait(job, lambda job: job.attempts == 1 and job.state == JobState.INTERRUPTED)
    assert f"job {job.id} cannot be begun" in caplog.text
    (tmp_path / "jobs").unlink()
    assert wait(job).state == JobState.SUCCEEDED


def test_a_worker_goes_on_if_such_a_job_cannot_be_given_back_either(start, create, wait, tmp_path, caplog, monkeypatch):
    def fail(*_, **__):
        (tmp_path / "jobs").unlink(missing_ok=True)
        raise DatabaseFailed("no more room")

    monkeypatch.setattr("app.jobs.claims.Claims.interrupt", fail)
    (tmp_path / "jobs").touch()
    job = create("count", to=1)
    start()
    assert wait(job).state == JobState.SUCCEEDED
    assert f"job {job.id} cannot be given back: no more room" in caplog.text


def test_a_job_is_stopped_in_time_and_keeps_its_checkpoint(start, create, wait, jobs, tmp_path):
    start()
    job = wait(create("count", to=2, wait=str(tmp_path / "never")), lambda job: job.progress)
    asked_s = time.monotonic()
    assert jobs.cancel(job.id).is_stopping
    assert wait(job).state == JobState.CANCELLED
    assert time.monotonic() - asked_s < 2
    folder = tmp_path / "jobs" / job.id
    assert {file.name: file.read_text() for file in folder.iterdir()} == {"reached": "1", "stopped": "in order"}


def test_a_job_that_does_not_stop_is_killed_in_time(start, create, wait, jobs):
    start()
    job = create("ignore")
    pid = _reported(jobs, job)
    asked_s = time.monotonic()
    jobs.cancel(job.id)
    assert wait(job).state == JobState.CANCELLED
    assert time.monotonic() - asked_s < 2
    assert not _is_running(pid)


def test_what_a_job_started_ends_with_it(start, create, wait, jobs):
    start()
    job = create("spawn")
    pid = _reported(jobs, job)
    jobs.cancel(job.id)
    wait(job)
    assert not _is_running(pid)


def test_another_worker_goes_on_with_the_job_of_one_that_ends(start, create, wait, tmp_path):
    worker = start()
    job = wait(create("count", to=2, wait=str(tmp_path / "go")), lambda job: job.progress)
    worker.end()
    job = wait(job, lambda job: job.state == JobState.INTERRUPTED)
    assert job.attempts == 0
    (tmp_path / "go").touch()
    start()
    assert wait(job).result == {"counted": 2, "began_at": 1}


def test_a_job_whose_process_is_killed_goes_on(start, create, wait, jobs):
    start()
    job = create("ignore")
    first = _reported(jobs, job)
    os.kill(first, signal.SIGKILL)
    job = wait(job, lambda job: job.attempts == 2)
    assert [event.data["state"] for event in jobs.events(job.id) if event.kind == "state"] == [
        "queued",
        "running",
        "interrupted",
        "running",
    ]


def test_a_job_whose_worker_is_killed_goes_on_with_another(start, create, wait, jobs, tmp_path):
    job = create("count", to=2, wait=str(tmp_path / "go"))
    with subprocess.Popen([sys.executable, "-c", _SCRIPT, str(tmp_path)], env=python_environment()) as first:
        wait(job, lambda job: job.progress)
        first.kill()
    (tmp_path / "go").touch()
    start()
    job = wait(job)
    assert (job.state, job.attempts, job.result) == (JobState.SUCCEEDED, 2, {"counted": 2, "began_at": 1})


def test_the_process_of_a_job_ends_with_its_worker(create, jobs, tmp_path):
    job = create("ignore")
    with subprocess.Popen([sys.executable, "-c", _SCRIPT, str(tmp_path)], env=python_environment()) as worker:
        pid = _reported(jobs, job)
        worker.kill()
    end_s = time.monotonic() + _PATIENCE_S
    while _is_running(pid):
        assert time.monotonic() < end_s
        time.sleep(0.01)


def test_two_workers_share_the_jobs_and_none_runs_twice(start, create, wait):
    start(), start()
    done = [wait(job) for job in [create("count", to=1) for _ in range(4)]]
    assert [(job.state, job.attempts, job.result["began_at"]) for job in done] == [(JobState.SUCCEEDED, 1, 0)] * 4


def test_a_job_that_another_worker_has_is_let_go(start, create, wait, jobs, database, caplog):
    caplog.set_level(logging.INFO)
    start()
    job = create("ignore")
    pid = _reported(jobs, job)
    with database.writing() as connection:
        connection.execute(update(JOBS).values(worker="somebody else"))
    end_s = time.monotonic() + _PATIENCE_S
    while _is_running(pid):
        assert time.monotonic() < end_s
        time.sleep(0.01)
    assert jobs.get(job.id).state in {JobState.RUNNING, JobState.INTERRUPTED}
