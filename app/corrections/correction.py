"""One stored correction."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from hashlib import sha256
from typing import Any, TypeAlias

Sides: TypeAlias = tuple[int, int, int, int]
"""Top, left, bottom and right of a box in pixels."""


LONGEST_TEXT = 1000
"""Characters that may be corrected at once."""


class Level(StrEnum):
    """How much was corrected."""

    GLYPH = "glyph"
    ROW = "row"


@dataclass(frozen=True)
class Correction:
    """What somebody says is really written at a place.

    Attributes
    ----------
    id : see `correction_id`
    image : SHA-256 of the picture's file
    box : where in the picture; None if the picture shows nothing else
    seen : the inputs of the networks, as `app.ocr.Lesson` packs them
    details : anything else, in JSON's types. If the picture is a part of a page, ``on_page`` has the ``page`` (SHA-256
        of the file, and its number there) and all ``chars`` with the boxes of their ink on it
    created_by : id of the key; None if no key was needed
    """

    id: str
    level: Level
    text: str
    read_as: str | None
    image: str
    box: Sides | None
    seen: bytes = field(repr=False)
    details: Mapping[str, Any]
    created_at: datetime
    created_by: str | None

    @property
    def page(self) -> str | None:
        """The page that the picture is a part of, as in ``on_page``; None if it is not."""
        on_page = self.details.get("on_page")
        return on_page and on_page["page"]


def correction_id(level: Level, image: str, box: Sides | None) -> str:
    """Return the id of a place of a picture, the same for every correction of that place.

    Parameters
    ----------
    image : SHA-256 of the picture's file
    """
    return sha256(json.dumps([str(level), image, box]).encode()).hexdigest()
