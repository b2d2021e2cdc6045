"""News of jobs, whatever carries it."""

from __future__ import annotations

import threading
import time
from concurrent.futures import ThreadPoolExecutor

import pytest

from app.errors import InvalidInput
from app.jobs import Channel, JobState, JobStore, Limits, Worker

_PATIENCE_S = 60


@pytest.fixture(params=["sqlite", "redis", "postgresql"])
def url(request, tmp_path):
    if request.param == "sqlite":
        return f"sqlite:///{tmp_path / 'folder' / 'queue.db'}"
    return request.getfixturevalue(f"{request.param}_url")


@pytest.fixture
def open_channel(url):
    """Open the same channel as often as it is wanted, as several processes would."""
    opened = []

    def connect():
        opened.append(Channel(url))
        return opened[-1]

    yield connect
    for channel in opened:
        channel.close()


class TestEveryChannel:
    def test_news_arrives_once(self, open_channel):
        open_channel().announce("a")
        receiver = open_channel()
        assert receiver.wait(5)
        assert not receiver.wait(0)

    def test_nothing_comes_of_nothing_and_in_time(self, open_channel):
        channel = open_channel()
        channel.wait(0)  # which connects
        began_s = time.monotonic()
        assert not channel.wait(0.3)
        assert 0.25 < time.monotonic() - began_s < 3

    def test_who_waits_is_woken(self, open_channel):
        receiver = open_channel()
        receiver.wait(0)
        timer = threading.Timer(0.1, open_channel().announce, ["a"])
        timer.start()
        began_s = time.monotonic()
        assert receiver.wait(_PATIENCE_S)
        assert time.monotonic() - began_s < _PATIENCE_S / 2
        timer.join()

    def test_several_may_open_it_at_the_same_moment(self, open_channel):
        channels = [open_channel() for _ in range(6)]
        with ThreadPoolExecutor(6) as pool:
            list(pool.map(lambda channel: channel.announce("a"), channels))
        assert open_channel().wait(_PATIENCE_S)

    def test_of_several_who_wait_one_is_woken(self, open_channel):
        open_channel().announce("a")
        assert sorted(open_channel().wait(0.1) for _ in range(3)) == [False, False, True]

    @pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
    def test_a_job_that_is_announced_is_run(self, open_channel, database, tmp_path, monkeypatch):
        monkeypatch.setattr("app.jobs.worker._LOOK_EVERY_S", _PATIENCE_S)  # so that only the news can be why
        channel = open_channel()
        worker = Worker(database, channel, work="tests.jobs.works:WORK", folder=tmp_path, limits=Limits(niceness=0))
        thread = threading.Thread(target=worker.run)
        thread.start()
        try:
            jobs = JobStore(database, open_channel().announce)
            job = jobs.create("count", {"to": 1}, requested_by=None)
            end_s = time.monotonic() + _PATIENCE_S
            while not jobs.get(job.id).state.is_final and time.monotonic() < end_s:
                time.sleep(0.02)
        finally:
            worker.end()
            thread.join(_PATIENCE_S)
        assert jobs.get(job.id).state == JobState.SUCCEEDED


@pytest.mark.parametrize("url", ["redis://127.0.0.1:1/0", "postgresql://somebody@127.0.0.1:1/none"])
def test_a_channel_that_fails_is_told_once_and_brings_nothing(url, caplog):
    channel = Channel(url)
    assert [channel.wait(0.05), channel.wait(0.05)] == [False, False]
    assert len(caplog.records) <= 1  # to Redis's storage a server that is not there is one that has no news
    with pytest.raises(Exception, match=r"refused|failed"):
        channel.announce("a")
    channel.close()


@pytest.mark.parametrize("url", ["queue.db", "amqp://here", "sqlite:queue.db"])
def test_an_address_that_is_no_queue_is_refused(url):
    with pytest.raises(InvalidInput, match="such as sqlite:///state/queue"):
        Channel(url)


def test_a_queue_whose_library_is_missing_says_what_to_install(monkeypatch):
    monkeypatch.setitem(__import__("sys").modules, "redis", None)
    with pytest.raises(InvalidInput, match=r"pip install -e '\.\[redis\]'"):
        Channel("redis://127.0.0.1/0")


def test_a_connection_is_not_waited_for_for_ever(monkeypatch):
    opened = []
    monkeypatch.setattr("huey.storage.RedisStorage", lambda name, url: opened.append(url))
    for url in ("redis://here/0", "redis://here/0?db=1", "redis://here/0?socket_connect_timeout=9"):
        Channel(url)._connect()
    assert opened == [
        "redis://here/0?socket_connect_timeout=5",
        "redis://here/0?db=1&socket_connect_timeout=5",
        "redis://here/0?socket_connect_timeout=9",
    ]
