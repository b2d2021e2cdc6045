"""A store with networks that are built and not trained, and imagined writers who write little."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest

from app.datasets import char_extents
from app.datasets.sources.synthetic import SPLITS
from app.ocr import build_network
from app.store import ModelStore
from app.training.epochs.row_data import ROW_ALPHABET
from tests.conftest import TINY_ROWS

TINY_CHARS = "147EFy"
TINY_GLYPHS: dict[str, Any] = {"name": "glyph-cnn", "stages": [[4], [8]], "hidden": 16, "dropout": 0.1}


def publish_tiny(store: ModelStore, name: str, network: dict[str, Any], chars: str, classes: int) -> None:
    """Publish a network, and make it the champion."""
    built = build_network({**network, "classes": classes}, np.random.default_rng(1))
    card = {
        "architecture": {**network, "classes": classes},
        "alphabet": chars,
        "calibration": {"temperature": 1.5},
        "confusion": {"counts": np.eye(classes, dtype=int).tolist()},
        "char_extents": char_extents(chars.replace(" ", "")),
    }
    store.set_alias(name, "champion", store.publish(name, built.arrays(), card).version)


def tiny_store(root: Path) -> ModelStore:
    """Publish both networks that read."""
    store = ModelStore(root)
    publish_tiny(store, "handprint", TINY_GLYPHS, TINY_CHARS, len(TINY_CHARS))
    publish_tiny(store, "rows", TINY_ROWS, ROW_ALPHABET.chars, len(ROW_ALPHABET) + 1)
    return store


def write_little(patch: pytest.MonkeyPatch) -> None:
    """Let imagined writers write less, so that it takes less long."""
    patch.setitem(SPLITS, "train", (101, 8, 12))
    patch.setitem(SPLITS, "valid", (102, 4, 2))
    patch.setattr("app.training.measuring.row_measure._COMPOSED_ROWS", 20)
