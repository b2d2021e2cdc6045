"""API keys: shown once when they are made, stored as hashes, and looked up at every request."""

from __future__ import annotations

import secrets
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from functools import partial
from hashlib import sha256
from typing import Any

from sqlalchemy import Connection, Row, insert, or_, select, update

from app.database import Database
from app.database.tables import KEYS
from app.errors import InvalidInput, NotFound

_PREFIX = "inkrow"
_ID_BYTES = 6
_SECRET_BYTES = 32  # so many that guessing is hopeless, and that a hash need not be slow to be safe
_LONGEST_NAME = 128
_USE_NOTED_EVERY = timedelta(minutes=1)
_now = partial(datetime.now, UTC)


class Scope(StrEnum):
    """What a key is for; each one includes those before it."""

    READ = "read"
    CORRECT = "correct"
    ADMIN = "admin"

    @property
    def included(self) -> frozenset[Scope]:
        """All scopes that this one includes: ``admin`` has all, ``correct`` has ``read`` and itself."""
        scopes = list(Scope)
        return frozenset(scopes[: scopes.index(self) + 1])


@dataclass(frozen=True)
class Key:
    """What is stored of a key: everything but its secret."""

    id: str
    name: str
    scopes: frozenset[Scope]
    created_at: datetime
    expires_at: datetime | None = None
    revoked_at: datetime | None = None
    last_used_at: datetime | None = None

    def is_valid(self, now: datetime) -> bool:
        """Tell whether the key is accepted."""
        return self.revoked_at is None and (self.expires_at is None or now < self.expires_at)

    @property
    def permitted(self) -> frozenset[Scope]:
        """All scopes that it has, or that are included in one that it has."""
        return frozenset().union(*(scope.included for scope in self.scopes))


class KeyStore:
    """The keys of a database. Nothing is kept in memory: what one process revokes, no other accepts any more.

    Parameters
    ----------
    database : threads may share the store as they share it
    clock : tells the time, aware of its zone
    """

    def __init__(self, database: Database, clock: Callable[[], datetime] = _now) -> None:
        self._database = database
        self._clock = clock

    def create(self, name: str, scopes: Iterable[Scope], *, expires_at: datetime | None = None) -> tuple[Key, str]:
        """Make a key.

        Parameters
        ----------
        name : for people; several keys may share one, so that a new key can take over before the old one goes
        scopes : at least one
        expires_at : when the key stops being accepted; None for not before it is revoked

        Returns
        -------
        what is stored of the key, and the key itself, ``inkrow_<id>_<secret>``, which cannot be shown again

        Raises
        ------
        InvalidInput : no name or far too long a one, no scope, or an end that is past.
        """
        key, sent = self._make(name, scopes, expires_at)
        with self._database.writing() as connection:
            connection.execute(insert(KEYS).values(_to_row(key, sent)))
        return key, sent

    def create_first(self, name: str) -> tuple[Key, str] | None:
        """Make a key with the scope ``admin``; None if somebody else did so first."""
        key, sent = self._make(name, [Scope.ADMIN], None)
        with self._database.writing() as connection:
            if _has_admin(connection):
                return None
            connection.execute(insert(KEYS).values(_to_row(key, sent)))
        return key, sent

    def has_admin(self) -> bool:
        """Tell whether there has ever been a key with the scope ``admin``, be it expired or revoked since."""
        with self._database.reading() as connection:
            return _has_admin(connection)

    def list(self) -> list[Key]:
        """List all keys, expired and revoked ones too, oldest first."""
        with self._database.reading() as connection:
            return [_from_row(row) for row in connection.execute(select(KEYS).order_by(KEYS.c.created_at, KEYS.c.id))]

    def revoke(self, key_id: str) -> Key:
        """Stop accepting a key, in all processes at once; revoking it twice changes nothing.

        Raises
        ------
        NotFound : no key has this id.
        """
        with self._database.writing() as connection:
            unrevoked = (KEYS.c.id == key_id) & KEYS.c.revoked_at.is_(None)
            connection.execute(update(KEYS).where(unrevoked).values(revoked_at=self._clock()))
            row = connection.execute(select(KEYS).where(KEYS.c.id == key_id)).first()
        if row is None:
            raise NotFound(f"expected the id of a key (inkrow keys list shows them), got {key_id!r}", id=key_id)
        return _from_row(row)

    def verify(self, sent: str) -> Key | None:
        """Look up a key as it was sent; None if it is unknown, expired or revoked."""
        prefix, _, rest = sent.partition("_")
        key_id, _, secret = rest.partition("_")
        if prefix != _PREFIX or len(key_id) != 2 * _ID_BYTES or len(secret) != 2 * _SECRET_BYTES:
            return None
        with self._database.reading() as connection:
            row = connection.execute(select(KEYS).where(KEYS.c.id == key_id)).first()
        if row is None or not secrets.compare_digest(row.hash, hashed(sent)):
            return None
        key = _from_row(row)
        return key if key.is_valid(self._clock()) else None

    def note_use(self, key: Key) -> None:
        """Store that a key was used just now, at most once a minute."""
        now = self._clock()
        if key.last_used_at is not None and now - key.last_used_at < _USE_NOTED_EVERY:
            return
        is_due = or_(KEYS.c.last_used_at.is_(None), KEYS.c.last_used_at <= now - _USE_NOTED_EVERY)
        with self._database.writing() as connection:
            connection.execute(update(KEYS).where(KEYS.c.id == key.id, is_due).values(last_used_at=now))

    def _make(self, name: str, scopes: Iterable[Scope], expires_at: datetime | None) -> tuple[Key, str]:
        now = self._clock()
        key = Key(secrets.token_hex(_ID_BYTES), name.strip(), frozenset(scopes), now, expires_at)
        if not 0 < len(key.name) <= _LONGEST_NAME:
            raise InvalidInput(f"expected a name of 1 to {_LONGEST_NAME} characters, got {name!r}")
        if not key.scopes:
            raise InvalidInput(f"expected at least one scope of {', '.join(Scope)}, got none")
        if expires_at is not None and not key.is_valid(now):
            raise InvalidInput(f"expected an end in the future, got {expires_at.astimezone(UTC):%Y-%m-%d %H:%M} UTC")
        return key, f"{_PREFIX}_{key.id}_{secrets.token_hex(_SECRET_BYTES)}"


def hashed(sent: str) -> str:
    """Hash a key as it is sent; equal hashes mean equal keys, and no key follows from its hash."""
    return sha256(sent.encode()).hexdigest()


def _has_admin(connection: Connection) -> bool:
    return any(Scope.ADMIN in scopes for scopes in connection.scalars(select(KEYS.c.scopes)))


def _to_row(key: Key, sent: str) -> dict[str, Any]:
    return {
        "id": key.id,
        "name": key.name,
        "hash": hashed(sent),
        "scopes": [scope for scope in Scope if scope in key.scopes],
        "created_at": key.created_at,
        "expires_at": key.expires_at,
    }


def _from_row(row: Row[Any]) -> Key:
    scopes = frozenset(map(Scope, row.scopes))
    return Key(row.id, row.name, scopes, row.created_at, row.expires_at, row.revoked_at, row.last_used_at)
