"""Lets answers that would go on for long end as soon as the server is told to."""

from __future__ import annotations

import signal
import threading
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


def get_ending(request: Request) -> threading.Event:
    """Hand out what is set once the server is told to end."""
    ending: threading.Event = request.app.state.ending
    return ending


EndingDep = Annotated[threading.Event, Depends(get_ending)]
