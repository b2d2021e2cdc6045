"""Where model versions live: ``root/<name>/<version>/`` with safetensors files and a card, and movable aliases.

A version appears whole or not at all and never changes, so readers need no lock and may keep what they have loaded.
"""

from __future__ import annotations

import errno
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from typing import Any

from numpy.typing import NDArray

from app.durable_files import sync_folder, write_durably
from app.errors import InvalidInput, ModelNotFound, VersionExists
from app.store.aliases import CHAMPION, read_aliases
from app.store.card import (
    CARD_FILE,
    INITIAL_FILE,
    MODEL_FILE,
    SEAL_FILE,
    Arrays,
    Card,
    compose_card,
    make_seal,
    read_arrays,
    read_card,
)
from app.store.checks import Finding, check_aliases, check_version, find_left_overs, require_sound
from app.store.disk import entries_of, staging_folder, to_json, writing_to

_NAME = re.compile(r"[a-z][a-z0-9_-]{0,63}")
_VERSION = re.compile(r"[1-9][0-9]{0,8}")
_now = partial(datetime.now, UTC)


@dataclass(frozen=True)
class Version:
    """A published version. ``digest`` is "sha256:" and the hex digest of its model file."""

    name: str
    version: str
    digest: str
    card: Card

    def known_as(self, alias: str | None) -> dict[str, str | None]:
        """Return which model this is, as every answer says it; `alias` is the one it was asked for by, if any."""
        return {"name": self.name, "version": self.version, "digest": self.digest, "alias": alias}


@dataclass(frozen=True)
class StoredModel(Version):
    """A version with its arrays, which are read-only; ``alias`` is the one it was asked for by, if any."""

    alias: str | None
    arrays: Arrays

    @property
    def reference(self) -> dict[str, str | None]:
        """Which model this is, as every answer says it."""
        return self.known_as(self.alias)


