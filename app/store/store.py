"""The model store: published versions, and the aliases that move among them."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from contextlib import contextmanager
from datetime import UTC
from difflib import get_close_matches

from app.errors import Conflict, CorruptModel, ModelNotFound
from app.store.aliases import CANDIDATE, CHAMPION, PREVIOUS, stamp, with_champion
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
from app.store.versions import VersionStore, check_name

_OF_EVERY_MODEL = (CHAMPION, CANDIDATE, PREVIOUS)


class ModelStore(VersionStore):
    """Model versions below one folder, and aliases that move among them; every move is logged.

    Any number of threads and processes may read, publish and move aliases at the same time.
    """

    def alias_state(self, name: str) -> AliasState:
        """Return which version each alias of a model stands for, and the revision of the aliases."""
        self.versions(name)
        return read_state(self._folder(name))

    def alias_stamp(self, name: str) -> object:
        """Return a value that changes when any alias of a model moves; it costs a single look at the disk."""
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
        """Finish the moves that killed writers have begun, of all models; the next move of a model would do it, too.

        Raises
        ------
        CorruptModel, StoreUnwritable : as `set_alias` raises them.
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
        CorruptModel : the version is damaged, so no alias may stand for it; or the log is damaged.
        StaleAliases : an alias has moved since `occasion.expected`.
        StoreUnwritable : the disk is full, read-only or not ours; the aliases are as they were.
        """
        check_name("an alias", alias)
        with self._moving(name, occasion) as aliases:
            version = self._sound(name, reference)
            self._record(name, alias, "alias", {**aliases, alias: version}, occasion)
        return version

    def promote(self, name: str, reference: str, occasion: Occasion = Occasion()) -> str:
        """Make a version, given by number or alias, the champion, and the old champion the previous one; returns it.

        Both aliases move in one step. If the version is the champion already, nothing is written.
        Raises what `set_alias` does.
        """
        with self._moving(name, occasion) as aliases:
            version = self._sound(name, reference)
            after = with_champion(aliases, version, self.versions(name))
            self._record(name, CHAMPION, "forced" if occasion.forced else "promote", after, occasion)
        return version

    def rollback(self, name: str, occasion: Occasion = Occasion()) -> str:
        """Let champion and previous change places, so that a second rollback returns; returns the new champion.

        Raises
        ------
        Conflict : there is no previous version to go back to.
        ModelNotFound, CorruptModel, StaleAliases, StoreUnwritable : as `set_alias`; the previous version may be gone or
            damaged.
        """
        if PREVIOUS not in self.aliases(name):
            raise Conflict(f"{name} has no previous champion to go back to: nothing was promoted over it", name=name)
        with self._moving(name, occasion) as aliases:
            version = self._sound(name, PREVIOUS)
            if version == aliases.get(CHAMPION):
                raise Conflict(f"{name}: {PREVIOUS} and {CHAMPION} are both version {version}", name=name)
            after = with_champion(aliases, version, self.versions(name))
            self._record(name, CHAMPION, "rollback", after, occasion)
        return version

    def delete_alias(self, name: str, alias: str, occasion: Occasion = Occasion()) -> None:
        """Take an alias away; the version that it stood for stays.

        Raises
        ------
        Conflict : it is the champion.
        ModelNotFound : there is no such name or alias.
        CorruptModel, StaleAliases, StoreUnwritable : as `set_alias` raises them.
        """
        self.versions(name)
        if alias == CHAMPION:
            raise Conflict(f"expected another alias than {CHAMPION}, which serves", name=name)
        with self._moving(name, occasion) as aliases:
            if alias not in aliases:
                raise _no_such_alias(name, alias, aliases)
            after = {each: version for each, version in aliases.items() if each != alias}
            self._record(name, alias, "delete", after, occasion)

    def require_alias(self, name: str, alias: str) -> None:
        """Refuse an alias that a model does not have, such as a misspelt one; the usual three are always accepted.

        Raises
        ------
        InvalidInput : a bad alias.
        ModelNotFound : there is no such name or alias; the message suggests the nearest one.
        """
        check_name("an alias", alias)
        if alias not in (known := {*self.aliases(name), *_OF_EVERY_MODEL}):
            raise _no_such_alias(name, alias, known)

    @contextmanager
    def _moving(self, name: str, occasion: Occasion) -> Iterator[dict[str, str]]:
        """Lock the aliases of a model and yield them, unless one has moved since `occasion.expected`."""
        self.versions(name)
        folder = self._folder(name)
        with writing_to(folder), exclusive(folder):
            settle(folder)
            require_revision(folder, name, occasion.expected)
            yield self.aliases(name)

    def _sound(self, name: str, reference: str) -> str:
        """Return the version that a number or an alias stands for, after checking all of its files."""
        version = self.resolve(name, reference)
        try:
            require_sound(self._folder(name) / version, name, version)
        except CorruptModel as exc:
            raise CorruptModel(f"no alias may stand for a damaged version: {exc.detail}", **exc.context) from exc
        return version

    def _record(self, name: str, alias: str, kind: MoveKind, after: Mapping[str, str], occasion: Occasion) -> None:
        """Log a move to new aliases and do it, under the lock; one that changes nothing is not logged."""
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
                to_version=after.get(alias),
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
    hint = f"did you mean {close[0]}?" if close else f"it has {', '.join(names) or 'none'}"
    return ModelNotFound(f"{name} has no alias {alias!r}; {hint}", name=name, alias=alias, aliases=names)
