"""Work done ahead of need by worker processes."""

from __future__ import annotations

import operator
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from itertools import repeat
from pathlib import Path

import pytest

from app.datasets.prefetch import Prefetcher

PROJECT = Path(__file__).resolve().parents[2]


@pytest.fixture(scope="module", params=[0, 1], ids=["here", "one worker"])
def twelve_over(request: pytest.FixtureRequest) -> Iterator[Prefetcher[float]]:
    with Prefetcher[float](operator.truediv, (12,), request.param) as prefetcher:
        yield prefetcher


def test_results_come_in_the_order_of_the_calls(twelve_over: Prefetcher[float]) -> None:
    assert list(twelve_over.results((n,) for n in range(1, 40))) == [12 / n for n in range(1, 40)]
    assert list(twelve_over.results([])) == []


def test_an_error_of_the_function_reaches_the_caller_in_its_turn(twelve_over: Prefetcher[float]) -> None:
    results = twelve_over.results([(3,), (0,), (4,)])
    assert next(results) == 4
    with pytest.raises(ZeroDivisionError):
        next(results)
    assert list(twelve_over.results([(6,)])) == [2]


def test_calls_without_end_are_made_a_few_at_a_time(twelve_over: Prefetcher[float]) -> None:
    made = 0

    def calls() -> Iterator[tuple[int]]:
        nonlocal made
        while True:
            made += 1
            yield (made,)

    results = twelve_over.results(calls())
    assert [next(results) for _ in range(3)] == [12, 6, 4]
    assert 3 <= made < 20


def test_leaving_the_context_ends_the_processes_in_the_middle_of_the_work() -> None:
    with pytest.raises(KeyboardInterrupt), Prefetcher[int](os.getpid, (), 1) as prefetcher:  # noqa: PT012
        pid = next(prefetcher.results(repeat(())))
        assert pid != os.getpid()
        os.kill(pid, 0)
        raise KeyboardInterrupt

    with pytest.raises(ProcessLookupError):
        os.kill(pid, 0)


_CALLER = """
import os, sys, time
from itertools import repeat
sys.path.insert(0, {project!r})
from app.datasets.prefetch import Prefetcher

if __name__ == "__main__":
    with Prefetcher(os.getpid, (), 1) as prefetcher:
        print(next(prefetcher.results(repeat(()))), flush=True)
        time.sleep(60)
"""


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no SIGKILL")
def test_workers_end_when_their_caller_is_killed(tmp_path: Path) -> None:
    script = tmp_path / "caller.py"
    script.write_text(_CALLER.format(project=str(PROJECT)))
    with subprocess.Popen([sys.executable, str(script)], stdout=subprocess.PIPE, stderr=subprocess.DEVNULL) as caller:
        assert caller.stdout is not None
        worker = int(caller.stdout.readline())
        caller.send_signal(signal.SIGKILL)

    _wait_for_the_end_of(worker)


def _wait_for_the_end_of(pid: int, timeout_s: float = 10.0) -> None:
    for _ in range(round(timeout_s / 0.02)):
        try:
            os.kill(pid, 0)
        except ProcessLookupError:
            return
        if Path(f"/proc/{pid}/stat").exists() and " Z " in Path(f"/proc/{pid}/stat").read_text():
            return  # ended; nobody has asked for its exit status yet
        time.sleep(0.02)
    pytest.fail(f"process {pid} is still there after {timeout_s} s")
