"""The stages of one page: how long each takes, and whether it is still wanted."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from time import perf_counter


class Stages:
    """Times the stages of one page, and asks before each whether it is still wanted.

    Parameters
    ----------
    checkpoint : called before every stage; whatever it raises ends the reading
    """

    def __init__(self, checkpoint: Callable[[], None]) -> None:
        self._checkpoint = checkpoint
        self.timing_ms: dict[str, float] = {}

    @contextmanager
    def next(self, name: str) -> Iterator[None]:
        """Time what follows; a stage that comes again goes on."""
        self._checkpoint()
        start = perf_counter()
        yield
        ms = (perf_counter() - start) * 1e3
        self.timing_ms[name] = round(self.timing_ms.get(name, 0.0) + ms, 3)
