"""Joins corrections and models: reads all corrections as examples for the networks that serve."""

from __future__ import annotations

from contextlib import closing
from pathlib import Path

from app.corrections import CorrectionStore
from app.database import Database
from app.ensemble import Choice, load_ensemble
from app.ocr import TaughtGlyph, TaughtRow, load_taught
from app.store import ModelStore


def load_lessons(
    database_url: str, state: Path, store: ModelStore, choice: Choice
) -> tuple[list[TaughtGlyph], list[TaughtRow]]:
    """Read all corrections as training examples; none if the store has no model for glyphs.

    Parameters
    ----------
    database_url, state : where corrections and their pictures are kept
    choice : the models of `store` that read; characters that they do not know are left out

    Raises
    ------
    InvalidInput, DatabaseFailed : as `Database` raises them; and what `load_ensemble` raises.
    """
    with closing(Database(database_url)) as database:
        corrections = CorrectionStore(database, state).list()
    if not corrections or choice.glyphs.name not in store.names():
        return [], []
    return load_taught(corrections, load_ensemble(store, choice).reader)
