"""One correction as it is kept."""

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
    box : where in the picture; None: it shows nothing else
    seen : what the networks see of it; for whoever teaches them
    details : whatever else is to be told of it, of JSON's types. Of a part of a page, ``on_page`` tells which ``page``
        that is (SHA-256 of the file, and the number), and has all ``chars`` with the boxes of their ink there
    created_by : id of a key, None if it took none
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
        """The page that it is a part of, as ``on_page`` tells it; None: it is no part of one."""
        on_page = self.details.get("on_page")
        return on_page and on_page["page"]


def correction_id(level: Level, image: str, box: Sides | None) -> str:
    """Name a place of a picture: whoever corrects it again, corrects the same.

    Parameters
    ----------
    image : SHA-256 of the picture's file
    """
    return sha256(json.dumps([str(level), image, box]).encode()).hexdigest()
