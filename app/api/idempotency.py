"""Requests that may come twice, because their answer was lost, and do something once: `Idempotency-Key`."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from dataclasses import dataclass
from typing import Annotated

from fastapi import Depends, Header, Request, Response

from app.api.guards import CallerDep
from app.api.queries import optional
from app.api.serving import DatabaseDep
from app.errors import InvalidInput
from app.jobs import AnsweredRequests

_MOST_CHARACTERS = 255


@dataclass(frozen=True)
class Once:
    """A request, and under which key of whom its answer is kept; without a key it is answered each time."""

    answered: AnsweredRequests
    scope: str
    key: str | None
    fingerprint: str

    def answer(self, make: Callable[[], Response]) -> Response:
        """Make the answer, or give that of before. One that `make` raises, or that is an error, is not kept.

        Raises
        ------
        IdempotencyKeyReused, RequestUnderWay : and what `make` raises.
        """
        if self.key is None:
            return make()
        before = self.answered.begin(self.scope, self.key, self.fingerprint)
        if before is not None:
            return Response(before["body"], before["status"], {**before["headers"], "Idempotent-Replayed": "true"})
        kept = False
        try:
            response = make()
            if response.status_code < 400:
                answer = {
                    "status": response.status_code,
                    "headers": dict(response.headers),
                    "body": bytes(response.body).decode(),
                }
                self.answered.finish(self.scope, self.key, answer)
                kept = True
            return response
        finally:
            if not kept:
                self.answered.abandon(self.scope, self.key)


async def get_once(
    request: Request,
    database: DatabaseDep,
    caller: CallerDep,
    key: Annotated[
        str | None,
        Header(
            alias="Idempotency-Key",
            description="Any text that no other request has, 255 characters at most. The same request with the same "
            "key is answered as the first time, for 24 hours, and does nothing again.",
            json_schema_extra=optional,
        ),
    ] = None,
) -> Once:
    """Hand out what keeps a route from doing the same twice."""
    if key is not None:
        key = key.strip().strip('"')  # the draft of the standard wants quotes, most clients send none
        if not 0 < len(key) <= _MOST_CHARACTERS:
            raise InvalidInput(f"Idempotency-Key: expected 1 to {_MOST_CHARACTERS} characters, got {len(key)}")
    body = await request.body()
    said = b"\0".join([request.headers.get("content-type", "").encode(), request.url.query.encode(), body])
    scope = f"{caller.key_id or '-'} {request.method} {request.url.path}"
    return Once(AnsweredRequests(database), scope, key, hashlib.sha256(said).hexdigest())


OnceDep = Annotated[Once, Depends(get_once)]
