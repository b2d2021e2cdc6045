"""Keeps what serves in step with the store's aliases, which any process may move."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from contextlib import contextmanager
from threading import Event, Lock, Thread
from time import monotonic

from fastapi import FastAPI

from app.api.serving.models import Models
from app.ensemble import Choice
from app.errors import AppError
from app.store import ModelStore

_EVERY_S = 0.25  # with loading, well below the two seconds in which a new champion is to serve
_AGAIN_S = 10.0  # after a failure, unless an alias moves before

_log = logging.getLogger(__name__)


class Follower:
    """Puts the versions that the aliases stand for into service, at the start and whenever an alias has moved.

    If they cannot be loaded, whatever is in service stays so. A sentence in ``app.state.model_notes`` then says that,
    and the log says why. If nothing is in service yet, ``app.state.models`` stays None.

    Parameters
    ----------
    app : whose ``state.models`` and ``state.model_notes`` are kept up to date
    choice : which models are to serve, by alias
    threads : as of `app.ensemble.Helpers`
    """

    def __init__(self, app: FastAPI, store: ModelStore, choice: Choice, threads: int) -> None:
        self._app, self._store, self._choice, self._threads = app, store, choice, threads
        self._lock = Lock()
        self._seen: list[object] | None = None
        self._again_at = 0.0

    @contextmanager
    def following(self) -> Iterator[None]:
        """Look at the aliases now, and then regularly until the block ends."""
        try:
            self._store.settle()
        except AppError as exc:
            _log.error("a move of an alias that was begun could not be done: %s", exc.detail)
        self.look()
        stopped = Event()
        thread = Thread(target=self._follow, args=(stopped,), name="follow-aliases", daemon=True)
        thread.start()
        try:
            yield
        finally:
            stopped.set()
            thread.join()

    def look(self) -> None:
        """Catch up with the aliases if one may have moved since the last look."""
        with self._lock:
            try:
                seen = [self._store.alias_stamp(name) for name in self._choice.names]
                if seen == self._seen and monotonic() < self._again_at:
                    return
                self._seen, self._again_at = seen, float("inf")
                self._catch_up()
            except AppError as exc:
                self._again_at = monotonic() + _AGAIN_S
                self._note(exc)
            else:
                self._app.state.model_notes = []

    def _catch_up(self) -> None:
        models: Models | None = self._app.state.models
        if models is None:
            self._app.state.models = Models(self._store, self._choice, self._threads)
        elif models.catch_up():
            reference = models.serving.model
            _log.info("serving %s %s from now on", reference["name"], reference["version"])

    def _note(self, exc: AppError) -> None:
        asked_for = ", ".join(" ".join(reference) for reference in self._choice.references)
        serves_on = "" if self._app.state.models is None else ", and what was in service before serves on"
        note = f"the models {asked_for} could not be loaded ({exc.code}){serves_on}; the log says why"
        if note not in self._app.state.model_notes:
            self._app.state.model_notes = [note]
            _log.error("models %s could not be loaded from %s: %s", asked_for, self._store.root, exc.detail)

    def _follow(self, stopped: Event) -> None:
        while not stopped.wait(_EVERY_S):
            try:
                self.look()
            except Exception:
                _log.exception("the aliases could not be followed")
