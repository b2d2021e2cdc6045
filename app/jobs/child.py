"""The process of a job, as its worker sees it: started with low priority and few threads, listened to, stopped."""

from __future__ import annotations

import json
import os
import selectors
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import asdict, dataclass
from typing import Any

from app.jobs.messages import Order, to_line

_SCRIPT = "from app.jobs.process import main; main()"
_THREADS = ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS", "VECLIB_MAXIMUM_THREADS")
_CHUNK = 1 << 16


@dataclass(frozen=True)
class Limits:
    """What a job may take of the machine."""

    threads: int = 1  # of a matrix product
    niceness: int = 15  # a 28th of the scheduler's weight of a server, so jobs get the time that nobody else wants


class Child:
    """The process of a job."""

    def __init__(self, order: Order, limits: Limits) -> None:
        self._process = subprocess.Popen(
            [sys.executable, "-c", _SCRIPT],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            env={**python_environment(), **dict.fromkeys(_THREADS, str(limits.threads))},
            process_group=0,  # so that it ends with all that it starts
        )
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._stdout = self._process.stdout
        self._rest = b""
        with suppress(ProcessLookupError):  # it has ended already
            os.setpriority(os.PRIO_PROCESS, self._process.pid, min(19, os.nice(0) + limits.niceness))
        with suppress(BrokenPipeError):
            self._process.stdin.write(to_line(asdict(order)))
            self._process.stdin.flush()  # stays open: the process takes its end for the worker's end

    @property
    def has_ended(self) -> bool:
        return self._process.poll() is not None

    @property
    def exit_code(self) -> int | None:
        """Status with which it ended; below 0, the negative number of the signal that ended it."""
        return self._process.returncode

    def listen(self, timeout_s: float) -> Iterator[dict[str, Any]]:
        """Yield its messages, waiting at most `timeout_s` for the first."""
        until = time.monotonic() + timeout_s
        with selectors.DefaultSelector() as selector:  # unlike `select`, not limited to 1024 open files
            selector.register(self._stdout, selectors.EVENT_READ)
            while selector.select(max(0.0, until - time.monotonic())):
                chunk = os.read(self._stdout.fileno(), _CHUNK)
                *lines, self._rest = (self._rest + chunk).split(b"\n")
                yield from map(json.loads, lines)
                if lines:
                    return
                if not chunk:  # it has nothing more to say
                    with suppress(subprocess.TimeoutExpired):
                        self._process.wait(max(0.0, until - time.monotonic()))
                    return

    def terminate(self) -> None:
        """Ask it to end."""
        self._process.terminate()

    def kill(self) -> None:
        """End it and all that it started."""
        with suppress(ProcessLookupError):
            os.killpg(self._process.pid, signal.SIGKILL)
        self._process.wait()

    def close(self) -> None:
        """Kill it if it still runs, and close its pipes."""
        self.kill()
        for pipe in (self._process.stdin, self._process.stdout):
            with suppress(BrokenPipeError):
                pipe.close()  # type: ignore[union-attr]


def python_environment() -> dict[str, str]:
    """Return the environment in which another Python finds what this one finds."""
    return {**os.environ, "PYTHONPATH": os.pathsep.join(filter(None, sys.path))}
