"""A store of corrections in an empty folder, on each of the databases."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from app.corrections import Correction, CorrectionStore, KeptPage, KeptPages, Level, correction_id, digest_of

NOON = datetime(2026, 11, 28, 12, tzinfo=UTC)


@pytest.fixture
def folder(tmp_path):
    return tmp_path / "images"


@pytest.fixture
def store(database, tmp_path):
    return CorrectionStore(database, tmp_path)


@dataclass
class Clock:
    """Tells the time that a test wants."""

    now: datetime = NOON

    def __call__(self) -> datetime:
        return self.now


@pytest.fixture
def clock():
    return Clock()


@pytest.fixture
def pages(database, tmp_path, clock):
    return KeptPages(database, tmp_path, clock)


def a_correction(picture: bytes, text: str = "A", **changes: Any) -> Correction:
    """Correct all of a picture."""
    image, level = digest_of(picture), changes.get("level", Level.GLYPH)
    values = {
        "id": correction_id(level, image, changes.get("box")),
        "level": level,
        "text": text,
        "read_as": "B",
        "image": image,
        "box": None,
        "seen": b"\0seen",
        "details": {"model": "handprint/1"},
        "created_at": NOON,
        "created_by": "key",
    }
    return Correction(**{**values, **changes})


def a_page(page_id: str, picture: bytes, *rows: list[list[float]], days: float = 7) -> KeptPage:
    """Keep a page; `rows` has the confidences of the glyphs of each word."""
    reading = {"rows": [{"words": [{"glyphs": [{"confidence": p} for p in word]} for word in row]} for row in rows]}
    return KeptPage(page_id, digest_of(picture), 1, reading, NOON, NOON + timedelta(days=days), None)


def files_in(folder: Path) -> set[str]:
    """Name all files below a folder."""
    return {path.name for path in folder.rglob("*") if path.is_file()}
