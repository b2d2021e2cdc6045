"""The backlog, soon or not at all."""

from __future__ import annotations

import threading
import time

import pytest

from app.api.observing import backlog
from app.api.observing.backlog import BacklogCache
from app.errors import DatabaseFailed

_DATABASE = object()


@pytest.fixture
def asked(monkeypatch):
    """Count how often the database is asked; `asked.answer` is what it says, an exception or a wait."""

    class Asked:
        times = 0
        answer = staticmethod(lambda: "backlog")

    def look(database):
        assert database is _DATABASE
        Asked.times += 1
        return Asked.answer()

    monkeypatch.setattr(backlog, "look_at_backlog", look)
    return Asked


def test_it_asks_once_a_second_however_many_look(asked):
    cache = BacklogCache(_DATABASE)
    assert {cache.look() for _ in range(5)} == {"backlog"}
    assert asked.times == 1


def test_it_asks_again_when_what_it_saw_is_old(asked, monkeypatch):
    monkeypatch.setattr(backlog, "_FRESH_S", 0.0)
    cache = BacklogCache(_DATABASE)
    cache.look()
    asked.answer = staticmethod(lambda: "another")
    assert cache.look() == "another"


def test_a_database_that_fails_says_nothing_and_the_log_says_why(asked, caplog):
    def fail():
        raise DatabaseFailed("the disk is full")

    asked.answer = staticmethod(fail)
    assert BacklogCache(_DATABASE).look() is None
    assert "the disk is full" in caplog.text


def test_nobody_waits_for_a_database_that_hangs_and_it_is_asked_once(asked, monkeypatch):
    free = threading.Event()
    asked.answer = staticmethod(lambda: free.wait(30) and "late")
    monkeypatch.setattr(backlog, "_PATIENCE_S", 0.05)
    cache = BacklogCache(_DATABASE)
    start = time.monotonic()
    assert [cache.look() for _ in range(3)] == [None] * 3
    assert time.monotonic() - start < 10
    assert asked.times == 1
    free.set()
    while (seen := cache.look()) is None:
        assert time.monotonic() - start < 30
    assert seen == "late"


def test_without_a_database_there_is_nothing_to_see(asked):
    assert BacklogCache(None).look() is None
    assert asked.times == 0
