"""Where model versions live: ``root/<name>/<version>/`` with safetensors files and a card, and movable aliases.

A version appears whole or not at all and never changes, so readers need no lock and may keep what they have loaded.
"""

from __future__ import annotations

import errno
import json
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from numpy.typing import NDArray

from app.errors import CorruptModel, InvalidInput, ModelNotFound, ShapeMismatch
from app.store.card import (
    CARD_FILE,
    OWNED_KEYS,
    Arrays,
    Card,
    describe_arrays,
    describe_file,
    encode_arrays,
    read_arrays,
    read_card,
)
from app.store.disk import exclusive, replace_durably, staging_folder, sync_folder, to_json, write_durably

MODEL_FILE = "model.safetensors"
INITIAL_FILE = "initial.safetensors"
ALIASES_FILE = "aliases.json"
CHAMPION = "champion"  # the alias of the version that serves

_NAME = re.compile(r"[a-z][a-z0-9_-]*")
_VERSION = re.compile(r"[1-9][0-9]*")


@dataclass(frozen=True)
class Version:
    """A published version. ``digest`` is "sha256:" and the hex digest of its model file."""

    name: str
    version: str
    digest: str
    card: Card


@dataclass(frozen=True)
class StoredModel:
    """A version with its arrays, which are read-only; ``alias`` is the name it was asked for by, if that was one."""

    name: str
    version: str
    digest: str
    alias: str | None
    card: Card
    arrays: Arrays

    @property
    def reference(self) -> dict[str, str | None]:
        """Which model this is, as every answer says it."""
        return {"name": self.name, "version": self.version, "digest": self.digest, "alias": self.alias}


def _utc_now() -> datetime:
    return datetime.now(UTC)


