"""Turns: how many requests compute at the same time, how many wait, and what happens when a client hangs up."""

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
_WEIGHT_OF_LAST = 0.2  # of the last turn in the running mean of how long turns last; set by eye


class Turns:
    """The turns of one application to do one kind of work: a semaphore, and a bounded queue before it.

    Parameters
    ----------
    name : of the work, for the metrics
    at_a_time : requests that may hold a turn at the same time
    most_waiting : requests that may wait for a turn; any more are refused
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
        """Raise problem 503 if all turns are taken and the queue is full."""
        if self._free.locked() and self.waiting >= self._most_waiting:
            self._metrics.turn_refused("full")
            raise self.busy(f"expected at most {self._most_waiting} requests to wait for their turn, got one more")

    def busy(self, detail: str) -> HttpProblem:
        """Make the problem "server busy", with a guess at when it is worth while to try again."""
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
    """A route that takes a turn to read; if the queue is full it says so before the client has sent the body."""

    async def handle(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer, unless too many wait."""
        if scope["method"] in (self.methods or ()):
            scope["app"].state.turns.refuse_if_full()
        await super().handle(scope, receive, send)


async def take_turn(request: Request) -> AsyncIterator[Checkpoint]:
    """Wait for one of the application's turns to read, and hold it until the route is done.

    Waiting takes no thread. The route is given a function to call now and then while it works, which raises
    `ClientDisconnect` once the client has hung up. A client that hangs up while it waits gets no turn. One that has
    waited for `Settings.waiting_s`, or that finds the queue full, gets problem 503.
    """
    async with _turn(request, request.app.state.turns) as checkpoint:
        yield checkpoint


async def take_turn_to_inspect(request: Request) -> AsyncIterator[Checkpoint]:
    """Wait for the only turn to inspect, then for one to read: one request inspects at a time while others read."""
    async with _turn(request, request.app.state.inspection_turn, request.app.state.turns) as checkpoint:
        yield checkpoint


async def watch_client(request: Request) -> AsyncIterator[Checkpoint]:
    """Give the same function without waiting for a turn."""
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
                gone.set()  # if the service is forced to end, the route's thread stops at its next checkpoint
    finally:
        watcher.cancel()


async def _watch(request: Request, gone: Event, waiting: CancelScope) -> None:
    while (await request.receive())["type"] != "http.disconnect":
        pass
    gone.set()
    waiting.cancel()


# With this scope a turn ends with the route, before the answer is sent: a slow client does not hold it.
TurnDep = Annotated[Checkpoint, Depends(take_turn, scope="function")]
InspectionTurnDep = Annotated[Checkpoint, Depends(take_turn_to_inspect, scope="function")]
PresenceDep = Annotated[Checkpoint, Depends(watch_client, scope="function")]
