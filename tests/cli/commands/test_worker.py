"""`inkrow worker`, and the worker that `inkrow serve` starts."""

from __future__ import annotations

import os
import re
import signal
import subprocess
import sys
import time
from contextlib import contextmanager

import pytest

from app.database import Database
from app.jobs import JobState, JobStore
from tests.conftest import PROJECT, is_running

pytestmark = pytest.mark.service

_SCRIPT = "from app.cli import main; main()"
_PATIENCE_S = 60


@pytest.fixture
def state(tmp_path, monkeypatch):
    monkeypatch.setenv("INKROW_STATE", str(tmp_path))
    return tmp_path


@pytest.fixture
def jobs(state):
    database = Database(f"sqlite:///{state / 'inkrow.db'}")
    yield JobStore(database)
    database.close()


@contextmanager
def _running(*arguments):
    """Run a command; gives the process and the lines of its log."""
    with subprocess.Popen(
        [sys.executable, "-c", _SCRIPT, *arguments], cwd=PROJECT, stderr=subprocess.PIPE, text=True
    ) as process:
        try:
            yield process, process.stderr
        finally:
            process.kill()


def _is_done(jobs, job):
    """Whether a job comes to its end: it is of a kind that no work is of."""
    end_s = time.monotonic() + _PATIENCE_S
    while not jobs.get(job.id).state.is_final and time.monotonic() < end_s:
        time.sleep(0.05)
    return jobs.get(job.id).state == JobState.FAILED


def _workers():
    """Give the ids of the processes that were started as workers of a server that this test started."""
    listed = subprocess.run(["ps", "-ww", "-eo", "pid,ppid,args"], check=True, capture_output=True, text=True).stdout
    found = re.findall(r"^ *(\d+) +(\d+) .* worker .*--until-eof$", listed, re.MULTILINE)
    return {int(pid): int(parent) for pid, parent in found}


def _workers_of(server, count=1, but=()):
    end_s = time.monotonic() + _PATIENCE_S
    while time.monotonic() < end_s:
        pids = [pid for pid, parent in _workers().items() if parent == server.pid and pid not in but]
        if len(pids) == count:
            return pids
        time.sleep(0.05)
    raise AssertionError(_workers())


def _ends(pid):
    end_s = time.monotonic() + _PATIENCE_S
    while pid in _workers() and time.monotonic() < end_s:
        time.sleep(0.05)
    return pid not in _workers()


@pytest.mark.parametrize("end", [signal.SIGINT, signal.SIGTERM])
def test_it_runs_jobs_until_it_is_interrupted(jobs, end):
    job = jobs.create("nothing that we know", {}, requested_by=None)
    with _running("worker", "--log-level", "critical") as (process, log):
        assert "inkrow.db (Ctrl+C stops it)" in log.readline()
        assert _is_done(jobs, job)
        process.send_signal(end)
        assert process.wait(_PATIENCE_S) == 0


def test_it_says_at_once_that_a_queue_cannot_be(state, inkrow, monkeypatch):
    monkeypatch.setenv("INKROW_QUEUE_URL", "amqp://here")
    result = inkrow("worker")
    assert (result.exit_code, result.stderr[:8]) == (3, "inkrow: ")


@pytest.mark.parametrize("end", [signal.SIGINT, signal.SIGTERM])
def test_a_server_has_a_worker_that_is_started_anew_and_ends_before_it(jobs, end):
    with _running("serve", "--port", "0", "--log-level", "critical") as (server, _):
        [first] = _workers_of(server)
        os.kill(first, signal.SIGKILL)
        [second] = _workers_of(server, but=[first])
        assert _is_done(jobs, jobs.create("nothing that we know", {}, requested_by=None))
        began_s = time.monotonic()
        server.send_signal(end)
        assert server.wait(_PATIENCE_S) == 0
        assert time.monotonic() - began_s < 10
        assert not is_running(second)


def test_several_processes_that_serve_have_one_worker_and_it_ends_even_if_they_are_killed(state):
    with _running("serve", "--port", "0", "--workers", "2", "--log-level", "critical") as (server, _):
        [worker] = _workers_of(server)
        time.sleep(0.2)
        assert list(_workers().values()).count(server.pid) == 1
        server.kill()
        assert _ends(worker)


def test_a_server_can_do_without_a_worker(state, monkeypatch):
    monkeypatch.setenv("INKROW_JOB_WORKERS", "0")
    with _running("serve", "--port", "0", "--log-level", "info") as (server, log):
        assert any("startup complete" in line for line in log)
        assert server.pid not in _workers().values()
