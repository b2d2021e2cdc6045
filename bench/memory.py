"""What our server holds in memory while it answers a thousand requests of all sorts."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import cycle, islice
from pathlib import Path
from time import sleep
from typing import Any

from bench.load import Request, send
from bench.readers import OURS
from bench.servers import serving
from bench.stats import Line

_REQUESTS = 1000
_STEP = 25  # requests between two looks
_CLIENTS = 4
_REST_S = 0.5  # before each look: a service that rests gives back what it does not need
_QUERIES = ("", "?format=text", "?alternatives=10", "?alphabet=0123456789", "?alternatives=0")


def measure_memory(images: Sequence[Path]) -> dict[str, Any]:
    """Send a thousand requests, wrong ones among them, and look at the memory again and again.

    Returns
    -------
    dict with ``requests`` and ``resident_mib``, one for each look; and of the second half of the requests ``slope``,
    MiB a thousand requests by the straight line through it, and ``spread``, the most less the least
    """
    requests = cycle(mixed_requests({image.name: image.read_bytes() for image in images}))
    looks: list[tuple[int, float]] = []
    wrong: list[str] = []
    with serving(OURS) as server:
        looks.append((0, server.resident_mib()))
        for sent in range(0, _REQUESTS, _STEP):
            wrong += send(server.port, islice(requests, _STEP), _CLIENTS).wrong
            sleep(_REST_S)
            looks.append((sent + _STEP, server.resident_mib()))
    return {
        "requests": [sent for sent, _ in looks],
        "resident_mib": [mib for _, mib in looks],
        "wrong": wrong,
        **flatness(looks),
    }


def mixed_requests(files: Mapping[str, bytes]) -> list[Request]:
    """Return requests for all files, with all sorts of options, and two that cannot be answered."""
    queries = cycle(_QUERIES)
    requests = [Request.upload(name, content, next(queries)) for name, content in files.items()]
    broken = Request.upload("letter.txt", b"not an image", status=415)
    unknown = Request.upload("page.png", next(iter(files.values())), "?alphabit=0123456789", status=422)
    return [*requests, broken, unknown]


def flatness(looks: Sequence[tuple[int, float]]) -> dict[str, float]:
    """Return how memory moved over the second half of the requests; see `measure_memory`."""
    half = [(sent, mib) for sent, mib in looks if 2 * sent >= looks[-1][0]]
    sent, mib = zip(*half, strict=True)
    return {"slope": Line.fit(sent, mib).slope * 1000, "spread": max(mib) - min(mib)}
