"""Commands that look after API keys."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from contextlib import closing, contextmanager
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Annotated, Literal

import typer

from app.cli.options import ListFormat
from app.cli.shell import aligned, command_group, examples
from app.errors import InvalidInput

if TYPE_CHECKING:
    from app.access import Key, KeyStore

_UNITS = {"h": "hours", "d": "days", "w": "weeks"}

keys = command_group(
    "keys",
    "Create, list and revoke API keys.",
    "inkrow keys create scanner --scope correct --expires 90d",
    "inkrow keys list",
)


@keys.command(
    epilog=examples(
        "inkrow keys create scanner --scope read",
        "inkrow keys create workshop --scope correct --expires 90d",
        "KEY=$(inkrow keys create me --scope admin --expires 2027-12-31)",
    )
)
def create(
    name: Annotated[str, typer.Argument(metavar="NAME", help="For people: who or what will use it.")],
    scope_name: Annotated[
        Literal["read", "correct", "admin"],
        typer.Option("--scope", help="What it opens: correct includes read, and admin includes both."),
    ],
    expires: Annotated[
        str | None, typer.Option(help="When it ends: 12h, 90d or 8w from now, or a date, in UTC.", show_default="never")
    ] = None,
) -> None:
    """Make a key and print it, this once: only its hash is kept."""
    from app.access import Scope

    with _store() as store:
        key, sent = store.create(name, [Scope(scope_name)], expires_at=None if expires is None else _parse_end(expires))
    end = "until it is revoked" if key.expires_at is None else f"until {_shown(key.expires_at)} UTC"
    opened = ", ".join(scope for scope in Scope if scope in key.permitted)
    typer.echo(f"Key {key.id} of {key.name!r} opens {opened} {end}. It is shown this once:", err=True)
    typer.echo(sent)


@keys.command("list", epilog=examples("inkrow keys list", "inkrow keys list --format json"))
def list_(output_format: ListFormat = "text") -> None:
    """List all keys, the oldest first.

    Those that open nothing any more are among them.
    """
    with _store() as store:
        found = store.list()
    if output_format == "json":
        typer.echo(json.dumps([_members(key) for key in found], ensure_ascii=False, indent=2))
        return
    rows = [("ID", "NAME", "SCOPES", "STATE", "CREATED", "LAST USED")]
    rows += [
        (key.id, key.name, ", ".join(_scopes(key)), _state(key), _shown(key.created_at), _shown(key.last_used_at))
        for key in found
    ]
    typer.echo("\n".join(aligned(rows, "left")))


@keys.command(epilog=examples("inkrow keys revoke 3f9a1c2b7d04"))
def revoke(key_id: Annotated[str, typer.Argument(metavar="ID", help="As inkrow keys list shows it.")]) -> None:
    """Let a key open nothing from this moment on.

    That holds in every process that serves.
    """
    begun = datetime.now(UTC)
    with _store() as store:
        key = store.revoke(key_id)
    if key.revoked_at is not None and key.revoked_at < begun:
        typer.echo(f"key {key.id} of {key.name!r} was revoked already, on {_shown(key.revoked_at)} UTC")
        return
    typer.echo(f"key {key.id} of {key.name!r} opens nothing any more")


@contextmanager
def _store() -> Iterator[KeyStore]:
    from app.access import KeyStore
    from app.config import read_settings
    from app.database import Database

    with closing(Database(read_settings().database_url)) as database:
        yield KeyStore(database)


def _parse_end(text: str) -> datetime:
    if period := re.fullmatch(r"(\d{1,5})([hdw])", text):
        return datetime.now(UTC) + timedelta(**{_UNITS[period[2]]: int(period[1])})
    try:
        end = datetime.fromisoformat(text)
    except ValueError as exc:
        raise InvalidInput(f"expected an end such as 12h, 90d, 8w or 2027-12-31, got {text!r}") from exc
    return end if end.tzinfo else end.replace(tzinfo=UTC)


def _scopes(key: Key) -> list[str]:
    from app.access import Scope

    return [scope for scope in Scope if scope in key.scopes]


def _state(key: Key) -> str:
    if key.revoked_at is not None:
        return f"revoked {_shown(key.revoked_at)}"
    if key.expires_at is None:
        return "valid"
    return f"{'valid until' if key.is_valid(datetime.now(UTC)) else 'expired'} {_shown(key.expires_at)}"


def _shown(time: datetime | None) -> str:
    return "never" if time is None else f"{time:%Y-%m-%d %H:%M}"


def _members(key: Key) -> dict[str, object]:
    times = {name: getattr(key, name) for name in ("created_at", "expires_at", "revoked_at", "last_used_at")}
    return {
        "id": key.id,
        "name": key.name,
        "scopes": _scopes(key),
        "is_valid": key.is_valid(datetime.now(UTC)),
        **{name: time and time.isoformat() for name, time in times.items()},
    }
