"""What people corrected, as the networks that serve see it."""

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
    """Read all corrections; there is none for a store without a model for glyphs.

    Parameters
    ----------
    database_url, state : where they are kept
    choice : of `store`, what reads; characters that it does not know are left out

    Raises
    ------
    InvalidInput, DatabaseFailed : as of `Database`; and what `load_ensemble` raises.
    """
    with closing(Database(database_url)) as database:
        corrections = CorrectionStore(database, state).list()
    if not corrections or choice.glyphs.name not in store.names():
        return [], []
    return load_taught(corrections, load_ensemble(store, choice).reader)
