"""The log of one model's alias moves: a move is written to the log first and done then, so log and aliases agree.

A line of the log holds the aliases before and after the move. Once it is on the disk the move will be done: if its
writer is killed in between, the next one to move an alias does it first. Readers need no lock: they see the move both
in the aliases and in the log, or in neither.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any, Literal, TypeAlias

from app.errors import CorruptModel, StaleAliases
from app.store.aliases import read_aliases, write_aliases
from app.store.disk import append_durably, cut_durably

LOG_FILE = "promotions.jsonl"

MoveKind: TypeAlias = Literal["promote", "rollback", "forced", "alias", "delete"]
"""How a move came about. `alias` and `delete` are moves of other aliases than the champion."""


@dataclass(frozen=True)
class Occasion:
    """Who moves an alias, and why; all of it but `expected` goes into the log.

    Attributes
    ----------
    by : who moves it, in words: a key, a job, somebody at a terminal
    reason : why, if they said so
    figures : the gate's figures, in JSON's types
    forced : whether the move bypasses the gate
    expected : the revision of the aliases that they saw, which must still be current; None moves in any case
    """

    by: str = ""
    reason: str | None = None
    figures: Mapping[str, Any] | None = None
    forced: bool = False
    expected: str | None = None


@dataclass(frozen=True)
class Move:
    """A line of the log.

    Attributes
    ----------
    number : from 1, without a gap
    at : date and time, UTC
    from_version, to_version : what the alias stood for before and stands for now; None if it did or does not exist
    before, after : all aliases of the model
    """

    number: int
    at: str
    model: str
    alias: str
    from_version: str | None
    to_version: str | None
    kind: MoveKind
    by: str
    reason: str | None = None
    figures: Mapping[str, Any] | None = None
    before: Mapping[str, str] = field(default_factory=dict)
    after: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class AliasState:
    """The aliases of a model at one moment, and their revision, which changes with every move."""

    aliases: dict[str, str]
    revision: str


def read_moves(folder: Path) -> list[Move]:
    """Read the moves of the model in `folder`, oldest first, without one that is logged but not done yet.

    Raises
    ------
    CorruptModel : the log is damaged, or there is a log and the aliases are damaged.
    """
    return _read_all(folder).done if _read(folder) else []


def read_state(folder: Path) -> AliasState:
    """Read the aliases of the model in `folder`, with the errors of `read_moves`."""
    log = _read_all(folder)
    content = json.dumps([len(log.done), sorted(log.aliases.items())])
    return AliasState(log.aliases, hashlib.sha256(content.encode()).hexdigest()[:32])


def is_settled(folder: Path) -> bool:
    """Tell whether no move was left half done, with the errors of `read_moves`."""
    log = _read_all(folder)
    return log.begun is None and log.cut_at is None


def settle(folder: Path) -> None:
    """Finish what a killed writer has begun, with the errors of `read_moves`; to be called under the lock."""
    log = _read_all(folder)
    if log.cut_at is not None:
        cut_durably(folder / LOG_FILE, log.cut_at)
    if log.begun is not None:
        write_aliases(folder, log.begun.after)


def record(folder: Path, move: Move) -> None:
    """Write a move to the log and do it; to be called under the lock, after `settle`.

    Raises
    ------
    OSError : the system refuses to write; the move is neither in the log nor done.
    """
    line = json.dumps(asdict(move), ensure_ascii=False, allow_nan=False) + "\n"
    length = append_durably(folder / LOG_FILE, line.encode())
    try:
        write_aliases(folder, move.after)
    except BaseException:
        if read_aliases(folder) == move.before:
            cut_durably(folder / LOG_FILE, length)
        raise


def require_revision(folder: Path, name: str, expected: str | None) -> None:
    """Refuse a move if any alias has moved since the caller looked, by the revision that was seen.

    Raises
    ------
    StaleAliases
    """
    state = read_state(folder)
    if expected is not None and expected != state.revision:
        raise StaleAliases(
            f"an alias of {name} has moved in the meantime: expected revision {expected}, got {state.revision}",
            name=name,
            aliases=state.aliases,
            revision=state.revision,
        )


def find_flaws(folder: Path) -> Iterator[tuple[str, bool]]:
    """Compare a log with itself and with the aliases; yield each flaw and whether it is harmless.

    The errors are those of `read_moves`.
    """
    log = _read_all(folder)
    if log.cut_at is not None:
        yield "the last line was left unfinished by a writer that was stopped; the next one takes it away", True
    moves = [*log.done, log.begun] if log.begun else log.done
    for number, move in enumerate(moves, 1):
        if move.number != number:
            yield f"expected move {number}, got {move.number}", False
            return
    if log.begun is not None:
        yield "the last move was begun by a writer that was stopped; the next one does it first", True
    elif moves and log.aliases != moves[-1].after:
        yield f"expected the aliases {dict(moves[-1].after)}, got {log.aliases}: something else moved them", True


@dataclass(frozen=True)
class _Log:
    """The log and the aliases of a model.

    Attributes
    ----------
    done : moves, oldest first
    begun : the last move, if it is logged but not done yet
    cut_at : byte at which an unfinished last line begins; None if all lines are whole
    """

    done: list[Move]
    begun: Move | None
    aliases: dict[str, str]
    cut_at: int | None


def _read_all(folder: Path) -> _Log:
    aliases = read_aliases(folder)  # before the log: a move made in between then looks like one that is not done yet
    content = _read(folder)
    moves = _parse(folder, content)
    begun = moves.pop() if moves and aliases == moves[-1].before != moves[-1].after else None
    whole_bytes = content.rfind(b"\n") + 1
    return _Log(moves, begun, aliases, whole_bytes if whole_bytes < len(content) else None)


def _read(folder: Path) -> bytes:
    try:
        return (folder / LOG_FILE).read_bytes()
    except FileNotFoundError:
        return b""
    except OSError as exc:
        raise CorruptModel(f"{folder.name}/{LOG_FILE}: expected a file, got {exc.strerror}", name=folder.name) from exc


def _parse(folder: Path, content: bytes) -> list[Move]:
    """Read all whole lines of the log."""
    moves = []
    for number, line in enumerate(content.split(b"\n")[:-1], 1):
        try:
            moves.append(Move(**json.loads(line)))
        except (TypeError, ValueError, RecursionError) as exc:
            place = f"{folder.name}/{LOG_FILE}"
            raise CorruptModel(f"{place}: expected a move in line {number}, got {exc}", name=folder.name) from exc
    return moves
