"""`Idempotency-Key`: a request that is sent again because its answer was lost does nothing a second time."""

from __future__ import annotations

import hashlib
import logging
from collections.abc import Callable
from dataclasses import dataclass
from typing import Annotated

from fastapi import Depends, Header, Request, Response

from app.access import IdempotencyStore
from app.api.access.guards import CallerDep
from app.api.dependencies import DatabaseDep
from app.errors import DatabaseFailed, InvalidInput

_MOST_CHARACTERS = 255

_log = logging.getLogger(__name__)


@dataclass(frozen=True)
class IdempotentRequest:
    """A request, and the key under which its answer is kept for its sender; without a key it is answered each time."""

    store: IdempotencyStore
    scope: str
    key: str | None
    fingerprint: str

    def answer(self, make: Callable[[], Response]) -> Response:
        """Return the answer that was kept, or make it and keep it; errors are not kept, so that one can try again.

        Raises
        ------
        IdempotencyKeyReused, RequestUnderWay : and what `make` raises.
        """
        if self.key is None:
            return make()
        before = self.store.begin(self.scope, self.key, self.fingerprint)
        if before is not None:
            return Response(before["body"], before["status"], {**before["headers"], "Idempotent-Replayed": "true"})
        try:
            response = make()
        except BaseException:
            self.store.abandon(self.scope, self.key)
            raise
        if response.status_code >= 400:
            self.store.abandon(self.scope, self.key)
        else:
            self._keep(self.key, response)
        return response

    def _keep(self, key: str, response: Response) -> None:
        answer = {
            "status": response.status_code,
            "headers": dict(response.headers),
            "body": bytes(response.body).decode(),
        }
        try:
            self.store.finish(self.scope, key, answer)
        except DatabaseFailed as exc:  # the work is done, so answer; a repetition is refused as under way
            _log.error("an answer could not be kept for its Idempotency-Key: %s", exc.detail)


async def get_idempotent(
    request: Request,
    database: DatabaseDep,
    caller: CallerDep,
    key: Annotated[
        str | None,
        Header(
            alias="Idempotency-Key",
            description="Any text that no other request has, 255 characters at most. The same request with the same "
            "key is answered as the first time, for 24 hours, and does nothing again.",
        ),
    ] = None,
) -> IdempotentRequest:
    """Hand out the request by which a route does not do the same twice."""
    if key is not None:
        key = key.strip().strip('"')  # the draft of the standard wants quotes, most clients send none
        if not 0 < len(key) <= _MOST_CHARACTERS:
            raise InvalidInput(f"Idempotency-Key: expected 1 to {_MOST_CHARACTERS} characters, got {len(key)}")
    body = await request.body()
    said = b"\0".join([request.headers.get("content-type", "").encode(), request.url.query.encode(), body])
    scope = f"{caller.key_id or '-'} {request.method} {request.url.path}"
    return IdempotentRequest(IdempotencyStore(database), scope, key, hashlib.sha256(said).hexdigest())


IdempotentDep = Annotated[IdempotentRequest, Depends(get_idempotent)]
