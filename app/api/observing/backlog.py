"""The backlog of jobs, for health checks and metrics that must never wait long for a database."""

from __future__ import annotations

import logging
from threading import Lock, Thread
from time import monotonic

from app.database import Database
from app.errors import AppError
from app.jobs import Backlog, look_at_backlog

_FRESH_S = 1.0
_PATIENCE_S = 2.0  # a scrape or a probe usually waits longer than that

_log = logging.getLogger(__name__)


class BacklogCache:
    """Looks at the jobs of a database at most once a second, however often it is asked.

    A query to a database that cannot be reached may wait for minutes. Whoever asks here waits for two seconds at most,
    and no second query is sent while one is under way.

    Parameters
    ----------
    database : None if it could not be opened
    """

    def __init__(self, database: Database | None) -> None:
        self._database = database
        self._lock = Lock()
        self._seen: Backlog | None = None
        self._seen_at = -_FRESH_S
        self._asking: Thread | None = None

    def look(self) -> Backlog | None:
        """Return the backlog; None if the database does not answer."""
        if self._database is None:
            return None
        with self._lock:
            if monotonic() - self._seen_at < _FRESH_S:
                return self._seen
            if self._asking is None or not self._asking.is_alive():
                self._asking = Thread(target=self._ask, args=(self._database,), name="backlog", daemon=True)
                self._asking.start()
            asking = self._asking
        asking.join(_PATIENCE_S)
        return None if asking.is_alive() else self._seen

    def _ask(self, database: Database) -> None:
        seen = None
        try:
            seen = look_at_backlog(database)
        except AppError as exc:
            _log.warning("the jobs could not be looked at: %s", exc.detail)
        finally:
            with self._lock:
                self._seen, self._seen_at = seen, monotonic()
