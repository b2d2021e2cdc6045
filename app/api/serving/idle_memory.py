"""Gives memory that pages left free back to the system while the service is idle."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from contextlib import contextmanager

from app.memory import HeapTrimmer


class IdleTrimmer:
    """Gives memory back once nobody has worked for a moment; all is called by the thread of one event loop.

    Not at the end of the work itself: its answer is still to be sent, and the next request may be here at once.

    Parameters
    ----------
    after_s : how long nobody has worked then
    """

    def __init__(self, heap: HeapTrimmer, after_s: float = 0.1) -> None:
        self._heap = heap
        self._after_s = after_s
        self._working = 0
        self._timer: asyncio.TimerHandle | None = None

    @contextmanager
    def busy(self) -> Iterator[None]:
        """Work in the block."""
        if self._timer is not None:
            self._timer.cancel()
        self._heap.note_size()
        self._working += 1
        try:
            yield
        finally:
            self._working -= 1
            if not self._working:
                self._timer = asyncio.get_running_loop().call_later(self._after_s, self._heap.trim)
