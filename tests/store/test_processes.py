"""Whole processes that are killed, get in each other's way, or find the disk full."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

PROJECT = Path(__file__).resolve().parents[2]

pytestmark = pytest.mark.skipif(not hasattr(os, "fork"), reason="the trials fork, which this system cannot")


@pytest.fixture
def trial(tmp_path):
    """Give a function that runs a trial of trial.py by its name; returns what it has counted."""

    def run(name, folder=tmp_path):
        command = [sys.executable, str(Path(__file__).with_name("trial.py")), name, str(folder)]
        environment = {**os.environ, "PYTHONPATH": str(PROJECT), "OPENBLAS_NUM_THREADS": "1"}
        done = subprocess.run(command, env=environment, capture_output=True, text=True, check=False, timeout=120)
        assert done.returncode == 0, done.stderr
        return json.loads(done.stdout)

    return run


def test_publish_may_be_killed_at_any_point(trial):
    seen = trial("kill_publish")
    assert seen["absent"] > 30
    assert seen["whole"] > 3


def test_the_first_publish_may_be_killed_at_any_point(trial):
    seen = trial("kill_first_publish")
    assert seen["absent"] > 30
    assert seen["whole"] > 3


def test_promote_may_be_killed_at_any_point(trial):
    seen = trial("kill_promote")
    assert seen["old"] > 15
    assert seen["new"] > 3
    assert seen["finished"] > 3


def test_processes_that_publish_and_promote_at_once_lose_nothing(trial):
    assert trial("crowd") == {"versions": 33}


def test_of_processes_that_publish_the_same_number_one_succeeds(trial):
    assert trial("same_number") == {"published": 1, "refused": 7}


def test_a_file_that_may_not_grow_leaves_everything_as_it_was(trial):
    assert trial("short_files")["limits"] > 10


def test_a_full_disk_leaves_everything_as_it_was(trial, tmp_path):
    mount = ["mount", "-t", "tmpfs", "-o", "size=1M", "tmpfs", str(tmp_path)]
    if (
        sys.platform != "linux"
        or os.geteuid() != 0
        or subprocess.run(mount, capture_output=True, check=False).returncode
    ):
        pytest.skip("a small file system can be mounted by root on Linux only")
    try:
        trial("full_disk")
    finally:
        subprocess.run(["umount", str(tmp_path)], check=True)
