"""Counts of requests: for each who asks, anew every minute, in memory or in Redis for all processes."""

from __future__ import annotations

import time

import pytest

from app.access import RateLimit
from app.errors import InvalidInput


@pytest.fixture(params=["memory", "redis"])
def limit(request):
    return RateLimit(3, None if request.param == "memory" else request.getfixturevalue("redis_url"))


def test_so_many_are_answered_and_no_more(limit):
    counted = [limit.count("a") for _ in range(5)]
    assert [usage.remaining for usage in counted] == [2, 1, 0, 0, 0]
    assert [usage.is_over for usage in counted] == [False, False, False, True, True]
    assert all(usage.limit == 3 and 0 < usage.reset_s <= 60 for usage in counted)


def test_each_is_counted_alone(limit):
    for _ in range(4):
        limit.count("a")
    assert limit.count("b").remaining == 2


def test_to_look_counts_nothing(limit):
    for _ in range(5):
        assert not limit.count("a", only_look=True).is_over
    for _ in range(3):
        limit.count("a")
    assert limit.count("a", only_look=True).is_over


def test_after_a_minute_all_are_there_again(monkeypatch):
    limit = RateLimit(3)
    for _ in range(4):
        limit.count("a")
    now = time.time
    monkeypatch.setattr("time.time", lambda: now() + 61)
    assert limit.count("a").remaining == 2


def test_processes_that_share_a_redis_count_together(redis_url):
    one, other = RateLimit(3, redis_url), RateLimit(3, redis_url)
    assert one.is_shared
    assert [limit.count("a").remaining for limit in (one, other, one)] == [2, 1, 0]


def test_while_redis_fails_each_process_counts_for_itself(caplog):
    limit = RateLimit(3, "redis://127.0.0.1:1/0")
    assert [limit.count("a").remaining for _ in range(3)] == [2, 1, 0]
    assert limit.count("a").is_over
    assert len(caplog.records) == 1
    assert caplog.messages[0].startswith("requests are counted by each process for itself: ")


def test_redis_is_tried_again_after_a_while(redis_url, monkeypatch):
    limit = RateLimit(3, redis_url)
    monkeypatch.setattr(limit, "_resume_at", time.monotonic() + 0.05)
    limit.count("a")
    time.sleep(0.1)
    assert limit.count("a").remaining == RateLimit(3, redis_url).count("a", only_look=True).remaining == 2


def test_an_address_that_is_not_one_of_redis_is_refused():
    with pytest.raises(InvalidInput, match="expected the address of Redis such as redis://localhost:6379/0"):
        RateLimit(3, "carrier-pigeon://localhost")


def test_counting_takes_microseconds():
    limit = RateLimit(10**9)
    took = []
    for _ in range(200):
        start = time.perf_counter()
        limit.count("a")
        took.append(time.perf_counter() - start)
    assert sorted(took)[len(took) // 2] < 1e-3  # some 15 µs, on a machine that does nothing else
