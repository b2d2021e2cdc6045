"""The end of a server is noticed before it comes."""

from __future__ import annotations

import os
import signal
import threading

import pytest
from fastapi import FastAPI

from app.api.serving.shutdown import notice_end


@pytest.fixture
def app():
    """Give an application in a process whose signals do nothing but being noted."""
    app = FastAPI()
    app.state.ending, app.state.received = threading.Event(), []
    numbers = (signal.SIGINT, signal.SIGTERM)
    before = [signal.signal(number, lambda received, _: app.state.received.append(received)) for number in numbers]
    yield app
    for number, handler in zip(numbers, before, strict=True):
        signal.signal(number, handler)


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_a_signal_is_noticed_and_does_what_it_did(app, number):
    notice_end(app)
    assert not app.state.ending.is_set()
    os.kill(os.getpid(), number)
    assert app.state.ending.wait(5)
    assert app.state.received == [number]


def test_no_signal_is_touched_from_another_thread(app):
    before = signal.getsignal(signal.SIGTERM)
    thread = threading.Thread(target=notice_end, args=(app,))
    thread.start()
    thread.join()
    assert signal.getsignal(signal.SIGTERM) is before
