"""Answers kept by Idempotency-Key, so that a request that is sent again is not carried out again."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

from sqlalchemy import delete, insert, select, update

from app.database import Database
from app.database.tables import IDEMPOTENCY
from app.errors import IdempotencyKeyReused, RequestUnderWay

KEPT_FOR = timedelta(hours=24)
_LOST_AFTER = timedelta(minutes=1)  # no request takes longer, unless whoever began it has died


class IdempotencyStore:
    """Keeps the answer to each key for a day. Threads and processes may share it."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def begin(self, scope: str, key: str, fingerprint: str) -> Mapping[str, Any] | None:
        """Return the answer given before; None if there is none, and then `finish` or `abandon` must follow.

        Parameters
        ----------
        scope : who asks, and at which address
        fingerprint : of all that the request says

        Raises
        ------
        IdempotencyKeyReused : the key came with another request.
        RequestUnderWay : the request is being answered, or its process has died and it may or may not have been done.
        """
        now = datetime.now(UTC)
        with self._database.writing() as connection:
            connection.execute(delete(IDEMPOTENCY).where(IDEMPOTENCY.c.created_at < now - KEPT_FOR))
            found = connection.execute(select(IDEMPOTENCY).where(*_is(scope, key))).one_or_none()
            if found is None:
                values = {"scope": scope, "key": key, "fingerprint": fingerprint, "created_at": now}
                connection.execute(insert(IDEMPOTENCY).values(values))
                return None
        if found.fingerprint != fingerprint:
            raise IdempotencyKeyReused(f"expected the request that came first with the key {key!r}, got another one")
        if found.answer is None and found.created_at < now - _LOST_AFTER:
            detail = (
                f"the request with the key {key!r} was begun at {found.created_at:%H:%M:%S} UTC and never answered: "
            )
            raise RequestUnderWay(f"{detail}see whether it was done, and ask with another key if it was not")
        if found.answer is None:
            raise RequestUnderWay(f"the request with the key {key!r} is being answered; ask again in a second")
        answer: Mapping[str, Any] = found.answer
        return answer

    def finish(self, scope: str, key: str, answer: Mapping[str, Any]) -> None:
        """Keep the answer, of JSON's types."""
        with self._database.writing() as connection:
            connection.execute(update(IDEMPOTENCY).where(*_is(scope, key)).values(answer=answer))

    def abandon(self, scope: str, key: str) -> None:
        """Forget a request that came to nothing, so that it may be sent again."""
        with self._database.writing() as connection:
            connection.execute(delete(IDEMPOTENCY).where(*_is(scope, key)))


def _is(scope: str, key: str) -> tuple[Any, ...]:
    return IDEMPOTENCY.c.scope == scope, IDEMPOTENCY.c.key == key
