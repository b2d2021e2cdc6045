"""The models in service: loaded once, shared by all requests."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import lru_cache, partial
from typing import Any

from app.ensemble import Choice, Helpers, version_of
from app.ocr import Reader
from app.store import ModelStore

_OTHERS = 2  # versions kept beside the one in service, each of some megabytes


@dataclass(frozen=True)
class Serving:
    """A reader and what answers say of it: ``name``, ``version``, ``digest`` and ``alias`` of its model for glyphs.

    Under ``rows`` and ``language`` stands the same of these models, None where there is none.
    """

    reader: Reader
    model: Mapping[str, Any]


class _Generation:
    """Models that serve together. It never changes, so no request can mix old and new ones."""

    def __init__(self, store: ModelStore, choice: Choice, helpers: Helpers) -> None:
        load = partial(_load, store, choice.glyphs.name, helpers)  # without `self`, so that all is freed with it
        self.helpers = helpers
        self.serving = load(choice.glyphs.wanted)
        self.versions = (self.serving.model["version"], *helpers.versions)
        self._other = lru_cache(_OTHERS)(load)

    def find(self, version: str) -> Serving:
        return self.serving if version == self.serving.model["version"] else self._other(version)


def _load(store: ModelStore, name: str, helpers: Helpers, reference: str) -> Serving:
    loaded = helpers.around(store.load(name, reference))
    return Serving(loaded.reader, loaded.models)


class Models:
    """The versions in service, and the last few others that requests asked for.

    Parameters
    ----------
    store : any process may publish there and move aliases
    choice : what serves, by aliases or by numbers
    threads : as of `Helpers`

    Raises
    ------
    ModelNotFound, CorruptModel, UnknownArchitecture : it is not there, was damaged, or is for another release.
    """

    def __init__(self, store: ModelStore, choice: Choice, threads: int) -> None:
        self._store, self._choice, self._threads = store, choice, threads
        self._generation = _Generation(store, choice, Helpers(store, choice, threads))

    @property
    def serving(self) -> Serving:
        """What serves now; it may be another one at the next call."""
        return self._generation.serving

    def find(self, reference: str | None) -> Serving:
        """Return a version by its number or by an alias, as it stands at this moment; None returns that in service.

        Raises
        ------
        ModelNotFound, CorruptModel, UnknownArchitecture : as at the start; what is in service stays so.
        """
        generation = self._generation
        if reference is None:
            return generation.serving
        version = self._store.resolve(self._choice.glyphs.name, reference)
        found = generation.find(version)
        return replace(found, model={**found.model, "alias": None if reference == version else reference})

    def catch_up(self) -> bool:
        """Serve the versions that the aliases stand for now, and tell whether these are others than before.

        All of them are loaded before anything changes. Requests under way end with the models they began with, which
        are freed after that.

        Raises
        ------
        AppError : it cannot be loaded; what is in service stays so.
        """
        wanted = tuple(version_of(self._store, reference) for reference in self._choice.references)
        now = self._generation
        if wanted == now.versions:
            return False
        # The glyph network changes most often, and the row network takes ten times as long to load: it is kept.
        is_same = wanted[1:] == now.helpers.versions
        helpers = now.helpers if is_same else Helpers(self._store, self._choice, self._threads)
        self._generation = _Generation(self._store, self._choice, helpers)
        return True
