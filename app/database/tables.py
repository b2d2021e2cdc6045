"""The tables, as `app/database/migrations` makes them."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from sqlalchemy import (
    JSON,
    Boolean,
    Column,
    DateTime,
    Dialect,
    Float,
    ForeignKey,
    Integer,
    LargeBinary,
    MetaData,
    String,
    Table,
    Text,
    TypeDecorator,
)

# Named, so that migrations can change them on every database.
METADATA = MetaData(
    naming_convention={
        "ix": "ix_%(table_name)s_%(column_0_name)s",
        "uq": "uq_%(table_name)s_%(column_0_name)s",
        "fk": "fk_%(table_name)s_%(column_0_name)s",
        "pk": "pk_%(table_name)s",
    }
)


class UtcTime(TypeDecorator[datetime]):
    """An aware datetime, kept and given back in UTC; SQLite itself knows no time zones."""

    impl = DateTime
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        return None if value is None else value.astimezone(UTC).replace(tzinfo=None)

    def process_result_value(self, value: Any, dialect: Dialect) -> datetime | None:
        return None if value is None else value.replace(tzinfo=UTC)


JOBS = Table(
    "jobs",
    METADATA,
    Column("id", String(32), primary_key=True),
    Column("kind", String(64), nullable=False),
    Column("parameters", JSON, nullable=False),
    Column("state", String(16), nullable=False, index=True),
    Column("requested_by", String(64)),  # id of the key
    Column("created_at", UtcTime, nullable=False, index=True),
    Column("started_at", UtcTime),
    Column("finished_at", UtcTime),
    Column("heartbeat_at", UtcTime),  # of the worker that has it
    Column("worker", String(128)),
    Column("attempts", Integer, nullable=False, default=0),
    Column("cancel_requested", Boolean, nullable=False, default=False),
    Column("progress", JSON),
    Column("result", JSON),
    Column("problem", JSON),
)

JOB_EVENTS = Table(
    "job_events",
    METADATA,
    Column("job_id", ForeignKey("jobs.id", ondelete="CASCADE"), primary_key=True),
    Column("number", Integer, primary_key=True, autoincrement=False),  # from 1, without a gap
    Column("kind", String(32), nullable=False),
    Column("at", UtcTime, nullable=False),
    Column("data", JSON, nullable=False),
)

IDEMPOTENCY = Table(
    "idempotency",
    METADATA,
    Column("scope", String(128), primary_key=True),  # who asked, and at which address
    Column("key", String(255), primary_key=True),
    Column("fingerprint", String(64), nullable=False),  # of the request's body
    Column("created_at", UtcTime, nullable=False, index=True),
    Column("answer", JSON),  # status, headers and body; null while the request is under way
)

KEYS = Table(
    "keys",
    METADATA,
    Column("id", String(32), primary_key=True),
    Column("name", String(128), nullable=False),
    Column("hash", String(64), nullable=False),
    Column("scopes", JSON, nullable=False),
    Column("created_at", UtcTime, nullable=False),
    Column("expires_at", UtcTime),
    Column("revoked_at", UtcTime),
    Column("last_used_at", UtcTime),
)

CORRECTIONS = Table(
    "corrections",
    METADATA,
    Column("id", String(64), primary_key=True),  # SHA-256 of what is corrected: the same place twice is one
    Column("level", String(8), nullable=False),  # glyph or row
    Column("text", Text, nullable=False),
    Column("read_as", Text),
    Column("image", String(64), nullable=False, index=True),  # SHA-256 of the file's bytes
    Column("box", JSON),  # null: the whole image
    Column("page", String(80), index=True),  # SHA-256 of the file and number of the page, as the details tell it, too
    Column("seen", LargeBinary, nullable=False),  # what the networks see of it
    Column("details", JSON, nullable=False),
    Column("created_at", UtcTime, nullable=False, index=True),
    Column("created_by", String(64)),
)

KEPT_PAGES = Table(
    "kept_pages",
    METADATA,
    Column("id", String(32), primary_key=True),
    Column("image", String(64), nullable=False, index=True),  # SHA-256 of the uploaded file
    Column("number", Integer, nullable=False),  # of the page in the file, from 1
    Column("reading", JSON, nullable=False),
    Column("created_at", UtcTime, nullable=False),
    Column("expires_at", UtcTime, nullable=False, index=True),
    Column("created_by", String(64)),
)

DOUBTS = Table(
    "doubts",
    METADATA,
    Column("page", ForeignKey("kept_pages.id", ondelete="CASCADE"), primary_key=True),
    Column("row", Integer, primary_key=True, autoincrement=False),
    Column("word", Integer, primary_key=True, autoincrement=False),
    Column("glyph", Integer, primary_key=True, autoincrement=False),
    Column("confidence", Float, nullable=False, index=True),
)