class VersionStore:
    """Model versions below one folder, and what aliases stand for.

    Any number of threads and processes may read and publish at the same time.

    Parameters
    ----------
    root : the folder; made when the first version is published
    now : the clock that dates versions and moves; must return an aware datetime
    """

    def __init__(self, root: Path, *, now: Callable[[], datetime] = _now) -> None:
        self.root = root
        self._now = now

    def publish(
        self, name: str, arrays: Arrays, card: Card, *, initial: Arrays | None = None, version: str | None = None
    ) -> Version:
        """Add a version. Equal content published twice makes two versions.

        The files are read back and verified before the version can be seen.

        Parameters
        ----------
        name : at most 64 lower-case letters, digits, "_" and "-", beginning with a letter
        arrays : the trained weights by name; not changed
        card : what the model says of itself, in JSON's types; the store adds ``name``, ``version``, ``created``,
            ``format``, ``files`` and ``arrays``
        initial : weights before training, for all or some of `arrays`
        version : a whole number from 1 to 999999999 that no version has yet; None: the one after the greatest

        Raises
        ------
        InvalidInput : a bad name or number, a card that is not JSON or claims one of the store's own keys, an unusable
            dtype.
        ShapeMismatch : an initial array has no trained one of its shape and dtype.
        VersionExists : there is a version of this number.
        StoreUnwritable : the disk is full, read-only or not ours; nothing is left behind.
        CorruptModel : the files read back were not those written.
        """
        folder = self._folder(name)
        if version is not None and not _VERSION.fullmatch(version):
            raise InvalidInput(f"a version must match {_VERSION.pattern}, got {version!r}", got=version)
        contents, full_card = compose_card(name, arrays, card, initial, created=self._now())
        with writing_to(folder), staging_folder(folder) as staging:
            for file, content in contents.items():
                write_durably(staging / file, content)
            number = self._appear(staging, folder, full_card, version)
            sync_folder(folder)
            sync_folder(self.root)
        return self.describe(name, number)

    def _appear(self, staging: Path, folder: Path, card: Card, version: str | None) -> str:
        """Give the staged version a number and its card, and rename it to where readers see it; returns the number."""
        while True:
            taken = self._versions(folder)
            number = version or str(max(map(int, taken), default=0) + 1)
            if number in taken:
                raise VersionExists(f"{folder.name} {number} was published before", name=folder.name, version=number)
            content = to_json({**card, "version": number})
            write_durably(staging / CARD_FILE, content)
            write_durably(staging / SEAL_FILE, make_seal(content))
            require_sound(staging, folder.name, number)
            sync_folder(staging)
            try:
                staging.rename(folder / number)
                return number
            except OSError as exc:
                if exc.errno not in (errno.EEXIST, errno.ENOTEMPTY):
                    raise
                # Another writer has taken this number since we looked.

    def load(self, name: str, reference: str = CHAMPION) -> StoredModel:
        """Read a version, given its number or an alias, and verify every byte of its weights and card.

        Raises
        ------
        ModelNotFound : there is no such name, version or alias; the message lists what there is.
        CorruptModel : weights or card are not as they were published; the message names file, expected and got.
        """
        about = self.describe(name, reference)
        arrays = read_arrays(self._folder(name) / about.version / MODEL_FILE, about.card, all_of_them=True)
        return StoredModel(**vars(about), alias=None if reference == about.version else reference, arrays=arrays)

    def load_if_there(self, name: str, reference: str = CHAMPION) -> StoredModel | None:
        """Read a version as `load` does; None if the store has no such model at all, or no such alias of it."""
        if name not in self.names() or (not reference.isdigit() and reference not in self.aliases(name)):
            return None
        return self.load(name, reference)

    def load_initial(self, name: str, reference: str = CHAMPION) -> dict[str, NDArray[Any]]:
        """Read the weights from before training, with the errors of `load`; not every version has them."""
        about = self.describe(name, reference)
        if INITIAL_FILE not in about.card["files"]:
            detail = f"{name} {about.version} was published without initial weights"
            raise ModelNotFound(detail, name=name, version=about.version)
        return read_arrays(self._folder(name) / about.version / INITIAL_FILE, about.card, all_of_them=False)

    def names(self) -> list[str]:
        """List the models that have a version."""
        return [path.name for path in entries_of(self.root) if _NAME.fullmatch(path.name) and self._versions(path)]

    def versions(self, name: str) -> list[str]:
        """List the versions of a model, oldest first."""
        if versions := self._versions(self._folder(name)):
            return versions
        names = self.names()
        held = f"has {', '.join(names)}" if names else self._lack()
        raise ModelNotFound(f"no model {name!r}; the store {held}", name=name, names=names)

    def card(self, name: str, version: str) -> dict[str, Any]:
        """Read the card of a version as it was published, with the store's own keys."""
        if version not in self.versions(name):
            raise self._not_found(name, version)
        return read_card(self._folder(name) / version / CARD_FILE, name, version)

    def describe(self, name: str, reference: str = CHAMPION) -> Version:
        """Read all about a version, given its number or an alias, but not its weights."""
        version = self.resolve(name, reference)
        card = self.card(name, version)
        return Version(name, version, f"sha256:{card['files'][MODEL_FILE]['sha256']}", card)

    def aliases(self, name: str) -> dict[str, str]:
        """Return which version each alias of a model stands for."""
        self.versions(name)
        return read_aliases(self._folder(name))

    def verify(self, name: str | None = None, version: str | None = None) -> list[Finding]:
        """Read the whole store, or one model, or one version of it, and list every fault.

        Raises
        ------
        ModelNotFound : there is no such store, name or version.
        """
        if version is not None:
            if name is None:
                raise InvalidInput(f"expected the name of a model beside the version {version}, got none")
            if version not in self.versions(name):
                raise self._not_found(name, version)
            return list(check_version(self._folder(name) / version, name, version))
        if name is not None and self.versions(name):
            return list(self._check_model(self._folder(name)))
        folders = [path for path in entries_of(self.root) if _NAME.fullmatch(path.name) and path.is_dir()]
        if not folders and not self.root.is_dir():
            raise ModelNotFound(f"the store {self._lack()}")
        return [finding for folder in folders for finding in self._check_model(folder)]

    def _check_model(self, folder: Path) -> Iterator[Finding]:
        versions = self._versions(folder)
        for version in versions:
            yield from check_version(folder / version, folder.name, version)
        yield from check_aliases(folder, versions)
        yield from find_left_overs(folder)

    def resolve(self, name: str, reference: str) -> str:
        """Find the version that a number or an alias stands for.

        Raises
        ------
        ModelNotFound : there is no such name, version or alias; the message lists what there is.
        """
        versions = self.versions(name)
        if reference in versions:
            return reference
        version = self.aliases(name).get(reference)
        if version not in versions:
            raise self._not_found(name, reference)
        return version

    def _folder(self, name: str) -> Path:
        check_name("a model name", name)
        return self.root / name

    def _versions(self, folder: Path) -> list[str]:
        names = (path.name for path in entries_of(folder) if _VERSION.fullmatch(path.name) and path.is_dir())
        return sorted(names, key=int)

    def _lack(self) -> str:
        if self.root.is_dir():
            return "is empty"
        return "is not a folder" if self.root.exists() else "does not exist"

    def _not_found(self, name: str, reference: str) -> ModelNotFound:
        versions, aliases = self.versions(name), self.aliases(name)
        known = [*versions, *(f"{alias} ({version})" for alias, version in aliases.items())]
        got = f"{reference!r} (expected it without NAME/)" if "/" in reference else repr(reference)
        return ModelNotFound(
            f"{name} has no version or alias {got}; it has {', '.join(known)}",
            name=name,
            reference=reference,
            versions=versions,
            aliases=aliases,
        )


def check_name(what: str, name: str) -> None:
    """Refuse a string that cannot be the name of a model or an alias.

    Raises
    ------
    InvalidInput
    """
    if not _NAME.fullmatch(name):
        raise InvalidInput(f"{what} must match {_NAME.pattern}, got {name!r}", expected=_NAME.pattern, got=name)
