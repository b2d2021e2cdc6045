from __future__ import annotations

import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from itertools import repeat
from typing import ClassVar

import pytest

from bench.load import Request, pick, send
from bench.memory import flatness, mixed_requests


@pytest.fixture
def server():
    """Answers 415 to what holds no image, and notes how many requests are answered at the same time."""

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"
        together = threading.Barrier(3, timeout=10)
        seen: ClassVar[list[bytes]] = []

        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"]))
            self.seen.append(body)
            if b"wait" in body:
                self.together.wait()
            self.send_response(415 if b"letter" in body else 200)
            self.send_header("Content-Length", "0")
            self.end_headers()

        def log_message(self, *args: object) -> None:
            pass

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as running:
        thread = threading.Thread(target=running.serve_forever)
        thread.start()
        yield running
        running.shutdown()
        thread.join()


def test_every_request_is_sent_once_by_whichever_client_is_free(server):
    requests = [Request.upload(f"{number}.png", b"image") for number in range(20)]
    answered = send(server.server_port, requests, clients=4)
    assert len(answered.ms) == 20
    assert not answered.wrong
    assert sorted(server.RequestHandlerClass.seen) == sorted(request.body for request in requests)


def test_clients_send_at_the_same_time(server):
    # Three requests are answered only when all three have arrived.
    answered = send(server.server_port, list(repeat(Request.upload("wait.png", b"image"), 3)), clients=3)
    assert len(answered.ms) == 3


def test_an_answer_other_than_expected_is_told(server):
    letter = Request.upload("letter.txt", b"not an image")
    assert len(send(server.server_port, [letter], clients=1).wrong) == 1
    expected = Request.upload("letter.txt", b"not an image", status=415)
    assert not send(server.server_port, [expected], clients=1).wrong


def test_pages_are_picked_evenly_from_the_smallest_to_the_largest(tmp_path):
    images = [tmp_path / f"{size}.png" for size in (5, 1, 4, 2, 3)]
    for image in images:
        image.write_bytes(b"x" * int(image.stem))
    assert [image.stem for image in pick(images, 3)] == ["1", "3", "5"]
    assert len(pick(images, 8)) == 5


def test_mixed_requests_hold_every_file_and_two_that_cannot_be_answered():
    requests = mixed_requests({"a.png": b"first", "b.png": b"second"})
    assert [request.status for request in requests] == [200, 200, 415, 422]
    assert len({request.query for request in requests[:2]}) == 2


def test_memory_is_flat_or_not_by_the_second_half_alone():
    looks = [(0, 100.0), (250, 180.0), (500, 200.0), (750, 201.0), (1000, 202.0)]
    assert flatness(looks) == pytest.approx({"slope": 4.0, "spread": 2.0})
