"""Readings side by side, and clients that hang up, over real connections."""

from __future__ import annotations

import json
import re
import socket
import threading
import time
from concurrent.futures import ThreadPoolExecutor

import httpx2
import pytest

from app.api import create_app
from app.config import Settings
from tests.api.real_answers import draw_page
from tests.conftest import PROJECT

_STAGES, _STAGE_S = 100, 0.05  # a reading that would take five seconds


class SlowReader:
    """Works for long, in stages; counts who began and who came to the end."""

    def __init__(self):
        self.begun, self.ended, self.at_work, self.most_at_work = 0, 0, 0, 0
        self._lock = threading.Lock()

    def permitted(self, options):
        return None

    def read_pages(self, source, options, *, limits, checkpoint):
        stages = 1 if source == b"short" else _STAGES
        with self._lock:
            self.begun += 1
            self.at_work += 1
            self.most_at_work = max(self.most_at_work, self.at_work)
        try:
            for _ in range(stages):
                checkpoint()
                time.sleep(_STAGE_S)
            self.ended += 1
        finally:
            self.at_work -= 1
        yield from ()


@pytest.fixture
def slow(monkeypatch):
    reader = SlowReader()
    monkeypatch.setattr("app.ocr.Reader.from_card", lambda card, arrays, **others: reader)
    return reader


def _request(content):
    body = b'--x\r\nContent-Disposition: form-data; name="file"; filename="a"\r\n\r\n' + content + b"\r\n--x--\r\n"
    head = (
        f"POST /ocr?format=text HTTP/1.1\r\nHost: here\r\nContent-Type: multipart/form-data; boundary=x\r\n"
        f"Content-Length: {len(body)}\r\n\r\n"
    )
    return head.encode() + body


def _wait_until(condition, timeout_s=30.0):
    end = time.monotonic() + timeout_s
    while not condition():
        assert time.monotonic() < end
        time.sleep(0.005)


def test_who_hangs_up_frees_the_turn_before_the_work_is_done(settings, slow, serve):
    address = serve(create_app(settings.model_copy(update={"concurrent_readings": 2})))
    clients = [socket.create_connection(address) for _ in range(8)]
    for client in clients:
        client.sendall(_request(b"long"))
    _wait_until(lambda: slow.begun == 2)  # two are at work, six wait for their turn
    start = time.monotonic()
    for client in clients:
        client.close()
    with socket.create_connection(address) as client:
        client.sendall(_request(b"short"))
        assert client.recv(12) == b"HTTP/1.1 200"
    # One after the other they would have taken 20 s.
    assert time.monotonic() - start < _STAGES * _STAGE_S / 2
    _wait_until(lambda: slow.at_work == 0)
    assert (slow.begun, slow.ended) == (3, 1)


def test_who_hangs_up_is_told_apart_from_those_who_sent_what_is_wrong(settings, slow, serve, caplog):
    caplog.set_level("INFO", "app")
    host, port = address = serve(create_app(settings))
    for sent in (_request(b"long"), _request(b"long")[:-20]):  # while it is read, and before all of it has come
        with socket.create_connection(address) as client:
            client.sendall(sent)
            time.sleep(0.5)
    _wait_until(lambda: sum("POST /ocr 499" in message for message in caplog.messages) == 2)
    figures = httpx2.get(f"http://{host}:{port}/metrics").text
    assert 'request_duration_seconds_count{method="POST",route="/ocr",status="499"} 2' in figures
    assert 'status="4xx"' not in figures


def test_no_more_read_at_a_time_than_there_are_turns(settings, slow, serve):
    host, port = serve(create_app(settings.model_copy(update={"concurrent_readings": 2})))
    with ThreadPoolExecutor(6) as clients:
        files = {"file": ("a", b"short")}
        answers = clients.map(
            lambda _: httpx2.post(f"http://{host}:{port}/ocr?format=text", files=files, timeout=60), range(6)
        )
        assert [answer.status_code for answer in answers] == [200] * 6
    assert (slow.begun, slow.ended, slow.most_at_work) == (6, 6, 2)


def _busy(address, content=b"short"):
    """Send a page, and give the whole answer: its head, and the problem in it."""
    with socket.create_connection(address, timeout=30) as client:
        client.sendall(_request(content).replace(b"Host: here", b"Host: here\r\nConnection: close"))
        with client.makefile("rb") as answer:
            head, _, body = answer.read().partition(b"\r\n\r\n")
    return head.decode().lower(), json.loads(body)


def test_when_enough_wait_further_ones_are_refused_at_once(settings, slow, serve):
    app = create_app(settings.model_copy(update={"concurrent_readings": 1, "waiting_readings": 2}))
    address = serve(app)
    clients = [socket.create_connection(address) for _ in range(3)]
    for client in clients:
        client.sendall(_request(b"long"))
    _wait_until(lambda: app.state.turns.waiting == 2)
    head, problem = _busy(address)
    assert head.startswith("http/1.1 503 ")
    assert 1 <= int(re.search(r"retry-after: (\d+)", head)[1]) <= 60
    assert (problem["type"], problem["limit"]) == ("/problems/server-busy", 2)
    for client in clients:
        client.close()
    _wait_until(lambda: app.state.turns.waiting == slow.at_work == 0)
    assert httpx2.post(_url(address), files={"file": ("a", b"short")}, timeout=60).status_code == 200


def test_who_is_refused_need_not_send_the_page(settings, slow, serve):
    app = create_app(settings.model_copy(update={"concurrent_readings": 1, "waiting_readings": 0}))
    address = serve(app)
    with socket.create_connection(address) as working, socket.create_connection(address, timeout=30) as client:
        working.sendall(_request(b"long"))
        _wait_until(lambda: slow.begun == 1)
        client.sendall(_request(b"x" * 10_000)[:300])  # the rest never comes
        assert client.recv(12) == b"HTTP/1.1 503"


def test_who_has_waited_too_long_is_refused_and_holds_no_turn(settings, slow, serve):
    app = create_app(settings.model_copy(update={"concurrent_readings": 1, "waiting_s": 0.1}))
    address = serve(app)
    with socket.create_connection(address) as working:
        working.sendall(_request(b"long"))
        _wait_until(lambda: slow.begun == 1)
        head, problem = _busy(address)
        assert head.startswith("http/1.1 503 ")
        assert problem["detail"] == "the request waited 0.1 s, and its turn did not come"
        assert app.state.turns.waiting == 0
    _wait_until(lambda: slow.at_work == 0)
    assert httpx2.post(_url(address), files={"file": ("a", b"short")}, timeout=60).status_code == 200


def _url(address):
    host, port = address
    return f"http://{host}:{port}/ocr?format=text"


def test_answers_at_the_same_time_are_byte_for_byte_those_given_one_by_one(serve):
    """With the model that ships, over real connections; only the time they took differs."""
    pages = [(PROJECT / "samples" / "parts_label.png").read_bytes(), *map(draw_page, ["AB 12", "XYZ", "7"])]
    host, port = serve(create_app(Settings(concurrent_readings=4)))

    def ask(page):
        answer = httpx2.post(f"http://{host}:{port}/ocr", files={"file": ("page.png", page)}, timeout=60)
        assert answer.status_code == 200
        return re.sub(rb'"timing_ms":{[^}]*}', b"", answer.content)

    one_by_one = [ask(page) for page in pages]
    assert len(set(one_by_one)) == len(pages)
    with ThreadPoolExecutor(8) as clients:
        assert list(clients.map(ask, pages * 4)) == one_by_one * 4
