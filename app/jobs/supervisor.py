"""Keeps worker processes running beside a server: one that ends is started again."""

from __future__ import annotations

import logging
import subprocess
import threading
import time
from collections.abc import Sequence
from contextlib import suppress

from app.jobs.child import python_environment

_FIRST_PAUSE_S = 0.5
_LONGEST_PAUSE_S = 30.0
_HEALTHY_S = 60.0  # after a process that ran for so long, the pause is the first one again
_LAST_SECONDS = 2.5  # for a worker to give its job back, which takes a last checkpoint of one second; then it is killed

_log = logging.getLogger(__name__)


class Supervisor:
    """Runs a command in `count` processes for the time of a ``with`` block.

    The standard input of each is a pipe from this process; its end tells the process that we are gone.

    Parameters
    ----------
    first_pause_s : before a process that ended is started again; doubles each time
    """

    def __init__(self, command: Sequence[str], count: int, *, first_pause_s: float = _FIRST_PAUSE_S) -> None:
        self._command = list(command)
        self._first_pause_s = first_pause_s
        self._ending = threading.Event()
        self._lock = threading.Lock()
        self._processes: dict[int, subprocess.Popen[bytes]] = {}
        self._threads = [threading.Thread(target=self._keep_running, args=(number,)) for number in range(count)]

    def __enter__(self) -> Supervisor:
        for thread in self._threads:
            thread.start()
        return self

    def __exit__(self, *exc_info: object) -> None:
        self._ending.set()
        with self._lock:
            processes = list(self._processes.values())
        for process in processes:
            process.terminate()
        until_s = time.monotonic() + _LAST_SECONDS
        for process in processes:
            with suppress(subprocess.TimeoutExpired):
                process.wait(max(0.0, until_s - time.monotonic()))
            process.kill()
        for thread in self._threads:
            thread.join()

    def _keep_running(self, number: int) -> None:
        pause_s = self._first_pause_s
        while not self._ending.is_set():
            started_s = time.monotonic()
            try:
                what = f"ended with status {self._run(number)}"
            except OSError as exc:  # no memory for one more process, or too many of them
                what = f"cannot be started ({exc})"
            if self._ending.is_set():
                return
            if time.monotonic() - started_s > _HEALTHY_S:
                pause_s = self._first_pause_s
            _log.warning("a worker %s; another one is started in %.1f s", what, pause_s)
            self._ending.wait(pause_s)
            pause_s = min(2 * pause_s, _LONGEST_PAUSE_S)

    def _run(self, number: int) -> int:
        with self._lock:
            if self._ending.is_set():
                return 0
            process = subprocess.Popen(
                self._command,
                stdin=subprocess.PIPE,
                env=python_environment(),
                process_group=0,  # Ctrl+C in the terminal reaches us alone
            )
            self._processes[number] = process
        with process:
            return process.wait()
