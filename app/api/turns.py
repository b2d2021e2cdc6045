"""Whose turn it is to read, and whether they are still there."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
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
    turns: asyncio.Semaphore = request.app.state.turns
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


TurnDep = Annotated[Checkpoint, Depends(take_turn, scope="function")]  # its end does not wait for the client to listen
