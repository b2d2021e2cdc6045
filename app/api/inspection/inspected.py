"""The versions that are looked into, and what was computed of them."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable, Hashable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Any, TypeVar

from fastapi import Depends, Request
from pydantic import Field

from app.api.queries import Strict
from app.api.serving.turns import Checkpoint
from app.errors import DatasetNotFound, InvalidInput
from app.ocr import is_network
from app.store import CHAMPION, ModelStore, StoredModel, Version
from app.training.measuring.cases import Cases
from app.training.measuring.evaluation_sets import SYNTHETIC, EvaluationSplit, is_at_hand, make_cases

_KEPT = 6  # results, the largest of which (12,000 glyphs) takes some 20 MB

Result = TypeVar("Result")


class VersionQuery(Strict):
    """Which version is looked into."""

    model: str | None = Field(
        default=None,
        min_length=1,
        max_length=128,
        description="`NAME`, which is its champion, `NAME/VERSION` or `NAME/ALIAS`; that in service if not given.",
    )


class SplitQuery(VersionQuery):
    """Which version is looked into, and on what."""

    split: EvaluationSplit | None = Field(
        default=None,
        description="`valid` and `test` are those of the data that the card names, `synthetic` is what imagined "
        "writers wrote, which is always at hand. Without it: what the card or the data folder has, `valid` first.",
    )


@dataclass(frozen=True)
class Chosen:
    """A version, and the alias that it was asked for by, None if it was asked for by its number."""

    version: Version
    alias: str | None

    @property
    def card(self) -> Mapping[str, Any]:
        """What the version says of itself."""
        return self.version.card

    @property
    def reference(self) -> dict[str, str | None]:
        """Which model this is, as every answer says it."""
        return self.version.known_as(self.alias)

    @property
    def title(self) -> str:
        """Name and version, for a picture."""
        return f"{self.version.name}/{self.version.version}"

    def is_final_on(self, split: str | None) -> bool:
        """Whether figures on a split never change: those of a version named by its number, on imagined writers.

        The files of all other data may come and go, so may the split that is chosen if none is named.
        """
        return split == SYNTHETIC and self.alias is None

    def title_on(self, split: str) -> str:
        """Name and version, and on whose writing it was measured, for a picture."""
        data = self.card.get("data", {}).get("name") or "its data"
        whose = "imagined writers" if SYNTHETIC in (split, data) else f"{data}, split {split}"
        return f"{self.title} on {whose}"


class Inspector:
    """Looks into any version of a store; what is computed of one is kept for a while.

    Parameters
    ----------
    store : versions in it never change
    data : folder of all data sets
    default : NAME/REF of the version that is meant if none is named
    """

    def __init__(self, store: ModelStore, data: Path, default: str) -> None:
        self.store = store
        self._data = data
        self._default = default
        self._kept: OrderedDict[Hashable, Any] = OrderedDict()

    def choose(self, reference: str | None) -> Chosen:
        """Find a version by NAME, which is its champion, NAME/VERSION or NAME/ALIAS.

        Raises
        ------
        InvalidInput : this is no name.
        ModelNotFound : there is no such name, version or alias.
        """
        name, slash, wanted = (reference or self._default).partition("/")
        if slash and not wanted:
            raise InvalidInput(f"model: expected NAME, NAME/VERSION or NAME/ALIAS, got {reference!r}")
        wanted = wanted or CHAMPION
        version = self.store.describe(name, wanted)
        return Chosen(version, None if wanted == version.version else wanted)

    def load(self, chosen: Chosen) -> StoredModel:
        """Read a network with its weights, with the errors of `ModelStore.load`.

        Raises
        ------
        InvalidInput : the version is no network; a store holds other models, too.
        """
        if not is_network(chosen.card):
            raise InvalidInput(f"model: expected a network that can be looked into, got {chosen.title}, which is none")
        about = chosen.version
        return self.kept(("model", about.name, about.version), lambda: self.store.load(about.name, about.version))

    def has_cases(self, chosen: Chosen, split: str) -> bool:
        """Tell whether there is a split for a version to read."""
        return is_at_hand(chosen.card, split, self._data)

    def cases(self, chosen: Chosen, split: EvaluationSplit | None, checkpoint: Checkpoint) -> tuple[str, Cases]:
        """Let a version read an evaluation set, with the errors of `make_cases`; returns the split, too.

        Parameters
        ----------
        split : None is ``valid`` where its data are at hand, and ``synthetic`` elsewhere
        """
        if split is None:
            try:
                return self.cases(chosen, "valid", checkpoint)
            except (DatasetNotFound, InvalidInput):
                split = SYNTHETIC
        model = self.load(chosen)
        key = ("cases", model.name, model.version, split)
        try:
            return split, self.kept(key, lambda: make_cases(model.card, model.arrays, split, self._data, checkpoint))
        except DatasetNotFound as exc:  # whose text tells where it was looked for, which is nobody's business
            detail = f"the data of {chosen.title} are not at hand; the split {SYNTHETIC} needs none"
            raise DatasetNotFound(detail, split=split) from exc

    def kept(self, key: Hashable, make: Callable[[], Result]) -> Result:
        """Return what was made under a key, or make it and keep it; the least lately used goes first.

        To be called by one thread at a time, see `InspectionTurnDep`.
        """
        if key not in self._kept:
            made = make()
            self._kept[key] = made
            while len(self._kept) > _KEPT:
                self._kept.popitem(last=False)
        self._kept.move_to_end(key)
        result: Result = self._kept[key]
        return result


def get_inspector(request: Request) -> Inspector:
    """Hand out the application's inspector."""
    inspector: Inspector = request.app.state.inspector
    return inspector


InspectorDep = Annotated[Inspector, Depends(get_inspector)]
