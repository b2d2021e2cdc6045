"""Whose turn it is to compute, and whether they are still there."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from threading import Condition, Event
from typing import Annotated

from anyio import CancelScope
from fastapi import Depends, Request
from starlette.requests import ClientDisconnect

Checkpoint = Callable[[], None]

_PATIENCE_S = 1.0  # that an inspection waits for readers at each of its checkpoints, at most


class Readings:
    """The pages that are being read, counted by ``with``: whoever has time waits until there is none."""

    def __init__(self) -> None:
        self._count = 0
        self._changed = Condition()

    def __enter__(self) -> None:
        with self._changed:
            self._count += 1

    def __exit__(self, *exc: object) -> None:
        with self._changed:
            self._count -= 1
            self._changed.notify_all()

    def wait_for_none(self, at_most_s: float) -> None:
        """Sleep until nothing is being read, or so long."""
        with self._changed:
            self._changed.wait_for(lambda: self._count == 0, at_most_s)


async def take_turn(request: Request) -> AsyncIterator[Checkpoint]:
    """Wait for one of the application's turns to read, and hold it until the route is done.

    Waiting takes no thread. What is given is to be called now and then by the thread that works: it raises
    `ClientDisconnect` when the client has hung up. One that hangs up while it waits is not given a turn.
    """
    async with _turn(request, request.app.state.turns) as checkpoint:
        with request.app.state.readings:
            yield checkpoint


async def take_turn_to_inspect(request: Request) -> AsyncIterator[Checkpoint]:
    """Wait likewise for the turn to inspect, of which there is one; none to read is taken for it.

    Pages go before: what is given also sleeps while some are being read, for a second at most, so that there is an end.
    """
    readings: Readings = request.app.state.readings
    async with _turn(request, request.app.state.inspection_turn) as checkpoint:

        def patient_checkpoint() -> None:
            checkpoint()
            readings.wait_for_none(_PATIENCE_S)

        yield patient_checkpoint


@asynccontextmanager
async def _turn(request: Request, turns: asyncio.Semaphore) -> AsyncIterator[Checkpoint]:
    gone = Event()

    def checkpoint() -> None:
        if gone.is_set():
            raise ClientDisconnect

    waiting = CancelScope()
    watcher = asyncio.create_task(_watch(request, gone, waiting))
    try:
        with waiting:
            await turns.acquire()
        if waiting.cancelled_caught:
            raise ClientDisconnect
        try:
            yield checkpoint
        finally:
            gone.set()  # when the service is forced to end, its thread finds out by this
            turns.release()
    finally:
        watcher.cancel()


async def _watch(request: Request, gone: Event, waiting: CancelScope) -> None:
    while (await request.receive())["type"] != "http.disconnect":
        pass
    gone.set()
    waiting.cancel()


# The end of a turn does not wait for the client to listen.
TurnDep = Annotated[Checkpoint, Depends(take_turn, scope="function")]
InspectionTurnDep = Annotated[Checkpoint, Depends(take_turn_to_inspect, scope="function")]
