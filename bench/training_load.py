"""How long a reading takes while a training runs, and how long otherwise; ``python -m bench.training_load``.

Two clients send pages all the time: before a job, during all of it, behind it, and so on for some jobs.
"""

from __future__ import annotations

import argparse
import json
from collections import defaultdict
from collections.abc import Sequence
from itertools import cycle, islice
from pathlib import Path
from statistics import median
from tempfile import TemporaryDirectory
from time import monotonic
from typing import Any

from bench.load import Request, send
from bench.machine import describe_machine
from bench.service import FINAL, Service
from bench.stats import percentile
from bench.workers import ROOT

_CLIENTS = 2
_BLOCK = 24  # requests, after which the job is looked at again
_IDLE_S = 20.0
_WANTED = 2.0  # times as long at most, by the medians


def main() -> None:
    """Measure, and print a table; the exit code is 1 if a reading took more than twice its usual time."""
    options = _parse()
    pages = sorted(path for path in options.pages.iterdir() if path.suffix in {".png", ".jpg", ".jpeg"})
    requests = [Request.upload(page.name, page.read_bytes()) for page in pages]
    with TemporaryDirectory() as folder, Service(Path(folder), settings=dict(options.setting)) as service:
        figures = measure(service, requests, options.jobs, json.loads(options.retrain))
    figures["machine"] = describe_machine()
    _print(figures)
    if options.json:
        options.json.write_text(json.dumps(figures, indent=2) + "\n", encoding="utf-8")
    raise SystemExit(figures["ratio"]["median"] > _WANTED)


def measure(service: Service, requests: Sequence[Request], jobs: int, parameters: dict[str, Any]) -> dict[str, Any]:
    """Read while nothing runs and while a job does, in turns.

    Returns
    -------
    dict with ``ms`` (count, median, p95) by what went on: ``idle``, ``training`` and each part of the training, by the
    unit that its progress is told in; ``jobs``, each with its state and seconds; and ``ratio``, training to idle
    """
    ms: dict[str, list[float]] = defaultdict(list)
    ended = []
    turns = cycle(requests)

    def read(*what: str) -> None:
        answered = send(service.port, list(islice(turns, _BLOCK)), _CLIENTS)
        if answered.wrong:
            raise RuntimeError(answered.wrong[0])
        for name in what:
            ms[name] += answered.ms

    def read_idle() -> None:
        until = monotonic() + _IDLE_S
        while monotonic() < until:
            read("idle")

    send(service.port, requests, clients=1)  # warm from here on
    read_idle()
    for _ in range(jobs):
        job = service.ask("POST", "/admin/retrain", json=parameters).json()
        began = monotonic()
        service.wait_for(job["id"], ("running", *FINAL))
        while (job := service.ask("GET", f"/admin/jobs/{job['id']}").json())["state"] not in FINAL:
            read("training", f"training: {(job.get('progress') or {}).get('unit', 'start')}")
        if job["state"] != "succeeded":
            raise RuntimeError(f"expected the job to succeed, got {job}")
        ended.append({"state": job["state"], "seconds": monotonic() - began})
        read_idle()
    figures = {what: _describe(values) for what, values in ms.items()}
    ratio = {key: figures["training"][key] / figures["idle"][key] for key in ("median", "p95")}
    return {"ms": figures, "jobs": ended, "ratio": ratio}


def _describe(ms: Sequence[float]) -> dict[str, float]:
    return {"count": len(ms), "median": median(ms), "p95": percentile(ms, 95)}


def _print(figures: dict[str, Any]) -> None:
    print(f"{'':24}{'requests':>10}{'p50 ms':>10}{'p95 ms':>10}")
    for what, values in figures["ms"].items():
        print(f"{what:24}{values['count']:>10}{values['median']:>10.1f}{values['p95']:>10.1f}")
    print("jobs:", ", ".join(f"{job['state']} in {job['seconds']:.0f} s" for job in figures["jobs"]))
    print(f"training to idle: {figures['ratio']['median']:.2f} (p50), {figures['ratio']['p95']:.2f} (p95)")


def _setting(text: str) -> tuple[str, str]:
    name, _, value = text.partition("=")
    return name, value


def _parse() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--jobs", type=int, default=2, help="trainings, one after the other (default: 2)")
    parser.add_argument("--retrain", default="{}", help="body of POST /admin/retrain, JSON (default: {})")
    parser.add_argument("--pages", type=Path, default=ROOT / "samples", help="folder of images (default: samples)")
    parser.add_argument(
        "--setting", type=_setting, action="append", default=[], metavar="NAME=VALUE", help="without INKROW_"
    )
    parser.add_argument("--json", type=Path, help="file for the figures")
    return parser.parse_args()


if __name__ == "__main__":
    main()
