"""The process of a job, as it is listened to."""

from __future__ import annotations

import os
import resource
import time

import pytest

from app.jobs import Limits
from app.jobs.child import Child
from app.jobs.messages import Order

_PATIENCE_S = 60


@pytest.fixture
def child(tmp_path):
    child = Child(Order("tests.jobs.works:WORK", "look", "1", {}, str(tmp_path)), Limits())
    yield child
    child.close()


@pytest.fixture
def many_files():
    """Open so many files that the next ones have numbers that `select` refuses."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    if hard != resource.RLIM_INFINITY and hard < 2048:
        pytest.skip(f"the system allows {hard} open files, 2048 are needed")
    resource.setrlimit(resource.RLIMIT_NOFILE, (max(soft, 2048), hard))
    opened = [os.open(os.devnull, os.O_RDONLY) for _ in range(1100)]
    yield
    for each in opened:
        os.close(each)
    resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))


@pytest.mark.usefixtures("many_files")
def test_a_child_is_heard_by_a_process_with_very_many_open_files(child):
    until_s = time.monotonic() + _PATIENCE_S
    while time.monotonic() < until_s:
        for message in child.listen(1.0):
            if "result" in message:
                assert message["result"]["threads"] == "1"
                return
    pytest.fail("nothing was heard")
