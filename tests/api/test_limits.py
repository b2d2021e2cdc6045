"""A body that is too long is refused while it arrives: seen from the other end of a real connection."""

from __future__ import annotations

import json
import socket

import pytest

from app.api import create_app

_HEAD = b"POST /ocr HTTP/1.1\r\nHost: here\r\nContent-Type: multipart/form-data; boundary=x\r\n"
_PART = b'--x\r\nContent-Disposition: form-data; name="file"; filename="a"\r\n\r\n'


@pytest.fixture
def connection(settings, reader, serve):
    with socket.create_connection(serve(create_app(settings)), timeout=30) as connection:
        yield connection


def _answer(connection):
    """Wait for the answer while the request is still unfinished."""
    received = b""
    while b"}" not in received:
        part = connection.recv(65536)
        assert part, received
        received += part
    head, _, body = received.partition(b"\r\n\r\n")
    return head.split(b"\r\n"), json.loads(body)


def test_a_length_that_is_too_great_is_refused_before_any_of_the_body_comes(connection):
    connection.sendall(_HEAD + b"Content-Length: 20001\r\nExpect: 100-continue\r\n\r\n")
    head, problem = _answer(connection)
    assert head[0].startswith(b"HTTP/1.1 413 ")
    assert (problem["type"], problem["limit"], problem["actual"]) == ("/problems/too-many-bytes", 20_000, 20_001)


def test_a_body_in_chunks_is_refused_as_soon_as_it_is_too_long(connection):
    connection.sendall(_HEAD + b"Transfer-Encoding: chunked\r\n\r\n")
    for content in (_PART, bytes(10_000), bytes(10_000)):  # and more would follow
        connection.sendall(b"%x\r\n%s\r\n" % (len(content), content))
    head, problem = _answer(connection)
    assert head[0].startswith(b"HTTP/1.1 413 ")
    assert problem["type"] == "/problems/too-many-bytes"
    assert b"content-type: application/problem+json" in head


def test_a_body_just_within_the_limit_is_taken(connection, png):
    end = b"\r\n--x--\r\n"
    image = png()
    content = _PART + image + bytes(20_000 - len(_PART) - len(image) - len(end)) + end
    connection.sendall(_HEAD + b"Connection: close\r\nContent-Length: %d\r\n\r\n" % len(content) + content)
    assert connection.recv(12) == b"HTTP/1.1 200"
