"""Model versions on disk: publish, list, load, verify; knows arrays, not networks."""

from app.store.aliases import CANDIDATE, CHAMPION, PREVIOUS
from app.store.card import INITIAL_FILE, OWNED_KEYS
from app.store.checks import Finding
from app.store.lineage import lineage
from app.store.moves import LOG_FILE, AliasState, Move, MoveKind, Occasion
from app.store.store import ModelStore
from app.store.versions import StoredModel, Version

__all__ = [
    "CANDIDATE",
    "CHAMPION",
    "INITIAL_FILE",
    "LOG_FILE",
    "OWNED_KEYS",
    "PREVIOUS",
    "AliasState",
    "Finding",
    "ModelStore",
    "Move",
    "MoveKind",
    "Occasion",
    "StoredModel",
    "Version",
    "lineage",
]
