"""Starts the readers, each in a process of its own, and asks them in turns."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from statistics import median
from time import perf_counter, sleep
from typing import Any, Self

ROOT = Path(__file__).resolve().parent.parent
# RapidOCR has an environment of its own; whatever else is compared needs nothing that ours lacks.
_PYTHON_OF = {"rapidocr": ROOT / "bench" / "readers" / ".venv" / "bin" / "python"}
# Threads of some libraries wait for more work by spinning; whoever comes next should not pay for that.
_REST_S = 0.05
# Pages that a reader has in a row before it is the next one's turn: after the seconds that the others take, the first
# is read slowly, as by a process that nobody has asked for a while. A minute apart, the machine is not the same.
_IN_A_ROW = 8


@dataclass(frozen=True)
class Timed:
    """A page read by one of the readers: its text, the median of the times it took, and what went wrong."""

    text: str
    ms: float
    stages_ms: dict[str, float]
    error: str | None


class Worker:
    """A reader that runs in another process, with its model loaded."""

    def __init__(self, name: str) -> None:
        self.name = name
        self._process = subprocess.Popen(
            [python_of(name), "-m", "bench.worker", name],
            cwd=ROOT,
            env=environment(),
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
            encoding="utf-8",
        )
        self.title: str = self._answer()["title"]

    def read(self, image: Path) -> dict[str, Any]:
        """Return what the worker says of an image: ``text``, ``ms``, ``stages_ms``, ``error``."""
        assert self._process.stdin is not None
        self._process.stdin.write(f"{image.resolve()}\n")
        self._process.stdin.flush()
        return self._answer()

    def _answer(self) -> dict[str, Any]:
        assert self._process.stdout is not None
        line = self._process.stdout.readline()
        if not line:
            raise RuntimeError(f"{self.name} ended with status {self._process.wait()}; see above")
        answer: dict[str, Any] = json.loads(line)
        return answer

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *exc: object) -> None:
        with self._process:  # closes its standard input, which ends it, and waits
            pass


def python_of(name: str) -> Path:
    """Return the interpreter whose environment holds a reader."""
    return _PYTHON_OF.get(name, Path(sys.executable))


def present_rivals() -> list[str]:
    """Return which rivals are installed here."""
    found = {"rapidocr": _PYTHON_OF["rapidocr"].exists(), "tesseract": shutil.which("tesseract") is not None}
    return [name for name, is_here in found.items() if is_here]


def environment() -> dict[str, str]:
    """Return this process's variables, with which ``bench`` and ``app`` are found from elsewhere."""
    return {**os.environ, "PYTHONPATH": str(ROOT)}


@contextmanager
def started(names: Sequence[str], warm_up: Path) -> Iterator[dict[str, Worker]]:
    """Start readers, and let each read a page."""
    with ExitStack() as stack:
        workers = {name: stack.enter_context(Worker(name)) for name in names}
        for worker in workers.values():
            worker.read(warm_up)
        yield workers


def read_in_turns(workers: Mapping[str, Worker], images: Sequence[Path], turns: int) -> list[dict[str, Timed]]:
    """Let all read pages: a few in a row, one reader after the other, several times over; then the next few."""
    answers: list[dict[str, list[dict[str, Any]]]] = [{name: [] for name in workers} for _ in images]
    for first in range(0, len(images), _IN_A_ROW):
        for _ in range(turns):
            for name, worker in workers.items():
                sleep(_REST_S)
                for place, image in enumerate(images[first : first + _IN_A_ROW], first):
                    answers[place][name].append(worker.read(image))
    return [{name: _timed(given) for name, given in of_page.items()} for of_page in answers]


def _timed(answers: Sequence[dict[str, Any]]) -> Timed:
    stages = {stage: median(answer["stages_ms"][stage] for answer in answers) for stage in answers[0]["stages_ms"]}
    return Timed(
        answers[0]["text"],
        median(answer["ms"] for answer in answers),
        stages,
        next((answer["error"] for answer in answers if answer["error"]), None),
    )


def start_up_s(name: str, image: Path) -> float:
    """Return the seconds from starting a process to its first page read, importing and loading included."""
    start = perf_counter()
    with Worker(name) as worker:
        worker.read(image)
        return perf_counter() - start
