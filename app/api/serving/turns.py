"""Whose turn it is to compute, who may wait for one, and whether they are still there."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import AsyncExitStack, asynccontextmanager
from math import ceil
from threading import Event
from time import perf_counter
from typing import Annotated, Literal

from anyio import CancelScope, current_time
from fastapi import Depends, Request
from fastapi.routing import APIRoute
from starlette.requests import ClientDisconnect
from starlette.types import Receive, Scope, Send

from app.api.observing.metrics import Metrics
from app.api.observing.observation import observation
from app.api.problems import HttpProblem

Checkpoint = Callable[[], None]

_LONGEST_ADVICE_S = 60  # by then others may have given up
_FIRST_GUESS_S = 1.0  # of how long a turn lasts, before one has ended
_WEIGHT_OF_LAST = 0.2  # in the running mean of how long turns last: some five of them count; set by eye


class Turns:
    """The turns of one application to do one kind of work: a semaphore, and a bounded queue before it.

    Parameters
    ----------
    name : of the work, for the figures
    at_a_time : so many have their turn together
    most_waiting : so many more may wait for theirs; further ones are refused
    """

    def __init__(self, name: Literal["read", "inspect"], at_a_time: int, most_waiting: int, metrics: Metrics) -> None:
        self.name = name
        self.waiting = 0
        self._at_a_time = at_a_time
        self._most_waiting = most_waiting
        self._metrics = metrics
        self._free = asyncio.Semaphore(at_a_time)
        self._usual_s = _FIRST_GUESS_S

    def refuse_if_full(self) -> None:
        """Raise problem 503 if there is neither a turn free nor a place among those who wait."""
        if self._free.locked() and self.waiting >= self._most_waiting:
            self._metrics.turn_refused("full")
            raise self.busy(f"expected at most {self._most_waiting} requests to wait for their turn, got one more")

    def busy(self, detail: str) -> HttpProblem:
        """Make the problem that says so, with a guess at when it is worth another try."""
        usual_wait_s = self._usual_s * (self.waiting + 1) / max(self._at_a_time, 1)
        advice_s = min(max(ceil(usual_wait_s), 1), _LONGEST_ADVICE_S)
        return HttpProblem(
            503, detail, code="server-busy", headers={"Retry-After": str(advice_s)}, limit=self._most_waiting
        )

    @asynccontextmanager
    async def wait(self) -> AsyncIterator[None]:
        """Wait for a turn and hold it for the block."""
        self.refuse_if_full()
        start = perf_counter()
        self.waiting += 1
        try:
            with self._metrics.request_waiting(self.name):
                await self._free.acquire()
        finally:
            self.waiting -= 1
        taken = perf_counter()
        self._metrics.turn_taken(self.name, taken - start)
        noted = observation()
        noted.waited_ms = (noted.waited_ms or 0.0) + (taken - start) * 1e3
        try:
            yield
        finally:
            self._free.release()
            self._usual_s += _WEIGHT_OF_LAST * (perf_counter() - taken - self._usual_s)


class TurnRoute(APIRoute):
    """A route that takes a turn to read: where there is none to be had, it says so before the body has been sent."""

    async def handle(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer, unless too many wait."""
        if scope["method"] in (self.methods or ()):
            scope["app"].state.turns.refuse_if_full()
        await super().handle(scope, receive, send)


async def take_turn(request: Request) -> AsyncIterator[Checkpoint]:
    """Wait for one of the application's turns to read, and hold it until the route is done.

    Waiting takes no thread. What is given is to be called now and then by the thread that works: it raises
    `ClientDisconnect` when the client has hung up. One that hangs up while it waits is not given a turn; one that
    waits for longer than `Settings.waiting_s` gets problem 503, as does one that finds too many waiting.
    """
    async with _turn(request, request.app.state.turns) as checkpoint:
        yield checkpoint


async def take_turn_to_inspect(request: Request) -> AsyncIterator[Checkpoint]:
    """Wait likewise, for a turn to read and for that to inspect, of which there is one: pages are read meanwhile."""
    async with _turn(request, request.app.state.inspection_turn, request.app.state.turns) as checkpoint:
        yield checkpoint


async def watch_client(request: Request) -> AsyncIterator[Checkpoint]:
    """Give what raises `ClientDisconnect` once the client has hung up, without waiting for any turn."""
    async with _turn(request) as checkpoint:
        yield checkpoint


@asynccontextmanager
async def _turn(request: Request, *turns: Turns) -> AsyncIterator[Checkpoint]:
    gone = Event()

    def checkpoint() -> None:
        if gone.is_set():
            raise ClientDisconnect

    patience_s: float = request.app.state.settings.waiting_s
    waiting = CancelScope(deadline=current_time() + patience_s)
    watcher = asyncio.create_task(_watch(request, gone, waiting))
    try:
        async with AsyncExitStack() as held:
            held.enter_context(request.app.state.idle_trimmer.busy())
            taken = 0
            with waiting:
                for turn in turns:
                    await held.enter_async_context(turn.wait())
                    taken += 1
            if waiting.cancelled_caught:
                if gone.is_set():
                    raise ClientDisconnect
                request.app.state.metrics.turn_refused("patience")
                raise turns[taken].busy(f"the request waited {patience_s:g} s, and its turn did not come")
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
PresenceDep = Annotated[Checkpoint, Depends(watch_client, scope="function")]
