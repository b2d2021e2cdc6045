"""Clients that send request after request, and what a server answers them in a second."""

from __future__ import annotations

import http.client
import os
import threading
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from dataclasses import dataclass
from itertools import count
from pathlib import Path
from statistics import median
from time import perf_counter
from typing import Any

from bench.servers import serving
from bench.stats import percentile

_CLIENTS = (1, 2, 8, 32)
_SEVERAL = 8  # who ask a process for each core
_MIX = 8  # pages; all are sent equally often to everybody
_LEAST_S = 5.0
BOUNDARY = "a-page-follows"
_PATIENCE_S = 600.0


@dataclass(frozen=True)
class Request:
    """A body for ``POST /ocr`` with the query that goes with it, and the status that it should get."""

    body: bytes
    query: str = ""
    status: int = 200

    @classmethod
    def upload(cls, name: str, content: bytes, query: str = "", status: int = 200) -> Request:
        """Put a file into a form."""
        head = f'--{BOUNDARY}\r\nContent-Disposition: form-data; name="file"; filename="{name}"\r\n\r\n'
        return cls(head.encode() + content + f"\r\n--{BOUNDARY}--\r\n".encode(), query, status)


@dataclass(frozen=True)
class Answered:
    """What came of a number of requests.

    Attributes
    ----------
    seconds : from the first request sent to the last answer
    ms : how long each client waited for each answer
    wrong : answers with another status than expected
    """

    seconds: float
    ms: list[float]
    wrong: list[str]


def measure_load(images: Sequence[Path], names: Sequence[str]) -> dict[str, Any]:
    """Send the same pages to all servers, which run all the while and are asked in turns.

    Returns
    -------
    dict with ``mix``, the pages; by reader ``per_second`` and ``ms`` (median, p95) by number of clients,
    ``requests`` in all, and ``resident_mib`` as the server started and in the end; and under ``processes``, what a
    process for each core answers, see `_measure_processes`
    """
    mix = pick(images, _MIX)
    requests = [Request.upload(image.name, image.read_bytes()) for image in mix]
    with ExitStack() as stack:
        servers = {name: stack.enter_context(serving(name)) for name in names}
        figures: dict[str, Any] = {
            name: {"resident_mib": [server.resident_mib()], "per_second": {}, "ms": {}, "requests": 0, "wrong": []}
            for name, server in servers.items()
        }
        for name, server in servers.items():
            figures[name]["requests"] += len(send(server.port, requests, clients=1).ms)  # warm from here on
        for clients in _CLIENTS:
            for name, server in servers.items():
                _note(figures[name], clients, send(server.port, _rounds(requests, clients), clients))
        for name, server in servers.items():
            figures[name]["resident_mib"].append(server.resident_mib())
    return {
        "mix": [image.name for image in mix],
        "readers": figures,
        "processes": _measure_processes(requests, names, os.cpu_count() or 1),
    }


def _measure_processes(requests: Sequence[Request], names: Sequence[str], count: int) -> dict[str, Any]:
    """Send the same pages to each server in turn, which runs in so many processes and alone.

    Returns
    -------
    dict with ``count``, of processes, ``clients``, and by reader ``per_second`` and ``wrong``
    """
    figures: dict[str, Any] = {"count": count, "clients": _SEVERAL, "per_second": {}, "wrong": {}}
    for name in names:
        with serving(name, count) as server:
            send(server.port, [*requests] * 2 * count, _SEVERAL)  # some are ready later; all are warm from here on
            answered = send(server.port, _rounds(requests, _SEVERAL), _SEVERAL)
        figures["per_second"][name] = len(answered.ms) / answered.seconds
        figures["wrong"][name] = answered.wrong
    return figures


def pick(images: Sequence[Path], number: int) -> list[Path]:
    """Choose pages from the smallest file to the largest, evenly."""
    by_size = sorted(images, key=lambda image: (image.stat().st_size, image.name))
    if len(by_size) <= number:
        return by_size
    return [by_size[place * (len(by_size) - 1) // (number - 1)] for place in range(number)]


def send(port: int, requests: Sequence[Request] | Iterator[Request], clients: int) -> Answered:
    """Let so many clients take request after request, each the next as soon as it has its answer."""
    todo, lock = iter(requests), threading.Lock()
    ms: list[float] = []
    wrong: list[str] = []

    def take() -> Request | None:
        with lock:
            return next(todo, None)

    def be_a_client() -> None:
        connection = http.client.HTTPConnection("127.0.0.1", port, timeout=_PATIENCE_S)
        while request := take():
            start = perf_counter()
            connection.request(
                "POST",
                f"/ocr{request.query}",
                request.body,
                {"Content-Type": f"multipart/form-data; boundary={BOUNDARY}"},
            )
            answer = connection.getresponse()
            text = answer.read()
            ms.append((perf_counter() - start) * 1e3)
            if answer.status != request.status:
                wrong.append(f"expected {request.status}, got {answer.status}: {text[:200]!r}")
        connection.close()

    start = perf_counter()
    with ThreadPoolExecutor(clients) as pool:
        for client in [pool.submit(be_a_client) for _ in range(clients)]:
            client.result()
    return Answered(perf_counter() - start, ms, wrong)


def _rounds(requests: Sequence[Request], clients: int) -> Iterator[Request]:
    """Yield whole rounds of the mix, so that all send the same: until it took a while and each client had a turn."""
    start = perf_counter()
    for number in count(1):
        yield from requests
        if number * len(requests) >= clients and perf_counter() - start >= _LEAST_S:
            return


def _note(figures: dict[str, Any], clients: int, answered: Answered) -> None:
    figures["per_second"][str(clients)] = len(answered.ms) / answered.seconds
    figures["ms"][str(clients)] = {"median": median(answered.ms), "p95": percentile(answered.ms, 95)}
    figures["requests"] += len(answered.ms)
    figures["wrong"] += answered.wrong
