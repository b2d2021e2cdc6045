"""Inkrow as people start it, with models, memory and a key of its own: what the measurements of the whole loop ask."""

from __future__ import annotations

import json
import os
import shutil
import signal
import subprocess
import sys
from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from time import monotonic, sleep
from typing import Any, Self

import httpx2

from bench.servers import free_port
from bench.workers import ROOT, environment

SHIPPED = ROOT / "model_store"
FINAL = ("succeeded", "failed", "cancelled")
_KEY = "inkrow-the-key-of-all-that-is-measured"
_PATIENCE_S = 60.0
_LOOK_AGAIN_S = 0.02


@dataclass(frozen=True)
class Process:
    """A process of a service: the server itself, its worker, or the process of a job."""

    pid: int
    parent: int
    words: tuple[str, ...]


class Service:
    """`inkrow serve` on a port of its own, with its worker; it can be killed and started again.

    Parameters
    ----------
    folder : for the models, what the service remembers, and its log; made if it is not there
    models : the store to begin with, which is copied
    settings : further variables, without INKROW_
    """

    def __init__(self, folder: Path, models: Path = SHIPPED, settings: Mapping[str, object] | None = None) -> None:
        self.store, self.state, self.log = folder / "models", folder / "state", folder / "serve.log"
        folder.mkdir(parents=True, exist_ok=True)
        if not self.store.exists():
            shutil.copytree(models, self.store)
        self.port = free_port()
        given = {"model_store": self.store, "state": self.state, "admin_key": _KEY, **(settings or {})}
        self.variables = {**environment(), **{f"INKROW_{name.upper()}": str(value) for name, value in given.items()}}
        self.client = httpx2.Client(
            base_url=f"http://127.0.0.1:{self.port}",
            headers={"Authorization": f"Bearer {_KEY}"},
            timeout=_PATIENCE_S,
        )
        self._server: subprocess.Popen[bytes] | None = None

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.stop()

    def start(self) -> None:
        """Start it, and wait until it is ready to read.

        Raises
        ------
        RuntimeError : it ended, or was not ready in time; the message has what it said last.
        """
        command = [*_INKROW, "serve", "--port", str(self.port), "--log-level", "warning"]
        with self.log.open("ab") as log:
            self._server = subprocess.Popen(command, cwd=ROOT, env=self.variables, stdout=log, stderr=log)
        until = monotonic() + _PATIENCE_S
        while not self.is_ready():
            if self._server.poll() is not None or monotonic() > until:
                last = self.log.read_text(encoding="utf-8", errors="replace")[-4000:]
                raise RuntimeError(f"the service did not get ready:\n{last}")
            sleep(_LOOK_AGAIN_S)

    def is_ready(self) -> bool:
        """Tell whether it answers, and can read."""
        try:
            return self.client.get("/readyz").status_code == 200
        except httpx2.TransportError:  # not listening yet, or no more
            return False

    def stop(self) -> None:
        """End it in good order, its worker too; what is left of earlier kills is killed."""
        if self._server is not None:
            self._server.terminate()
            with suppress(subprocess.TimeoutExpired):
                self._server.wait(_PATIENCE_S)
        self.kill(self.processes())
        self.client.close()

    def kill(self, victims: Sequence[Process]) -> None:
        """Kill processes as `kill -9` does, and wait until they are gone."""
        for victim in victims:
            with suppress(ProcessLookupError):
                os.kill(victim.pid, signal.SIGKILL)
        pids = {victim.pid for victim in victims}
        if self._server is not None and self._server.pid in pids:
            self._server.wait()
        while pids & {process.pid for process in self.processes()}:
            sleep(_LOOK_AGAIN_S)

    def processes(self) -> list[Process]:
        """List what runs with the state of this service, orphans too; Linux only."""
        mark = f"INKROW_STATE={self.state}".encode()
        return [process for process in _all_processes(mark) if process.pid != os.getpid()]

    def servers(self) -> list[Process]:
        """List the processes that serve."""
        return [process for process in self.processes() if "serve" in process.words]

    def workers(self) -> list[Process]:
        """List the processes that take jobs, apart from those that the jobs themselves run in."""
        workers = [process for process in self.processes() if "worker" in process.words]
        pids = {worker.pid for worker in workers}
        return [worker for worker in workers if worker.parent not in pids]

    def job_processes(self) -> list[Process]:
        """List the processes that the workers have started for jobs."""
        pids = {worker.pid for worker in self.workers()}
        return [process for process in self.processes() if process.parent in pids]

    def run(self, *arguments: str) -> str:
        """Run a command of `inkrow` with the settings of this service; returns what it prints.

        Raises
        ------
        RuntimeError : it ended with another exit code than 0; the message has what it said.
        """
        ended = subprocess.run(
            [*_INKROW, *arguments], cwd=ROOT, env=self.variables, capture_output=True, text=True, check=False
        )
        if ended.returncode:
            raise RuntimeError(f"inkrow {' '.join(arguments)} ended with {ended.returncode}: {ended.stderr}")
        return ended.stdout

    def ask(self, method: str, path: str, **arguments: Any) -> httpx2.Response:
        """Send a request with the key of the service; arguments as of httpx2.

        Raises
        ------
        RuntimeError : the answer is none of success.
        """
        answer = self.client.request(method, path, **arguments)
        if not answer.is_success:
            raise RuntimeError(f"{method} {path}: {answer.status_code} {answer.text[:2000]}")
        return answer

    def list(self, path: str, **query: Any) -> Iterator[dict[str, Any]]:
        """Yield all entries of a list that is given in parts."""
        cursor: dict[str, Any] = {}
        while True:
            part = self.ask("GET", path, params={**query, **cursor}).json()
            yield from part["items"]
            if part.get("next_cursor") is None:
                return
            cursor = {"cursor": part["next_cursor"]}

    def correct(self, page: Path, text: str, box: Mapping[str, int]) -> dict[str, Any]:
        """Say what is written at a place of a page; returns the correction."""
        sides = ",".join(str(box[side]) for side in ("left", "top", "right", "bottom"))
        file = {"file": (page.name, page.read_bytes())}
        correction: dict[str, Any] = self.ask(
            "POST", "/corrections", files=file, data={"text": text, "box": sides}
        ).json()
        return correction

    def retrain(self, **request: Any) -> dict[str, Any]:
        """Ask for a training; returns the job."""
        job: dict[str, Any] = self.ask("POST", "/admin/retrain", json=request).json()
        return job

    def promote(self, model: str, version: str, reason: str) -> None:
        """Make a version the champion, whatever the gate would say."""
        body = {"model": model, "version": version, "force": True, "reason": reason}
        self.ask("PUT", "/admin/aliases/champion", json=body, headers={"If-Match": "*"})

    def events(self, job_id: str) -> Iterator[tuple[str, dict[str, Any]]]:
        """Follow a job: yield kind and data of each event, from the first to the last."""
        with self.client.stream("GET", f"/admin/jobs/{job_id}/events") as answer:
            kind = ""
            for line in answer.iter_lines():
                name, _, value = line.partition(": ")
                if name == "event":
                    kind = value
                elif name == "data":
                    yield kind, json.loads(value)

    def wait_for(self, job_id: str, states: Sequence[str] = FINAL, patience_s: float = 600.0) -> dict[str, Any]:
        """Wait until a job has one of some states; returns the job.

        Raises
        ------
        TimeoutError
        """
        until = monotonic() + patience_s
        while monotonic() < until:
            job: dict[str, Any] = self.ask("GET", f"/admin/jobs/{job_id}").json()
            if job["state"] in states:
                return job
            sleep(10 * _LOOK_AGAIN_S)
        raise TimeoutError(f"the job {job_id} is {job['state']} after {patience_s:.0f} s, expected {states}")


_INKROW = (sys.executable, "-c", "from app.cli import main; main()")


def _all_processes(mark: bytes) -> Iterator[Process]:
    for folder in Path("/proc").glob("[0-9]*"):
        with suppress(OSError, IndexError):  # it ended meanwhile, or belongs to somebody else
            if mark not in (folder / "environ").read_bytes().split(b"\0"):
                continue
            words = (folder / "cmdline").read_bytes().decode(errors="replace").split("\0")
            # "pid (name) state parent ...": a name may have blanks and brackets in it
            parent = (folder / "stat").read_text().rpartition(")")[2].split()[1]
            yield Process(int(folder.name), int(parent), tuple(words))
