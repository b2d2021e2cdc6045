"""The ancestors of a version: the one its training started from, the one that that one started from, and so on."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from app.errors import CorruptModel, InvalidInput, ModelNotFound
from app.store.store import ModelStore
from app.store.versions import Version


def lineage(store: ModelStore, model: Version) -> tuple[str, ...]:
    """Return the digests of a version and of its ancestors, the nearest first.

    A card names its ``start`` by model and digest. The line ends at a version that started from nothing, or whose
    start is no longer in the store.
    """
    digests = [model.digest]
    card: Mapping[str, Any] = model.card
    while (start := card.get("start")) and start["digest"] not in digests:
        digests.append(start["digest"])
        try:
            ancestor = store.describe(*start["model"].split("/"))
        except (ModelNotFound, InvalidInput, CorruptModel):
            break
        if ancestor.digest != start["digest"]:  # another version has got its number since
            break
        card = ancestor.card
    return tuple(digests)
