"""Wakes workers when a job is created, through one of huey's storages: SQLite, Redis or PostgreSQL.

The database says which jobs wait; the channel only says that it is time to look. A message that is lost, repeated or
late does no harm.
"""

from __future__ import annotations

import logging
import threading
import time
from importlib import import_module
from pathlib import Path
from typing import Any
from urllib.parse import unquote, urlsplit

from app.errors import InvalidInput
from app.validation_messages import without_password

_NAME = "inkrow_jobs"
_LOOK_EVERY_S = 0.25  # SQLite cannot wake anybody; what is looked for is a row in a small table
_CONNECT_S = "5"  # whoever creates a job does not wait for longer
_REDIS = ("redis", "rediss", "unix")
_POSTGRESQL = ("postgresql", "postgres")

_log = logging.getLogger(__name__)


class Channel:
    """Carries messages from those who create jobs to the workers. Threads may share it.

    It connects when it is first used.

    Parameters
    ----------
    url : ``sqlite:///folder/file.db``, ``redis://host:port/number`` or ``postgresql://user:password@host/name``

    Raises
    ------
    InvalidInput : the address is none of these, or the library for it is not installed.
    """

    def __init__(self, url: str) -> None:
        self._url = url
        self._scheme = urlsplit(url).scheme.partition("+")[0]  # without the driver, as in postgresql+psycopg
        if self._scheme not in {"sqlite", *_REDIS, *_POSTGRESQL} or "://" not in url:
            detail = f"expected the address of a queue such as sqlite:///state/queue.db, got {without_password(url)!r}"
            raise InvalidInput(detail)
        self._check_library()
        self._lock = threading.Lock()
        self._storage: Any = None
        self._is_failing = False

    def announce(self, job_id: str) -> None:
        """Wake a worker. Raises whatever the library of the storage raises."""
        self._connected().enqueue(job_id.encode())

    def wait(self, timeout_s: float) -> bool:
        """Wait for a message and tell whether one came; while the channel fails, none comes."""
        until_s = time.monotonic() + timeout_s
        try:
            has_news = self._wait(until_s)
            self._is_failing = False
            return has_news
        except Exception as exc:  # of any of three libraries
            if not self._is_failing:
                _log.warning("no news of jobs arrives, so they are looked for now and then: %s", exc)
            self._is_failing = True
            time.sleep(max(0.0, until_s - time.monotonic()))
            return False

    def _wait(self, until_s: float) -> bool:
        while True:
            left_s = max(0.0, until_s - time.monotonic())
            if self._connected(left_s).dequeue() is not None:
                return True
            left_s = until_s - time.monotonic()
            if left_s <= 0:
                return False
            # Only SQLite needs this: the others have waited in `dequeue`, unless they cannot be reached.
            time.sleep(min(_LOOK_EVERY_S, left_s))

    def close(self) -> None:
        """Close the connection; to be called by the thread that waits."""
        with self._lock:
            if self._storage is not None:
                self._storage.close()
            self._storage = None

    def _connected(self, read_timeout_s: float = 1.0) -> Any:
        with self._lock:
            if self._storage is None:
                self._storage = self._connect()
            if self._scheme != "sqlite":
                self._storage.read_timeout = max(read_timeout_s, 0.01)  # Redis takes zero for "for ever"
            return self._storage

    def _connect(self) -> Any:
        from huey import storage  # takes a while, and most processes never need it

        if self._scheme == "sqlite":
            file = Path(unquote(urlsplit(self._url).path)[1:])  # sqlite:///relative.db, sqlite:////absolute.db
            file.parent.mkdir(parents=True, exist_ok=True)
            return storage.SqliteStorage(_NAME, str(file), cache_mb=0)
        if self._scheme in _REDIS:
            return storage.RedisStorage(_NAME, url=_with_option(self._url, "socket_connect_timeout", _CONNECT_S))
        url = f"postgresql{self._url[self._url.index('://') :]}"
        dsn = _with_option(url, "connect_timeout", _CONNECT_S)
        try:
            return storage.PostgresStorage(_NAME, dsn=dsn)
        except Exception:  # if several processes make its tables at the same moment, all but one fail
            return storage.PostgresStorage(_NAME, dsn=dsn)

    def _check_library(self) -> None:
        library, extra = ("redis", "redis") if self._scheme in _REDIS else ("psycopg", "postgresql")
        try:
            if self._scheme != "sqlite":
                import_module(library)
        except ImportError as exc:
            detail = f"the queue {self._scheme} needs a library more (.venv/bin/pip install -e '.[{extra}]')"
            raise InvalidInput(f"{detail}: {exc}") from exc


def _with_option(url: str, name: str, value: str) -> str:
    """Set an option of a connection, unless the address sets it."""
    if f"{name}=" in url:
        return url
    return f"{url}{'&' if '?' in url else '?'}{name}={value}"
