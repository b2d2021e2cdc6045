"""From a trained network to a version in the store."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from app.store import ModelStore, Version
from app.training.epochs.glyph_data import GlyphDataset
from app.training.epochs.loop import Run
from app.training.epochs.row_data import RowDataset
from app.training.publishing.card import describe


def publish_run(store: ModelStore, run: Run, data: GlyphDataset | RowDataset) -> Version:
    """Measure a trained network on the validation writers and publish it under its recipe's name; no alias moves."""
    return publish_with_card(store, run, describe(run, data))


def publish_with_card(store: ModelStore, run: Run, card: Mapping[str, Any]) -> Version:
    """Publish a trained network, and its first layer as it was before training, with a card that is made already."""
    first_weight = next(iter(run.network.params))
    initial = {first_weight: run.initial[first_weight]}
    return store.publish(run.recipe.model, run.trained().arrays(), card, initial=initial)
