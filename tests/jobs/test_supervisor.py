"""Processes that are kept running."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time

import pytest

from app.jobs import Supervisor
from tests.conftest import is_running

_PATIENCE_S = 60
_NOTE = "import os, pathlib, sys; pathlib.Path(sys.argv[1], str(os.getpid())).touch(); "
_STAY = _NOTE + "sys.stdin.read()"


@pytest.fixture
def started(tmp_path):
    """Wait until so many processes have been started, and give their ids."""

    def wait(count):
        end_s = time.monotonic() + _PATIENCE_S
        while len(found := list(tmp_path.iterdir())) < count:
            assert time.monotonic() < end_s, found
            time.sleep(0.01)
        return [int(file.name) for file in found]

    return wait


def _command(script, folder):
    return [sys.executable, "-c", script, str(folder)]


def test_a_process_that_is_killed_is_started_anew(tmp_path, started):
    with Supervisor(_command(_STAY, tmp_path), 1, first_pause_s=0.01):
        [first] = started(1)
        os.kill(first, signal.SIGKILL)
        assert len(started(2)) == 2


def test_the_pause_before_it_grows(tmp_path, started, caplog):
    with Supervisor(_command(_NOTE + "sys.exit(3)", tmp_path), 1, first_pause_s=0.01):
        started(3)
    assert [record.getMessage() for record in caplog.records][:2] == [
        "a worker ended with status 3; another one is started in 0.0 s",
        "a worker ended with status 3; another one is started in 0.0 s",
    ]
    assert [record.args[1] for record in caplog.records][:2] == [0.01, 0.02]


def test_what_cannot_be_started_now_is_tried_again(tmp_path, started, caplog):
    program = tmp_path.with_name(f"{tmp_path.name} late")
    with Supervisor([str(program), *_command(_STAY, tmp_path)[1:]], 1, first_pause_s=0.01):
        while not caplog.records:
            time.sleep(0.01)
        program.symlink_to(sys.executable)
        started(1)
    assert "a worker cannot be started ([Errno 2]" in caplog.records[0].getMessage()


def test_all_of_them_end_with_it(tmp_path, started):
    with Supervisor(_command(_STAY, tmp_path), 2):
        pids = started(2)
        assert all(map(is_running, pids))
    assert not any(map(is_running, pids))


def test_one_that_does_not_end_is_killed(tmp_path, started, monkeypatch):
    monkeypatch.setattr("app.jobs.supervisor._LAST_SECONDS", 0.1)
    stubborn = "import signal; signal.signal(signal.SIGTERM, signal.SIG_IGN); " + _STAY
    with Supervisor(_command(stubborn, tmp_path), 1):
        pids = started(1)
    assert not any(map(is_running, pids))


def test_they_learn_that_whoever_started_them_is_gone(tmp_path, started):
    script = (
        "import sys, time; from app.jobs import Supervisor\n"
        f"with Supervisor([sys.executable, '-c', {_STAY!r}, sys.argv[1]], 1): time.sleep(600)"
    )
    with subprocess.Popen(_command(script, tmp_path)) as whoever:
        [pid] = started(1)
        whoever.kill()
    end_s = time.monotonic() + _PATIENCE_S
    while os.path.exists(f"/proc/{pid}/exe") and is_running(pid):  # noqa: PTH110
        assert time.monotonic() < end_s
        time.sleep(0.01)


def test_none_is_started_where_none_is_wanted(tmp_path):
    with Supervisor(_command(_STAY, tmp_path), 0):
        pass
    assert not list(tmp_path.iterdir())
