"""Prefetching: worker processes compute results ahead of need, which come in the order of their requests."""

from __future__ import annotations

import os
import signal
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Future, ProcessPoolExecutor
from multiprocessing import get_context, parent_process
from threading import Thread
from typing import Any, Generic, Self, TypeVar

Result = TypeVar("Result")

# Results computed ahead for each worker: enough to bridge a slow one, and only a few megabytes in all.
_AHEAD = 8


class Prefetcher(Generic[Result]):
    """Calls a function again and again, in worker processes.

    A context manager: leaving it ends the workers; if this process is killed instead, they end by themselves.

    Parameters
    ----------
    function : at the top level of a module, so that workers can import it
    shared : its first arguments, sent to each worker only once
    workers : processes; with 0 the function is called in this one
    """

    def __init__(self, function: Callable[..., Result], shared: tuple[Any, ...], workers: int) -> None:
        self._function = function
        self._shared = shared
        self._workers = workers
        self._pool: ProcessPoolExecutor | None = None

    def __enter__(self) -> Self:
        if self._workers:
            # Not by fork, which BLAS threads of the caller do not survive.
            self._pool = ProcessPoolExecutor(
                self._workers, get_context("spawn"), _start_worker, (self._function, self._shared)
            )
        return self

    def __exit__(self, *exc_info: object) -> None:
        if self._pool is not None:
            self._pool.shutdown(wait=True, cancel_futures=True)
            self._pool = None

    def results(self, calls: Iterable[tuple[Any, ...]]) -> Iterator[Result]:
        """Yield the function's result for each tuple of further arguments, or raise what it raises."""
        if self._pool is None:
            for arguments in calls:
                yield self._function(*self._shared, *arguments)
            return
        ahead: deque[Future[Result]] = deque()
        for arguments in calls:
            ahead.append(self._pool.submit(_call, arguments))
            if len(ahead) > _AHEAD * self._workers:
                yield ahead.popleft().result()
        while ahead:
            yield ahead.popleft().result()


_task: tuple[Callable[..., Any], tuple[Any, ...]]  # in a worker process: function and shared arguments


def _start_worker(function: Callable[..., Any], shared: tuple[Any, ...]) -> None:
    global _task
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C goes to the whole group; the caller ends its workers
    Thread(target=_end_with_caller, daemon=True).start()
    _task = function, shared


def _end_with_caller() -> None:
    """Exit once the caller is gone: if it was killed, nobody ends its workers, and they would wait for ever."""
    if (caller := parent_process()) is not None:
        caller.join()
        os._exit(1)


def _call(arguments: tuple[Any, ...]) -> Any:
    function, shared = _task
    return function(*shared, *arguments)
