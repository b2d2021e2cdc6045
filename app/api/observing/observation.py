"""One line of the log for every request: its id, its address, its status, how long it took."""

from __future__ import annotations

import logging
import re
from contextvars import ContextVar
from dataclasses import dataclass, field
from time import perf_counter
from typing import Any
from uuid import uuid4

from starlette.datastructures import Headers, MutableHeaders
from starlette.requests import Request
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from app.api.observing.metrics import Metrics
from app.api.problems import sent_path
from app.logs import log_context

REQUEST_ID = "X-Request-ID"

# What may stand in a header, a log and a command line without being taken for anything else.
_SANE_ID = re.compile(r"[A-Za-z0-9._:@=+/-]{1,128}")
_TRACEPARENT = re.compile(r"[0-9a-f]{2}-([0-9a-f]{32})-[0-9a-f]{16}-[0-9a-f]{2}(-.*)?")
_NO_TRACE = "0" * 32
_PROBES = {"/livez", "/readyz", "/metrics"}  # come every few seconds, so they are logged as debug while all is well
_METHODS = {"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"}
_LONGEST_PATH = 200

_log = logging.getLogger(__name__)


@dataclass
class Observation:
    """One request under way; whoever works on it notes here what goes into its line of the log."""

    request_id: str
    waited_ms: float | None = None
    body_bytes: int = 0
    images: list[str] = field(default_factory=list)
    pages: int = 0
    glyphs: int = 0
    status: int = 500  # until an answer has begun
    _start: float = field(default_factory=perf_counter)

    @property
    def elapsed_ms(self) -> float:
        return (perf_counter() - self._start) * 1e3


_current: ContextVar[Observation | None] = ContextVar("observation", default=None)


def new_request_id() -> str:
    """Make an id that no other request has."""
    return uuid4().hex


def observation() -> Observation:
    """Return the notes on the request that is worked on; outside of a request, notes that nobody will read."""
    return _current.get() or Observation("")


class Observed:
    """Gives every request an id, measures it, and writes one line about it once it is answered.

    An `X-Request-ID` that the client sent is kept if it is harmless; every answer carries the id. `Server-Timing` tells
    the time until the answer began, and how much of it the request waited for its turn.
    """

    def __init__(self, app: ASGIApp, metrics: Metrics) -> None:
        self.app = app
        self.metrics = metrics

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        headers = Headers(scope=scope)
        noted = Observation(_request_id(headers))

        async def receive_counted() -> Message:
            message = await receive()
            noted.body_bytes += len(message.get("body", b""))
            return message

        async def send_marked(message: Message) -> None:
            if message["type"] == "http.response.start":
                noted.status = message["status"]
                _mark(MutableHeaders(scope=message), noted)
            await send(message)

        token = _current.set(noted)
        try:
            with log_context(request_id=noted.request_id, **_trace(headers)), self.metrics.request_in_flight():
                try:
                    await self.app(scope, receive_counted, send_marked)
                finally:
                    self._tell(scope, noted)
        finally:
            _current.reset(token)

    def _tell(self, scope: Scope, noted: Observation) -> None:
        method = scope["method"] if scope["method"] in _METHODS else "other"
        route = _template(scope)
        elapsed_ms = noted.elapsed_ms
        self.metrics.request_answered(method, route, noted.status, elapsed_ms / 1e3)
        level = logging.WARNING if noted.status >= 500 else logging.DEBUG if route in _PROBES else logging.INFO
        if _log.isEnabledFor(level):
            place = {"route": route} if route else {"path": sent_path(Request(scope))[:_LONGEST_PATH]}
            fields = {"method": method, **place, "status": noted.status, "ms": round(elapsed_ms, 1)}
            fields |= _details(scope, noted)
            message = f"{method} {route or place['path']} {noted.status} in {elapsed_ms:.1f} ms{_in_words(noted)}"
            _log.log(level, "%s", message, extra={"fields": fields})


def _request_id(headers: Headers) -> str:
    sent = headers.get(REQUEST_ID, "")
    return sent if _SANE_ID.fullmatch(sent) else new_request_id()


def _trace(headers: Headers) -> dict[str, str]:
    """Return the id of the trace that a request says it is part of (W3C Trace Context)."""
    sent = _TRACEPARENT.fullmatch(headers.get("traceparent", ""))
    return {"trace_id": sent[1]} if sent and sent[1] != _NO_TRACE else {}


def _mark(headers: MutableHeaders, noted: Observation) -> None:
    headers[REQUEST_ID] = noted.request_id
    timing = [headers["Server-Timing"]] if headers.get("Server-Timing") else []
    if noted.waited_ms is not None:
        timing.append(f"wait;dur={noted.waited_ms:.1f}")
    headers["Server-Timing"] = ", ".join([*timing, f"total;dur={noted.elapsed_ms:.1f}"])


def _template(scope: Scope) -> str | None:
    """Return the template of the address, the same for all models and jobs; None if no route has the address."""
    return getattr(scope.get("route"), "path", None)


def _details(scope: Scope, noted: Observation) -> dict[str, Any]:
    client, caller = scope.get("client"), scope.get("state", {}).get("caller")
    details = {
        "client": client[0] if client else None,
        "key_id": getattr(caller, "key_id", None),
        "bytes": noted.body_bytes or None,
        "wait_ms": None if noted.waited_ms is None else round(noted.waited_ms, 1),
        "images": noted.images or None,
        "pages": noted.pages if noted.images else None,
        "glyphs": noted.glyphs if noted.images else None,
    }
    return {name: value for name, value in details.items() if value is not None}


def _in_words(noted: Observation) -> str:
    if not noted.images:
        return ""
    counts = {"page": noted.pages, "glyph": noted.glyphs}
    return "".join(f", {count} {what}{'' if count == 1 else 's'}" for what, count in counts.items())
