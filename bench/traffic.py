"""Everything that changes something, asked of one service by several clients at the same time, until it is killed."""

from __future__ import annotations

import itertools
import threading
from collections.abc import Callable, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from io import BytesIO
from typing import Any
from uuid import uuid4

import httpx2
import numpy as np
from numpy.typing import NDArray
from PIL import Image

from app.datasets.pages.sample_page import draw_sample_page
from bench.ledger import Ledger
from bench.service import FINAL, Service

_GLYPH_PX = 96
_CHARS = "47E0O5S2Z"
_OK = {200, 201, 202}
_REST_S = 0.3  # of a client that corrects: each training reads all that there is
# Answers of a service that is busy, or that somebody else was quicker to change.
_BUSY = {409, 412, 429, 503}


class Traffic:
    """Corrections, trainings and promotions; the ledger learns what was acknowledged.

    Parameters
    ----------
    versions : of the model of the ledger, between which the champion moves to and fro
    retrain : the body that asks for a training

    Attributes
    ----------
    complaints : answers that there should not have been
    job : the one that was asked for last
    """

    def __init__(
        self, service: Service, ledger: Ledger, versions: Sequence[str], retrain: dict[str, Any], seed: int
    ) -> None:
        self.complaints: list[str] = []
        self.job: str | None = None
        self._service, self._ledger, self._retrain = service, ledger, retrain
        self._glyphs = _glyphs(seed)
        self._versions = versions
        self._over = threading.Event()
        self._lock = threading.Lock()  # two threads must not ask a generator at the same time
        self._pool = ThreadPoolExecutor(8)
        self._running: list[Future[None]] = []

    def start(self, *, corrections: bool = True, promotions: bool = True) -> None:
        """Let clients ask; a training is always asked for."""
        self._over.clear()
        clients: list[Callable[[], None]] = [self.ask_for_a_job]
        clients += [self._correct] * 2 if corrections else []
        clients += [self._promote] if promotions else []
        self._running = [self._pool.submit(self._until_the_end, client) for client in clients]

    def stop(self) -> None:
        """Wait until no client asks any more."""
        self._over.set()
        for client in self._running:
            client.result()
        self._running = []

    def close(self) -> None:
        """End all clients."""
        self.stop()
        self._pool.shutdown()

    def ask_for_a_job(self) -> None:
        """Ask for a training unless one is under way."""
        if self.job is not None and self._state() not in FINAL:
            self._over.wait(0.2)
            return
        self._ledger.asked_for += 1
        answer = self._send("POST", "/admin/retrain", json=self._retrain)
        if answer is not None:
            self.job = answer.json()["id"]
            self._ledger.jobs.add(self.job)

    def _state(self) -> str:
        state: str = self._service.ask("GET", f"/admin/jobs/{self.job}").json()["state"]
        return state

    def _correct(self) -> None:
        with self._lock:
            char, image = next(self._glyphs)
        answer = self._send("POST", "/corrections", files={"file": ("glyph.png", image)}, data={"text": char})
        if answer is not None:
            self._ledger.corrections.add(answer.json()["id"])
        self._over.wait(_REST_S)

    def _promote(self) -> None:
        seen = self._service.client.get("/admin/aliases", params={"model": self._ledger.model})
        champion = seen.json()["models"][0]["aliases"]["champion"]
        reason = str(uuid4())
        body = {
            "model": self._ledger.model,
            "version": next(version for version in self._versions if version != champion),
            "force": True,
            "reason": reason,
        }
        answer = self._send("PUT", "/admin/aliases/champion", json=body, headers={"If-Match": seen.headers["ETag"]})
        if answer is not None:
            self._ledger.promotions.add(reason)

    def _send(self, method: str, path: str, **arguments: Any) -> httpx2.Response | None:
        answer = self._service.client.request(method, path, **arguments)
        if answer.status_code in _OK:
            return answer
        if answer.status_code not in _BUSY:
            self.complaints.append(f"{method} {path}: {answer.status_code} {answer.text[:500]}")
        self._over.wait(0.1)
        return None

    def _until_the_end(self, client: Callable[[], None]) -> None:
        while not self._over.is_set():
            try:
                client()
            except httpx2.TransportError:  # killed: what was not answered may have happened or not
                return


def _glyphs(seed: int) -> itertools.chain[tuple[str, bytes]]:
    """Yield characters without end, no two images alike."""
    return itertools.chain.from_iterable(_written(seed + number) for number in itertools.count())


def _written(seed: int) -> list[tuple[str, bytes]]:
    rng = np.random.default_rng(seed)
    return [(char, _png(draw_sample_page([char], rng, size_px=(_GLYPH_PX, _GLYPH_PX)))) for char in _CHARS]


def _png(image: NDArray[np.uint8]) -> bytes:
    file = BytesIO()
    Image.fromarray(image).save(file, "PNG")
    return file.getvalue()
