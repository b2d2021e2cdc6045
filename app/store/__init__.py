"""Model versions on disk: publish, list, load, verify; knows arrays, not networks."""

from app.store.aliases import CANDIDATE, CHAMPION, PREVIOUS
from app.store.card import INITIAL_FILE, MODEL_FILE, OWNED_KEYS
from app.store.checks import Finding
from app.store.lineage import lineage
from app.store.store import ModelStore, StoredModel, Version

__all__ = [
    "CANDIDATE",
    "CHAMPION",
    "INITIAL_FILE",
    "MODEL_FILE",
    "OWNED_KEYS",
    "PREVIOUS",
    "Finding",
    "ModelStore",
    "StoredModel",
    "Version",
    "lineage",
]
