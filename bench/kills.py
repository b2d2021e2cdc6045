"""Whether anything acknowledged is lost when server and worker are killed; ``python -m bench.kills --kills 100``.

Clients correct, ask for trainings and promote all the time. At a random moment of one of these the server, its worker,
the process of the job or all of them are killed and what has gone is started again; then everything acknowledged so far
has to be there.
"""

from __future__ import annotations

import argparse
import json
import random
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from functools import partial
from itertools import cycle
from pathlib import Path
from tempfile import TemporaryDirectory
from time import monotonic, sleep
from typing import Any

from app.jobs.claims import MOST_ATTEMPTS
from app.store.disk import is_left_over
from bench.ledger import Ledger
from bench.service import Process, Service
from bench.tiny_models import MODEL, publish_tiny_models
from bench.traffic import Traffic

# Little enough that a job takes seconds, whatever it does.
_RETRAIN: dict[str, Any] = {"model": MODEL, "epochs": 1, "promote": "never"}
_KEYS_EVERY = 10  # kills; the command line makes them
_LOOK_AGAIN_S = 0.001
_PATIENCE_S = 60.0
_TRAINING_S = 120.0  # that a training may take until it publishes, if nobody kills it


@dataclass
class Report:
    """What happened: kills by moment and victim, complaints, how each job ended, and how often it was started."""

    kills: Counter[tuple[str, str]] = field(default_factory=Counter)
    complaints: list[str] = field(default_factory=list)
    jobs: Counter[str] = field(default_factory=Counter)
    attempts: list[int] = field(default_factory=list)


def main() -> None:
    """Kill, and print what was lost; the exit code is 1 if anything was."""
    options = _parse()
    with TemporaryDirectory() as folder:
        began = monotonic()
        ledger, report = kill_often(Path(folder), options.kills, options.seed, json.loads(options.retrain), _tell)
        seconds = monotonic() - began
    for (moment, victim), count in sorted(report.kills.items()):
        print(f"{count:4} x {victim} killed while {moment}")
    print(
        f"acknowledged: {len(ledger.corrections)} corrections, {len(ledger.jobs)} jobs, {len(ledger.promotions)} "
        f"promotions, {len(ledger.keys)} keys"
    )
    ended = ", ".join(f"{count} {state}" for state, count in report.jobs.items())
    print(
        f"jobs: {ended}; started {sum(report.attempts)} times, {max(report.attempts, default=0)} times at most; "
        f"one that was begun {MOST_ATTEMPTS} times is given up"
    )
    print(f"{report.kills.total()} kills in {seconds:.0f} s, complaints: {len(report.complaints)}")
    for complaint in report.complaints:
        print(f"  {complaint}")
    raise SystemExit(bool(report.complaints))


def kill_often(
    folder: Path,
    kills: int,
    seed: int,
    retrain: dict[str, Any] | None = None,
    tell: Callable[[int, int, list[str]], None] = lambda number, acknowledged, complaints: None,
) -> tuple[Ledger, Report]:
    """Kill so many times, and look after each whether all is there; `tell` is called then."""
    chance = random.Random(seed)
    versions = publish_tiny_models(folder / "shipped")
    ledger, report = Ledger(MODEL), Report()
    with Service(folder, folder / "shipped") as service:
        traffic = Traffic(service, ledger, versions, {**_RETRAIN, **(retrain or {})}, seed)
        try:
            for number, (moment, wait) in zip(range(kills), cycle(_MOMENTS.items()), strict=False):
                if number % _KEYS_EVERY == 0:
                    ledger.keys.add(service.run("keys", "create", f"key {number}", "--scope", "read").split("_")[1])
                # Publishing has the machine for itself, for a job is niced, and would never come as far.
                others = wait is not _publishing
                traffic.start(corrections=others, promotions=others)
                wait(service, traffic, chance)
                victim = chance.choice(_VICTIMS[moment])
                service.kill(_find(service, victim))
                report.kills[moment, victim] += 1
                _revive(service, traffic)
                found = [f"kill {number} ({victim}, {moment}): {what}" for what in ledger.check(service)]
                report.complaints += found
                tell(number + 1, len(ledger), found)
            report.complaints += [*ledger.check_jobs(service), *ledger.check(service), *ledger.check_keys(service)]
        except TimeoutError as exc:  # what was found so far is worth telling
            report.complaints.append(str(exc))
        finally:
            traffic.close()
        report.complaints += traffic.complaints
        jobs = [service.ask("GET", f"/admin/jobs/{job}").json() for job in ledger.jobs]
        report.jobs, report.attempts = Counter(job["state"] for job in jobs), [job["attempts"] for job in jobs]
        service.run("models", "verify")
    return ledger, report


def _tell(number: int, acknowledged: int, complaints: list[str]) -> None:
    print(f"{number} kills, {acknowledged} things acknowledged, {len(complaints)} complaints", flush=True)


def _correcting(service: Service, traffic: Traffic, chance: random.Random) -> None:
    sleep(chance.uniform(0.0, 1.0))


def _training(service: Service, traffic: Traffic, chance: random.Random) -> None:
    _until(lambda: _is_running(service, traffic))
    sleep(chance.uniform(0.0, 5.0))


def _publishing(service: Service, traffic: Traffic, chance: random.Random) -> None:
    """Wait until another version is being written, which takes milliseconds."""
    before = _unfinished(service)
    _until(lambda: bool(_unfinished(service) - before), _TRAINING_S)
    sleep(chance.uniform(0.0, 0.05))


def _unfinished(service: Service) -> set[Path]:
    """Return the versions that somebody writes, or did when he was killed."""
    return {path for path in service.store.glob("*/.*") if is_left_over(path) and path.is_dir()}


def _promoting(service: Service, traffic: Traffic, chance: random.Random) -> None:
    sleep(chance.uniform(0.0, 0.3))


_MOMENTS: dict[str, Callable[[Service, Traffic, random.Random], None]] = {
    "correcting": _correcting,
    "training": _training,
    "publishing": _publishing,
    "promoting": _promoting,
}
_VICTIMS: dict[str, Sequence[str]] = {
    "correcting": ["server", "all"],
    "training": ["server", "worker", "job", "all"],
    "publishing": ["worker", "job", "all"],
    "promoting": ["server", "all"],
}


def _find(service: Service, victim: str) -> list[Process]:
    ways = {"server": service.servers, "worker": service.workers, "job": service.job_processes}
    return ways.get(victim, service.processes)()


def _is_running(service: Service, traffic: Traffic) -> bool:
    return traffic.job is not None and service.ask("GET", f"/admin/jobs/{traffic.job}").json()["state"] == "running"


def _revive(service: Service, traffic: Traffic) -> None:
    """Let the clients come to an end, start the server if it has gone, and wait until there is one worker."""
    traffic.stop()
    if not service.servers():
        service.start()
    _until(partial(_has_one_worker, service))


def _has_one_worker(service: Service) -> bool:
    return len(service.workers()) == 1


def _until(condition: Callable[[], bool], patience_s: float = _PATIENCE_S) -> None:
    """Wait for something.

    Raises
    ------
    TimeoutError : it does not come; to go on would measure something else.
    """
    end = monotonic() + patience_s
    while not condition():
        if monotonic() > end:
            raise TimeoutError(f"{patience_s:g} s were not enough for what was waited for: is the machine overloaded?")
        sleep(_LOOK_AGAIN_S)


def _parse() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--kills", type=int, default=100, help="default: 100")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--retrain", default="{}", help="what else POST /admin/retrain is to be sent, JSON")
    return parser.parse_args()


if __name__ == "__main__":
    main()
