"""Starts the HTTP servers: ours as people start it, and the rivals behind the least that serves."""

from __future__ import annotations

import http.client
import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryFile
from time import perf_counter, sleep

from bench.readers import OURS
from bench.workers import ROOT, environment, python_of

_PATIENCE_S = 60.0
_LOOK_AGAIN_S = 0.002
_KIB_A_MIB = 1024


@dataclass(frozen=True)
class Server:
    """A server that runs in a process of its own.

    Attributes
    ----------
    start_up_s : seconds from starting the process to the first 200 of ``/readyz``
    """

    port: int
    pid: int
    start_up_s: float

    def resident_mib(self) -> float:
        """Return the memory that the process holds at the moment, in MiB; Linux only."""
        status = Path(f"/proc/{self.pid}/status").read_text()
        kib = next(line.split()[1] for line in status.splitlines() if line.startswith("VmRSS:"))
        return int(kib) / _KIB_A_MIB


@contextmanager
def serving(name: str, processes: int = 1) -> Iterator[Server]:
    """Start the server of a reader, in so many processes, wait until one of them is ready, and stop it in the end.

    Raises
    ------
    RuntimeError : it ended, or was not ready in time; the message has what it said.
    """
    port = free_port()
    with TemporaryFile("w+", encoding="utf-8") as log:
        start = perf_counter()
        process = subprocess.Popen(
            _command(name, port, processes), cwd=ROOT, env=_environment(name), stdout=log, stderr=log
        )
        try:
            while not _is_ready(port):
                if process.poll() is not None or perf_counter() - start > _PATIENCE_S:
                    log.seek(0)
                    raise RuntimeError(f"the server of {name} did not get ready:\n{log.read()}")
                sleep(_LOOK_AGAIN_S)
            yield Server(port, process.pid, perf_counter() - start)
        finally:
            process.terminate()
            process.wait()


def _is_ready(port: int) -> bool:
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=_PATIENCE_S)
    try:
        connection.request("GET", "/readyz")
        return connection.getresponse().status == 200
    except OSError:  # not listening yet
        return False
    finally:
        connection.close()


def _command(name: str, port: int, processes: int) -> list[str]:
    where = ["--port", str(port), "--workers", str(processes)]
    if name == OURS:
        return [str(Path(sys.executable).parent / "inkrow"), "serve", *where, "--log-level", "warning"]
    return [str(python_of(name)), "-m", "bench.serve_reader", name, *where]


def _environment(name: str) -> dict[str, str]:
    # Tesseract's own threads gain a single page something; where pages are read side by side they only cost.
    return {**environment(), "OMP_THREAD_LIMIT": "1"} if name == "tesseract" else environment()


def free_port() -> int:
    """Find a port that nobody listens on."""
    with socket.socket() as one:
        one.bind(("127.0.0.1", 0))
        port: int = one.getsockname()[1]
        return port
