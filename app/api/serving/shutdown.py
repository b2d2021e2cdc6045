"""Ends answers that would go on for long as soon as the server is told to stop."""

from __future__ import annotations

import multiprocessing
import os
import signal
import threading
from multiprocessing.process import BaseProcess
from types import FrameType
from typing import Annotated

from fastapi import Depends, FastAPI, Request


def notice_end(app: FastAPI) -> None:
    """Set ``app.state.ending`` at the signals that end a server, which then ends as it would.

    To be called when the server has set its own handlers. Outside of a main thread no signal arrives.
    """
    if threading.current_thread() is not threading.main_thread():
        return
    for number in (signal.SIGINT, signal.SIGTERM):
        _before(number, app.state.ending)


def _before(number: signal.Signals, ending: threading.Event) -> None:
    handler = signal.getsignal(number)
    if not callable(handler):
        return

    def note(received: int, frame: FrameType | None) -> None:
        ending.set()
        handler(received, frame)

    signal.signal(number, note)


def end_with_parent() -> None:
    """Let the server end, as at a signal, when the process is gone that started it as one of several.

    Killed itself, that one cannot stop them, and they would serve on with nobody to look after them.
    """
    parent = multiprocessing.parent_process()
    if parent is not None:
        threading.Thread(target=_end_after, args=(parent,), name="end-with-parent", daemon=True).start()


def _end_after(parent: BaseProcess) -> None:
    parent.join()
    os.kill(os.getpid(), signal.SIGTERM)


def get_ending(request: Request) -> threading.Event:
    """Hand out what is set once the server is told to end."""
    ending: threading.Event = request.app.state.ending
    return ending


EndingDep = Annotated[threading.Event, Depends(get_ending)]