class ModelStore:
    """Model versions below one folder.

    Any number of threads and processes may read and publish at the same time.

    Parameters
    ----------
    root : the folder; made when something is first published
    now : the clock that dates new versions; must return an aware datetime
    """

    def __init__(self, root: Path, *, now: Callable[[], datetime] = _utc_now) -> None:
        self.root = root
        self._now = now

    def publish(self, name: str, arrays: Arrays, card: Card, *, initial: Arrays | None = None) -> Version:
        """Add a version under the next whole number.

        Parameters
        ----------
        name : lower-case letters, digits, "_" and "-", beginning with a letter
        arrays : the trained weights by name; not changed
        card : what the model says of itself, in JSON's types; the store adds ``name``, ``version``, ``created``,
            ``files`` and ``arrays``
        initial : weights before training, for all or some of `arrays`

        Raises
        ------
        InvalidInput : a bad name, a card that is not JSON or claims one of the store's own keys, an unusable dtype.
        ShapeMismatch : an initial array has no trained one of its shape and dtype.
        """
        folder = self._folder(name)
        contents = {MODEL_FILE: encode_arrays(arrays)}
        described = describe_arrays(arrays)
        if initial is not None:
            _check_initial(describe_arrays(initial), described)
            contents[INITIAL_FILE] = encode_arrays(initial)
        if claimed := [key for key in OWNED_KEYS if key in card]:
            raise InvalidInput(f"the store itself writes {', '.join(claimed)} into a card", keys=claimed)
        owned = {
            "name": name,
            "version": "",  # known once the folder has its number
            "created": self._now().astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ"),
            "files": {file: describe_file(content) for file, content in contents.items()},
            "arrays": described,
        }
        _card_bytes({**owned, **card})  # before anything is written

        folder.mkdir(parents=True, exist_ok=True)
        with staging_folder(folder) as staging:
            for file, content in contents.items():
                write_durably(staging / file, content)
            while True:
                version = str(max(map(int, self._versions(folder)), default=0) + 1)
                content = _card_bytes({**owned, "version": version, **card})
                write_durably(staging / CARD_FILE, content)
                sync_folder(staging)
                try:
                    staging.rename(folder / version)
                except OSError as exc:
                    if exc.errno not in (errno.EEXIST, errno.ENOTEMPTY):
                        raise
                    continue  # someone else took this number since we looked
                break
        sync_folder(folder)
        published = json.loads(content)
        return Version(name, version, _digest(published), published)

    def load(self, name: str, reference: str = CHAMPION) -> StoredModel:
        """Read a version, given its number or an alias, and verify every byte of its weights.

        Raises
        ------
        ModelNotFound : there is no such name, version or alias; the message lists what there is.
        CorruptModel : the weights are not those that were published; the message names file, expected and got.
        """
        version = self.resolve(name, reference)
        card = self.card(name, version)
        arrays = read_arrays(self._folder(name) / version / MODEL_FILE, card, all_of_them=True)
        alias = None if reference == version else reference
        return StoredModel(name, version, _digest(card), alias, card, arrays)

    def load_initial(self, name: str, reference: str = CHAMPION) -> dict[str, NDArray[Any]]:
        """Read the weights from before training, with the errors of `load`; not every version has them."""
        version = self.resolve(name, reference)
        card = self.card(name, version)
        if INITIAL_FILE not in card["files"]:
            raise ModelNotFound(f"{name} {version} was published without initial weights", name=name, version=version)
        return read_arrays(self._folder(name) / version / INITIAL_FILE, card, all_of_them=False)

    def names(self) -> list[str]:
        """List the models that have a version."""
        if not self.root.is_dir():
            return []
        return sorted(path.name for path in self.root.iterdir() if _NAME.fullmatch(path.name) and self._versions(path))

    def versions(self, name: str) -> list[str]:
        """List the versions of a model, oldest first."""
        if versions := self._versions(self._folder(name)):
            return versions
        names = self.names()
        there_is = f"there is {', '.join(names)}" if names else "the store is empty"
        raise ModelNotFound(f"no model {name!r}; {there_is}", name=name, names=names)

    def card(self, name: str, version: str) -> dict[str, Any]:
        """Read what a version says of itself: the card as it was published, with the store's own keys."""
        if version not in self.versions(name):
            raise self._not_found(name, version)
        return read_card(self._folder(name) / version / CARD_FILE, name, version)

    def aliases(self, name: str) -> dict[str, str]:
        """Tell which version each alias of a model stands for."""
        self.versions(name)
        path = self._folder(name) / ALIASES_FILE
        try:
            aliases = json.loads(path.read_bytes())
        except FileNotFoundError:
            return {}
        except ValueError as exc:
            raise CorruptModel(f"{name}/{ALIASES_FILE}: expected JSON, got {exc}", name=name) from exc
        if not isinstance(aliases, dict) or not all(isinstance(version, str) for version in aliases.values()):
            raise CorruptModel(f"{name}/{ALIASES_FILE}: expected versions by alias, got {aliases}", name=name)
        return aliases

    def set_alias(self, name: str, alias: str, reference: str) -> str:
        """Let an alias stand for a version, given its number or another alias; returns the version.

        Raises
        ------
        InvalidInput : a bad alias.
        ModelNotFound : there is no such name, version or alias.
        """
        _check_name("an alias", alias)
        self.versions(name)
        folder = self._folder(name)
        with exclusive(folder):
            version = self.resolve(name, reference)
            aliases = {**self.aliases(name), alias: version}
            replace_durably(folder / ALIASES_FILE, to_json(dict(sorted(aliases.items()))))
        return version

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
        _check_name("a model name", name)
        return self.root / name

    def _versions(self, folder: Path) -> list[str]:
        if not folder.is_dir():
            return []
        return sorted(
            (path.name for path in folder.iterdir() if _VERSION.fullmatch(path.name) and path.is_dir()), key=int
        )

    def _not_found(self, name: str, reference: str) -> ModelNotFound:
        versions, aliases = self.versions(name), self.aliases(name)
        known = [*versions, *(f"{alias} ({version})" for alias, version in aliases.items())]
        return ModelNotFound(
            f"{name} has no version or alias {reference!r}; there is {', '.join(known)}",
            name=name,
            reference=reference,
            versions=versions,
            aliases=aliases,
        )


def _check_name(what: str, name: str) -> None:
    if not _NAME.fullmatch(name):
        raise InvalidInput(f"{what} must match {_NAME.pattern}, got {name!r}", expected=_NAME.pattern, got=name)


def _check_initial(initial: Mapping[str, Any], trained: Mapping[str, Any]) -> None:
    for name, description in initial.items():
        if description != trained.get(name):
            raise ShapeMismatch(f"initial array {name!r}: expected {trained.get(name)}, got {description}", array=name)


def _card_bytes(card: Card) -> bytes:
    try:
        return to_json(card)
    except (TypeError, ValueError) as exc:
        raise InvalidInput(f"a card holds JSON's types only: {exc}") from exc


def _digest(card: Card) -> str:
    return f"sha256:{card['files'][MODEL_FILE]['sha256']}"
