"""Work for jobs of tests: what a worker runs in a process of its own."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

from app.errors import InvalidInput
from app.jobs import Stopped


def _count(task):
    """Count to `to`, going on where the last run stopped; `wait` is a file to wait for before the last step."""
    reached = task.folder / "reached"
    done = int(reached.read_text()) if reached.exists() else 0
    for number in range(done + 1, task.parameters["to"] + 1):
        task.checkpoint()
        if number == task.parameters["to"] and "wait" in task.parameters:
            _wait_for(Path(task.parameters["wait"]), task)
        reached.write_text(str(number))
        task.progress(number, task.parameters["to"], "numbers")
        task.emit("metric", {"number": number, "square": number**2})
    return {"counted": task.parameters["to"], "began_at": done}


def _wait_for(file, task):
    try:
        while not file.exists():
            task.checkpoint()
            time.sleep(0.02)
    except Stopped:
        (task.folder / "stopped").write_text("in order")
        raise


def _ignore(task):
    """Take no notice of being stopped."""
    signal.signal(signal.SIGTERM, signal.SIG_IGN)
    task.emit("log", {"pid": os.getpid()})
    while True:
        time.sleep(60)


def _raise(task):
    raise ValueError("a secret")


def _refuse(task):
    raise InvalidInput("expected more examples, got 3", examples=3)


def _die(task):
    os.kill(os.getpid(), task.parameters["signal"])


def _leave(task):
    os._exit(7)


def _look(task):
    """Tell of the process."""
    print("printed, which is no message")  # noqa: T201
    return {"niceness": os.nice(0), "threads": os.environ["OMP_NUM_THREADS"], "folder": str(task.folder)}


def _spawn(task):
    """Start another process and wait for ever."""
    with subprocess.Popen([sys.executable, "-c", "import time; time.sleep(600)"]) as other:
        task.emit("log", {"pid": other.pid})
        _wait_for(Path("/nowhere"), task)


WORK = {
    "count": _count,
    "die": _die,
    "ignore": _ignore,
    "leave": _leave,
    "look": _look,
    "raise": _raise,
    "refuse": _refuse,
    "spawn": _spawn,
}
