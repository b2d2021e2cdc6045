"""The stages of one page: how long each takes, and whether it is still wanted."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from time import perf_counter


class Stages:
    """Measures how long each stage of reading a page takes, and checks before each that the page is still wanted.

    Parameters
    ----------
    checkpoint : called before every stage; whatever it raises ends the reading
    """

    def __init__(self, checkpoint: Callable[[], None]) -> None:
        self._checkpoint = checkpoint
        self.timing_ms: dict[str, float] = {}

    @contextmanager
    def next(self, name: str) -> Iterator[None]:
        """Measure the time of the ``with`` block; the times of blocks with the same name add up."""
        self._checkpoint()
        start = perf_counter()
        yield
        ms = (perf_counter() - start) * 1e3
        self.timing_ms[name] = round(self.timing_ms.get(name, 0.0) + ms, 3)
