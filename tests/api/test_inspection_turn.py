"""Inspections beside readings: one at a time, and pages go before."""

from __future__ import annotations

import threading
import time
from concurrent.futures import ThreadPoolExecutor

import httpx2
import pytest

from app.api import create_app
from app.api.turns import Readings
from app.errors import NotFound

_WAIT_S = 10


class Computation:
    """Stands in for what takes long: begins, waits for a signal, asks at its checkpoint, and ends with a 404."""

    def __init__(self):
        self.begun, self.go_on = threading.Semaphore(0), threading.Event()
        self.at_work = self.most_at_work = 0

    def __call__(self, card, arrays, split, data_root, checkpoint):
        self.at_work += 1
        self.most_at_work = max(self.most_at_work, self.at_work)
        self.begun.release()
        assert self.go_on.wait(_WAIT_S)
        checkpoint()
        self.at_work -= 1
        raise NotFound("computed")


@pytest.fixture
def computation(monkeypatch):
    computation = Computation()
    monkeypatch.setattr("app.api.inspected.make_cases", computation)
    return computation


@pytest.fixture
def address(serve, settings, reader):
    host, port = serve(create_app(settings.model_copy(update={"concurrent_readings": 1})))
    return f"http://{host}:{port}"


def test_a_page_is_read_while_an_inspection_computes(address, computation, png):
    with ThreadPoolExecutor() as pool:
        inspection = pool.submit(httpx2.get, f"{address}/confusion?split=synthetic", timeout=_WAIT_S)
        assert computation.begun.acquire(timeout=_WAIT_S)
        page = httpx2.post(f"{address}/ocr", files={"file": ("page.png", png())}, timeout=_WAIT_S)
        assert page.status_code == 200, "though there is one turn to read only"
        assert not inspection.done()
        computation.go_on.set()
        assert inspection.result(_WAIT_S).json()["detail"] == "computed"


def test_inspections_wait_for_each_other(address, computation):
    with ThreadPoolExecutor() as pool:
        both = [
            pool.submit(httpx2.get, f"{address}/confusion?split=synthetic&top={top}", timeout=_WAIT_S) for top in (1, 2)
        ]
        assert computation.begun.acquire(timeout=_WAIT_S)
        assert not computation.begun.acquire(timeout=0.2)
        computation.go_on.set()
        assert [answer.result(_WAIT_S).status_code for answer in both] == [404, 404]
    assert computation.most_at_work == 1


def test_who_has_time_waits_until_nothing_is_read():
    readings, order = Readings(), []

    def inspect():
        readings.wait_for_none(_WAIT_S)
        order.append("inspected")

    with readings, readings:
        waiting = threading.Thread(target=inspect)
        waiting.start()
        time.sleep(0.05)
        order.append("read")
    waiting.join(_WAIT_S)
    assert order == ["read", "inspected"]


def test_nobody_waits_for_ever():
    readings = Readings()
    with readings:
        start = time.monotonic()
        readings.wait_for_none(0.05)
        assert time.monotonic() - start >= 0.05
    readings.wait_for_none(_WAIT_S)
    assert time.monotonic() - start < _WAIT_S
