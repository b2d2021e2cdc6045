"""Whether answers stay whole while the champion changes: many clients, many swaps; ``python -m bench.swaps``.

Every answer has to be one that either version gives by itself, to the last digit (but for times), and that of the new
version two seconds after it was made the champion.
"""

from __future__ import annotations

import argparse
import json
import threading
from collections import Counter
from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from io import BytesIO
from itertools import cycle
from pathlib import Path
from tempfile import TemporaryDirectory
from time import monotonic, sleep
from typing import Any

import httpx2
from PIL import Image

from bench.service import Service
from bench.workers import ROOT

_MODEL = "handprint"
_PATIENCE_S = 120.0
_SERVED_WITHIN_S = 2.0
_LONGEST_PX = 700  # pages are made small, so that clients get answers often
_REST_S = 1.0  # with the new version in service for sure, before it changes again


@dataclass
class Answers:
    """What came of the requests.

    Attributes
    ----------
    by_version : how many answers each version gave
    wrong : what is none of the answers that there should be
    late : seconds from a swap to the sending of a request that the old version still answered, the longest of each
    """

    by_version: Counter[str] = field(default_factory=Counter)
    wrong: list[str] = field(default_factory=list)
    late: list[float] = field(default_factory=list)


@dataclass(frozen=True)
class _Seen:
    sent: float
    answered: float
    version: str


@dataclass(frozen=True)
class _Swap:
    begun: float
    done: float
    version: str


def main() -> None:
    """Measure, and print what was seen; the exit code is 1 if anything was wrong."""
    options = _parse()
    pages = [_small(path) for path in sorted(options.pages.iterdir()) if path.suffix in {".png", ".jpg", ".jpeg"}]
    settings = {"workers": options.workers}
    with TemporaryDirectory() as folder, Service(Path(folder), settings=settings) as service:
        answers = swap_under_load(service, pages, options.versions, options.clients, options.swaps)
    counts = ", ".join(f"{count} by version {version}" for version, count in sorted(answers.by_version.items()))
    print(f"{options.clients} clients, {options.swaps} swaps, {options.workers} processes: {counts} answers")
    print(f"wrong answers: {len(answers.wrong)}")
    print(f"old version last asked for and given {max(answers.late):.2f} s after a swap (at most), wanted: < 2 s")
    for wrong in answers.wrong[:10]:
        print(wrong)
    raise SystemExit(bool(answers.wrong) or max(answers.late) > _SERVED_WITHIN_S)


def swap_under_load(
    service: Service, pages: Sequence[bytes], versions: Sequence[str], clients: int, swaps: int
) -> Answers:
    """Let clients read while the champion changes again and again."""
    expected = {version: _serial_answers(service, pages, version) for version in versions}
    answers, over = Answers(), threading.Event()
    seen: list[_Seen] = []
    swapped: list[_Swap] = []
    client = httpx2.Client(
        base_url=service.client.base_url,
        timeout=_PATIENCE_S,
        limits=httpx2.Limits(max_connections=clients, max_keepalive_connections=clients),
    )

    def be_a_client(number: int) -> None:
        turns = cycle([*range(number % len(pages), len(pages)), *range(number % len(pages))])
        while not over.is_set():
            page, sent = next(turns), monotonic()
            try:
                answer = _read(client, pages[page])
            except (httpx2.HTTPError, RuntimeError) as exc:
                answers.wrong.append(str(exc))
                continue
            version = answer["model"]["version"]
            seen.append(_Seen(sent, monotonic(), version))
            if answer != expected.get(version, {}).get(page):
                answers.wrong.append(f"page {page}, version {version}: {json.dumps(answer)[:500]}")

    with ThreadPoolExecutor(clients) as pool, client:
        running = [pool.submit(be_a_client, number) for number in range(clients)]
        try:
            for turn in range(swaps):
                swapped.append(_make_champion(service, versions[turn % len(versions)]))
                sleep(_REST_S)
        finally:
            over.set()
        for one in running:
            one.result()
    answers.by_version.update(one.version for one in seen)
    answers.late = _lateness(swapped, seen)
    return answers


def _make_champion(service: Service, version: str) -> _Swap:
    begun = monotonic()
    service.promote(_MODEL, version, "a measurement of swaps")
    swap = _Swap(begun, monotonic(), version)
    sleep(_SERVED_WITHIN_S)
    return swap


def _serial_answers(service: Service, pages: Sequence[bytes], version: str) -> Mapping[int, Any]:
    _make_champion(service, version)
    answers = {number: _read(service.client, page) for number, page in enumerate(pages)}
    assert {answer["model"]["version"] for answer in answers.values()} == {version}
    return answers


def _read(client: httpx2.Client, page: bytes) -> dict[str, Any]:
    answer = client.post("/ocr", files={"file": ("page.png", page)})
    if answer.status_code != 200:
        raise RuntimeError(f"expected 200, got {answer.status_code}: {answer.text[:500]}")
    document: dict[str, Any] = answer.json()
    document.pop("timing_ms")
    return document


def _lateness(swaps: Sequence[_Swap], seen: Sequence[_Seen]) -> list[float]:
    """Return how long after each swap a request was sent that the old version still answered, before the next swap."""
    ends = [*(swap.begun for swap in swaps[1:]), float("inf")]
    return [
        max(
            (
                one.sent - swap.done
                for one in seen
                if one.sent > swap.done and one.answered < end and one.version != swap.version
            ),
            default=0.0,
        )
        for swap, end in zip(swaps, ends, strict=True)
    ]


def _small(path: Path) -> bytes:
    with Image.open(path) as image:
        image.thumbnail((_LONGEST_PX, _LONGEST_PX))
        file = BytesIO()
        image.convert("RGB").save(file, "PNG")
        return file.getvalue()


def _parse() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--clients", type=int, default=64)
    parser.add_argument("--swaps", type=int, default=20)
    parser.add_argument("--workers", type=int, default=1, help="processes that serve (default: 1)")
    parser.add_argument("--versions", nargs=2, default=["1", "2"], help=f"of {_MODEL} (default: 1 2)")
    parser.add_argument("--pages", type=Path, default=ROOT / "samples", help="folder of images (default: samples)")
    return parser.parse_args()


if __name__ == "__main__":
    main()
