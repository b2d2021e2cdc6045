"""How often somebody may ask: counted in memory, or in Redis for several processes together."""

from __future__ import annotations

import logging
import math
import time
from dataclasses import dataclass
from typing import cast

from limits import RateLimitItemPerMinute
from limits.errors import ConfigurationError, StorageError
from limits.storage import MemoryStorage, Storage, storage_from_string
from limits.strategies import FixedWindowRateLimiter

from app.errors import InvalidInput

WINDOW_S = 60
_PATIENCE_S = 0.5  # for Redis
_PAUSE_S = 10.0  # before it is tried again

_log = logging.getLogger(__name__)


@dataclass(frozen=True)
class Usage:
    """What somebody has used up of `limit` requests, and in how many seconds all of them are there again."""

    limit: int
    remaining: int
    reset_s: int
    is_over: bool


class RateLimit:
    """Counts the requests of each who asks, from their first one for a minute and then anew. Threads may share it.

    While Redis fails, each process counts for itself: to read pages is worth more than an exact count.

    Parameters
    ----------
    limit : requests a minute
    url : of Redis, ``redis://host:6379/0``; None: in memory

    Raises
    ------
    InvalidInput : no such address, or the library for it is not installed.
    """

    def __init__(self, limit: int, url: str | None = None) -> None:
        self._item = RateLimitItemPerMinute(limit, namespace="inkrow")
        self._own = FixedWindowRateLimiter(MemoryStorage())
        self._shared = None if url is None else FixedWindowRateLimiter(_connect(url))
        self._resume_at = -math.inf

    @property
    def is_shared(self) -> bool:
        """Tell whether counting waits for another server, so that it should have a thread of its own."""
        return self._shared is not None

    def count(self, who: str, *, only_look: bool = False) -> Usage:
        """Count one request more, or only tell whether it would be over the limit; one that is, is to be refused."""
        if self._shared is not None and time.monotonic() >= self._resume_at:
            try:
                return self._usage(self._shared, who, only_look)
            except StorageError as exc:
                self._resume_at = time.monotonic() + _PAUSE_S
                _log.warning("requests are counted by each process for itself: %s", exc.storage_error)
        return self._usage(self._own, who, only_look)

    def _usage(self, limiter: FixedWindowRateLimiter, who: str, only_look: bool) -> Usage:
        is_over = not (limiter.test if only_look else limiter.hit)(self._item, who)
        stats = limiter.get_window_stats(self._item, who)
        reset_s = min(max(math.ceil(stats.reset_time - time.time()), 1), WINDOW_S)
        return Usage(self._item.amount, stats.remaining, reset_s, is_over)


def _connect(url: str) -> Storage:
    try:
        storage = storage_from_string(
            url, wrap_exceptions=True, socket_timeout=_PATIENCE_S, socket_connect_timeout=_PATIENCE_S
        )
    except (ConfigurationError, ValueError) as exc:
        raise InvalidInput(
            "expected the address of Redis such as redis://localhost:6379/0, and its library "
            f"(.venv/bin/pip install -e '.[redis]'): {exc}"
        ) from exc
    return cast(Storage, storage)
