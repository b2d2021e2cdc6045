"""Model versions on disk: publish, list, load, verify; knows arrays, not networks."""

from app.store.store import CHAMPION, INITIAL_FILE, MODEL_FILE, ModelStore, StoredModel, Version

__all__ = ["CHAMPION", "INITIAL_FILE", "MODEL_FILE", "ModelStore", "StoredModel", "Version"]
