"""The process of one job: reads its order from standard input, and reports on standard output."""

from __future__ import annotations

import json
import logging
import logging.config
import os
import signal
import sys
import threading
from collections.abc import Mapping
from importlib import import_module
from pathlib import Path
from typing import Any, BinaryIO

from app.errors import AppError, Conflict, InvalidInput, NotFound, TrainingDiverged
from app.jobs.messages import Order, to_line
from app.jobs.work import Stopped, Task, Work
from app.logs import inherited_format, log_config, log_context

_TOLD = (InvalidInput, NotFound, Conflict, TrainingDiverged)  # shown to whoever asked for the job, who can mend them
_OUR_FAULT = {"code": "internal-error", "detail": "the work failed; the log of its worker says how"}

_log = logging.getLogger(__name__)


def main() -> None:
    """Read an order, carry it out, and report."""
    stop = threading.Event()
    signal.signal(signal.SIGTERM, lambda *_: stop.set())
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl+C is for the worker, which stops us
    logging.config.dictConfig(log_config("info", inherited_format()))
    order = Order(**json.loads(sys.stdin.buffer.readline()))
    with log_context(job_id=order.job_id):
        _work(order, stop)


def _work(order: Order, stop: threading.Event) -> None:
    threading.Thread(target=_die_with_worker, daemon=True).start()
    say = _Output(_take_stdout())
    try:
        task = Task(order.job_id, order.parameters, Path(order.folder), say, stop)
        say({"result": _find_work(order)(task)})
    except Stopped:
        say({"stopped": True})
    except _TOLD as exc:
        say({"problem": {**exc.context, "code": exc.code, "detail": exc.detail}})
    except Exception:
        _log.exception("job %s failed", order.job_id)
        say({"problem": _OUR_FAULT})


class _Output:
    """Writes one message after the other, from any thread."""

    def __init__(self, stream: BinaryIO) -> None:
        self._stream = stream
        self._lock = threading.Lock()

    def __call__(self, document: Mapping[str, Any]) -> None:
        line = to_line(document)
        with self._lock:
            self._stream.write(line)
            self._stream.flush()


def _take_stdout() -> BinaryIO:
    """Keep standard output for messages; whatever the work itself prints goes to stderr."""
    stream = os.fdopen(os.dup(1), "wb")
    os.dup2(2, 1)
    return stream


def _die_with_worker() -> None:
    """Kill this process and its children once the worker is gone, as another worker may have the job by now."""
    while os.read(0, 1):  # not through sys.stdin: Python could not exit while this thread holds the lock of its buffer
        pass
    os.killpg(0, signal.SIGKILL)


def _find_work(order: Order) -> Work:
    module, _, name = order.work.partition(":")
    known: Mapping[str, Work] = getattr(import_module(module), name)
    if order.kind not in known:
        raise AppError(f"expected one of the kinds {', '.join(known)}, got {order.kind}")
    return known[order.kind]
