"""The shape of corrections and of what is kept for review: filled, and for their documentation."""

from __future__ import annotations

import logging
from datetime import datetime
from typing import Any

from pydantic import BaseModel, Field

from app.api.reading.schemas import AlternativeOut, BoxOut, Confidence
from app.corrections import Correction, Level
from app.errors import CorruptCorrection
from app.ocr import Lesson, Outline
from app.vision import Box

_log = logging.getLogger(__name__)


class TaughtCharOut(BaseModel):
    """A character of the text, aligned to its ink."""

    char: str
    box: BoxOut | None = Field(description="In pixels of the kept image; null if its ink cannot be told.")
    taught: bool = Field(description="Whether it is surely this character, and so teaches the network for glyphs.")


class TeachesOut(BaseModel):
    """How much the networks learn from a correction."""

    glyphs: int = Field(description="Examples for the network that names glyphs.")
    rows: int = Field(description="Examples for the network that spells rows.")


class CorrectionOut(BaseModel):
    """What is really written at a place."""

    id: str = Field(description="Hangs on the image, the box and the level alone: the same place has the same id.")
    level: Level
    text: str
    read_as: str | None = Field(description="What was read there.")
    image: str = Field(description="Address of the part of the page that is kept, with the margin that reading needs.")
    box: BoxOut | None = Field(description="The writing, in pixels of that image; null: all of it.")
    region: BoxOut | None = Field(description="Where on the page that image was, in pixels of the upload.")
    glyphs: list[TaughtCharOut] = Field(description="Of the text, spaces left out.")
    teaches: TeachesOut
    models: dict[str, str] = Field(description="The versions that saw and aligned it, by name.")
    created_at: datetime
    created_by: str | None = Field(description="Id of the key.")


def correction_document(correction: Correction, root_path: str) -> dict[str, Any]:
    """Return a correction in JSON's types."""
    chars, has_row = _outline(correction)
    region = correction.details.get("region")
    return {
        "id": correction.id,
        "level": str(correction.level),
        "text": correction.text,
        "read_as": correction.read_as,
        "image": f"{root_path}/corrections/{correction.id}/image",
        "box": correction.box and Box(*correction.box).sides(),
        "region": region and Box(*region).sides(),
        "glyphs": [
            {"char": char.char, "box": char.box and char.box.sides(), "taught": char.is_taught} for char in chars
        ],
        "teaches": {"glyphs": sum(char.is_taught for char in chars), "rows": int(has_row)},
        "models": correction.details.get("models", {}),
        "created_at": correction.created_at.isoformat(),
        "created_by": correction.created_by,
    }


def _outline(correction: Correction) -> Outline:
    """Return what a correction is about; of one that cannot be read nothing. A list has too many to unpack pixels."""
    try:
        return Lesson.outline(correction.seen)
    except CorruptCorrection as exc:
        _log.warning("correction %s: %s", correction.id, exc.detail)
        return Outline((), has_row=False)


class CorrectionsOut(BaseModel):
    """A part of the corrections, the newest first."""

    items: list[CorrectionOut]
    next_cursor: str | None = Field(description="Begins the next part; null on the last.")


class ReviewItemOut(BaseModel):
    """A glyph that nobody has looked at yet."""

    page: str = Field(description="Id of the kept page.")
    row: int
    word: int
    glyph: int
    char: str
    confidence: Confidence
    alternatives: list[AlternativeOut]
    box: BoxOut = Field(description="In pixels of the upload.")
    row_text: str
    image: str = Field(description="Address of a picture of the glyph among its neighbours.")
    row_image: str = Field(description="Address of a picture of its row.")
    expires_at: datetime = Field(description="When the page is deleted.")


class ReviewOut(BaseModel):
    """A part of what there is to be looked at, the least sure first."""

    items: list[ReviewItemOut]
    next_cursor: str | None = Field(description="Begins the next part; null on the last.")


class KeptPageOut(BaseModel):
    """A page that is kept for review."""

    page: str
    number: int = Field(description="In the uploaded file, from 1.")
    text: str
    created_at: datetime
    expires_at: datetime
    reading: dict[str, object] = Field(description="As `/ocr` has answered it.")
