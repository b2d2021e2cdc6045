"""Rate limits: requests are counted in memory, or in Redis for several processes together."""

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
    """How many of `limit` requests remain, and in how many seconds all of them are available again."""

    limit: int
    remaining: int
    reset_s: int
    is_over: bool


class RateLimit:
    """Counts the requests of each caller, in windows of a minute from the first one on. Threads may share it.

    While Redis fails each process counts for itself: answering requests matters more than an exact count.

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
        """Tell whether counting waits for Redis, so that it should not be done in the event loop."""
        return self._shared is not None

    def count(self, who: str, *, only_look: bool = False) -> Usage:
        """Count a request, or with `only_look` just tell whether it would be over the limit."""
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
