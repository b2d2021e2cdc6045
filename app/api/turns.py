"""Whose turn it is to compute, and whether they are still there."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import AsyncExitStack, asynccontextmanager
from threading import Event
from typing import Annotated

from anyio import CancelScope
from fastapi import Depends, Request
from starlette.requests import ClientDisconnect

Checkpoint = Callable[[], None]


async def take_turn(request: Request) -> AsyncIterator[Checkpoint]:
    """Wait for one of the application's turns to read, and hold it until the route is done.

    Waiting takes no thread. What is given is to be called now and then by the thread that works: it raises
    `ClientDisconnect` when the client has hung up. One that hangs up while it waits is not given a turn.
    """
    async with _turn(request, request.app.state.turns) as checkpoint:
        yield checkpoint


async def take_turn_to_inspect(request: Request) -> AsyncIterator[Checkpoint]:
    """Wait likewise, for a turn to read and for that to inspect, of which there is one: pages are read meanwhile."""
    async with _turn(request, request.app.state.inspection_turn, request.app.state.turns) as checkpoint:
        yield checkpoint


@asynccontextmanager
async def _turn(request: Request, *turns: asyncio.Semaphore) -> AsyncIterator[Checkpoint]:
    gone = Event()

    def checkpoint() -> None:
        if gone.is_set():
            raise ClientDisconnect

    waiting = CancelScope()
    watcher = asyncio.create_task(_watch(request, gone, waiting))
    try:
        async with AsyncExitStack() as held:
            with waiting:
                for turn in turns:
                    await held.enter_async_context(turn)
            if waiting.cancelled_caught:
                raise ClientDisconnect
            try:
                yield checkpoint
            finally:
                gone.set()  # when the service is forced to end, its thread finds out by this
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
