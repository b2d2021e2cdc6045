"""The model store: what is published, and the aliases that move among it."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from datetime import UTC
from difflib import get_close_matches

from app.errors import Conflict, CorruptModel, ModelNotFound
from app.store.aliases import CANDIDATE, CHAMPION, PREVIOUS, crown, stamp
from app.store.checks import require_sound
from app.store.disk import exclusive, writing_to
from app.store.moves import (
    AliasState,
    Move,
    MoveKind,
    Occasion,
    is_settled,
    read_moves,
    read_state,
    record,
    require_revision,
    settle,
)
from app.store.published import Published, check_name

_OF_EVERY_MODEL = (CHAMPION, CANDIDATE, PREVIOUS)


@dataclass(frozen=True)
class _Moved:
    """An alias that is to move, and the new aliases by the old ones and the version it shall stand for."""

    alias: str
    kind: MoveKind
    change: Callable[[Mapping[str, str], str], Mapping[str, str]]


class ModelStore(Published):
    """Model versions below one folder, and aliases that move among them; every move is written down.

    Any number of threads and processes may read, publish and move aliases at the same time.
    """

    def alias_state(self, name: str) -> AliasState:
        """Tell which version each alias of a model stands for, and the revision of that."""
        self.versions(name)
        return read_state(self._folder(name))

    def alias_stamp(self, name: str) -> object:
        """Return what is another after any alias of a model has moved; it takes a single look at the disk."""
        return stamp(self._folder(name))

    def moves(self, name: str) -> list[Move]:
        """Return every move of an alias of a model, oldest first.

        Raises
        ------
        ModelNotFound : there is no such model.
        CorruptModel : the log is damaged.
        """
        self.versions(name)
        return read_moves(self._folder(name))

    def settle(self) -> None:
        """Do what killed writers have begun, of all models; the next move of a model would do it, too.

        Raises
        ------
        CorruptModel, StoreUnwritable : as of a move.
        """
        for name in self.names():
            folder = self._folder(name)
            if not is_settled(folder):
                with writing_to(folder), exclusive(folder):
                    settle(folder)

    def set_alias(self, name: str, alias: str, reference: str, occasion: Occasion = Occasion()) -> str:
        """Let an alias stand for a version, given its number or another alias; returns the version.

        Raises
        ------
        InvalidInput : a bad alias.
        ModelNotFound : there is no such name, version or alias.
        CorruptModel : the version is damaged, so nothing shall point at it; or the log is.
        StaleAliases : an alias has moved since the occasion arose.
        StoreUnwritable : the disk is full, read-only, not ours; the aliases are as they were.
        """
        check_name("an alias", alias)
        moved = _Moved(alias, "alias", lambda aliases, version: {**aliases, alias: version})
        return self._move(name, reference, moved, occasion)

    def promote(self, name: str, reference: str, occasion: Occasion = Occasion()) -> str:
        """Make a version, given by number or alias, the champion, and the old champion the previous one; returns it.

        Both aliases move in one step. What is the champion already stays it, and nothing is written.
        Raises what `set_alias` does.
        """
        kind: MoveKind = "forced" if occasion.forced else "promote"
        moved = _Moved(CHAMPION, kind, lambda aliases, version: crown(aliases, version, self.versions(name)))
        return self._move(name, reference, moved, occasion)

    def rollback(self, name: str, occasion: Occasion = Occasion()) -> str:
        """Let champion and previous change places, so that a second rollback returns; returns the new champion.

        Raises
        ------
        Conflict : there is no previous version to go back to.
        ModelNotFound, CorruptModel, StaleAliases, StoreUnwritable : as `set_alias`; the previous version may be gone or
            damaged.
        """

        def go_back(aliases: Mapping[str, str], version: str) -> dict[str, str]:
            if version == aliases.get(CHAMPION):
                raise Conflict(f"{name}: {PREVIOUS} and {CHAMPION} are both version {version}", name=name)
            return crown(aliases, version, self.versions(name))

        if PREVIOUS not in self.aliases(name):
            raise Conflict(f"{name} has no previous champion to go back to: nothing was promoted over it", name=name)
        return self._move(name, PREVIOUS, _Moved(CHAMPION, "rollback", go_back), occasion)

    def delete_alias(self, name: str, alias: str, occasion: Occasion = Occasion()) -> None:
        """Take an alias away; the version that it stood for stays.

        Raises
        ------
        Conflict : it is the champion.
        ModelNotFound : there is no such name or alias.
        CorruptModel, StaleAliases, StoreUnwritable : as of `set_alias`.
        """
        self.versions(name)
        if alias == CHAMPION:
            raise Conflict(f"expected another alias than {CHAMPION}, which serves", name=name)
        folder = self._folder(name)
        with writing_to(folder), exclusive(folder):
            settle(folder)
            require_revision(folder, name, occasion.expected)
            aliases = self.aliases(name)
            if alias not in aliases:
                raise _no_such_alias(name, alias, aliases)
            left = {each: version for each, version in aliases.items() if each != alias}
            self._record(name, alias, "delete", None, left, occasion)

    def require_alias(self, name: str, alias: str) -> None:
        """Refuse an alias that a model does not have, as a misspelt one; those that every model may have are known.

        Raises
        ------
        InvalidInput : a bad alias.
        ModelNotFound : there is no such name or alias; the message tells which one is perhaps meant.
        """
        check_name("an alias", alias)
        if alias not in (known := {*self.aliases(name), *_OF_EVERY_MODEL}):
            raise _no_such_alias(name, alias, known)

    def _move(self, name: str, reference: str, moved: _Moved, occasion: Occasion) -> str:
        """Make new aliases of the old ones and the version that `reference` stands for, and write that down."""
        self.versions(name)
        folder = self._folder(name)
        with writing_to(folder), exclusive(folder):
            settle(folder)
            require_revision(folder, name, occasion.expected)
            version = self.resolve(name, reference)
            try:
                require_sound(folder / version, name, version)
            except CorruptModel as exc:
                raise CorruptModel(f"no alias may stand for a damaged version: {exc.detail}", **exc.context) from exc
            self._record(name, moved.alias, moved.kind, version, moved.change(self.aliases(name), version), occasion)
        return version

    def _record(
        self,
        name: str,
        alias: str,
        kind: MoveKind,
        version: str | None,
        after: Mapping[str, str],
        occasion: Occasion,
    ) -> None:
        """Write down a move to new aliases and do it, under the lock; what changes nothing is not written down."""
        folder, before = self._folder(name), self.aliases(name)
        if after == before:
            return
        record(
            folder,
            Move(
                number=len(read_moves(folder)) + 1,
                at=self._now().astimezone(UTC).isoformat(timespec="milliseconds"),
                model=name,
                alias=alias,
                from_version=before.get(alias),
                to_version=version,
                kind=kind,
                by=occasion.by,
                reason=occasion.reason,
                figures=occasion.figures,
                before=before,
                after=after,
            ),
        )


def _no_such_alias(name: str, alias: str, known: Collection[str]) -> ModelNotFound:
    names = sorted(known)
    close = get_close_matches(alias, names, n=1)
    hint = f"did you mean {close[0]}?" if close else f"there is {', '.join(names) or 'none'}"
    return ModelNotFound(f"{name} has no alias {alias!r}; {hint}", name=name, alias=alias, aliases=names)
