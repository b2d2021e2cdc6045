"""Looking for damage: lists everything that is wrong with a store, instead of raising at the first fault."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from app.errors import CorruptModel
from app.store.aliases import ALIASES_FILE, read_aliases
from app.store.card import (
    CARD_FILE,
    INITIAL_FILE,
    SEAL_FILE,
    check_owner,
    check_seal,
    is_sealed,
    parse_card,
    read_arrays,
)
from app.store.disk import entries_of, is_left_over
from app.store.moves import LOG_FILE, find_flaws


@dataclass(frozen=True)
class Finding:
    """A fault in a store. ``place`` is relative to the store; a harmless one does not keep a version from loading."""

    place: str
    detail: str
    harmless: bool = False

    def __str__(self) -> str:
        return f"{self.place}: {self.detail}"


def check_version(folder: Path, name: str, version: str) -> Iterator[Finding]:
    """Compare everything in a version's folder with its card, and the card with its seal."""
    path = folder / CARD_FILE
    try:
        card = parse_card(path)
    except CorruptModel as exc:
        yield _from_error(exc)
        return  # nothing tells what the files should be
    checks: list[Callable[[], object]] = [
        partial(check_owner, path, card, name, version),
        partial(check_seal, path, card),
        *(partial(read_arrays, folder / file, card, all_of_them=file != INITIAL_FILE) for file in card["files"]),
    ]
    for check in checks:
        try:
            check()
        except CorruptModel as exc:
            yield _from_error(exc)
    place = f"{name}/{folder.name}"
    if not is_sealed(card) and not (folder / SEAL_FILE).exists():
        yield Finding(f"{place}/{CARD_FILE}", "published before cards carried a digest", harmless=True)
    for entry in entries_of(folder):
        if entry.name not in {CARD_FILE, SEAL_FILE, *card["files"]}:
            yield Finding(f"{place}/{entry.name}", "not part of the version", harmless=True)


def require_sound(folder: Path, name: str, version: str) -> None:
    """Read all of a version and check it.

    Raises
    ------
    CorruptModel : something is not as it was published; the message names the first such thing.
    """
    for finding in check_version(folder, name, version):
        if not finding.harmless:
            raise CorruptModel(str(finding), file=finding.place)


def check_aliases(folder: Path, versions: list[str]) -> Iterator[Finding]:
    """Find aliases of the model in `folder` that point to no version, and flaws in the log of their moves."""
    try:
        aliases = read_aliases(folder)
    except CorruptModel as exc:
        yield _from_error(exc)
        return
    for alias, version in aliases.items():
        if version not in versions:
            detail = f"expected a version of {', '.join(versions)} behind {alias!r}, got {version!r}"
            yield Finding(f"{folder.name}/{ALIASES_FILE}", detail)
    try:
        for detail, harmless in find_flaws(folder):
            yield Finding(f"{folder.name}/{LOG_FILE}", detail, harmless)
    except CorruptModel as exc:
        yield _from_error(exc)


def find_left_overs(folder: Path) -> Iterator[Finding]:
    """List what an interrupted writer has left in a model's folder."""
    for path in filter(is_left_over, entries_of(folder)):
        detail = "left behind by a writer that was stopped, or in use by one that works; nothing reads it"
        yield Finding(f"{folder.name}/{path.name}", detail, harmless=True)


def _from_error(exc: CorruptModel) -> Finding:
    place, _, detail = exc.detail.partition(": ")
    return Finding(place, detail)
