"""Aliases: movable names for the versions of one model, in one small file that is replaced as a whole."""

from __future__ import annotations

import json
from collections.abc import Collection, Mapping
from pathlib import Path

from app.durable_files import replace_durably
from app.errors import CorruptModel
from app.store.disk import to_json

ALIASES_FILE = "aliases.json"

CHAMPION = "champion"  # the version that serves
CANDIDATE = "candidate"  # a version that waits to serve
PREVIOUS = "previous"  # the version that a rollback returns to


def read_aliases(folder: Path) -> dict[str, str]:
    """Read which version each alias of the model in `folder` stands for.

    Raises
    ------
    CorruptModel : the file does not hold versions by alias.
    """
    place = f"{folder.name}/{ALIASES_FILE}"
    try:
        aliases = json.loads((folder / ALIASES_FILE).read_bytes())
    except FileNotFoundError:
        return {}
    except (OSError, ValueError, RecursionError) as exc:
        raise CorruptModel(f"{place}: expected JSON, got {exc}", name=folder.name) from exc
    if not isinstance(aliases, dict) or not all(isinstance(version, str) for version in aliases.values()):
        raise CorruptModel(f"{place}: expected versions by alias, got {aliases}", name=folder.name)
    return aliases


def stamp(folder: Path) -> tuple[int, ...]:
    """Return a value that changes whenever the aliases of the model in `folder` are replaced."""
    try:
        about = (folder / ALIASES_FILE).stat()
    except OSError:  # there are none, or they cannot be looked at
        return ()
    return about.st_ino, about.st_mtime_ns, about.st_size


def write_aliases(folder: Path, aliases: Mapping[str, str]) -> None:
    """Replace all aliases of the model in `folder`; to be called under the lock."""
    replace_durably(folder / ALIASES_FILE, to_json(dict(sorted(aliases.items()))))


def with_champion(aliases: Mapping[str, str], version: str, versions: Collection[str]) -> dict[str, str]:
    """Return the aliases with `version` as champion, and the old champion, if it still exists, as the previous one."""
    old = aliases.get(CHAMPION)
    after = {**aliases, CHAMPION: version}
    if old is not None and old != version and old in versions:
        after[PREVIOUS] = old
    return after
