"""The pages that every format is written from, and what several formats share."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import partial
from typing import Any

from app.errors import InvalidInput
from app.ocr import Page, Reading

# What read the pages: ``name``, ``version``, ``digest`` and ``alias``, and under each of HELPERS the same of a further
# model, or None.
Model = Mapping[str, Any]
HELPERS = ("rows", "language")

# Characters that XML 1.0 cannot hold, not even escaped (section 2.2), with the lone surrogates that stand for the
# undecodable bytes of a file name.
_UNWRITABLE = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


@dataclass(frozen=True)
class Sheet:
    """A page that was read, and where it comes from.

    Attributes
    ----------
    reading : the page, and for formats that show it the picture with what was found there
    file : name of the file; written into the answer, never opened
    read_at : when it was read, with its time zone
    """

    reading: Reading
    file: str
    read_at: datetime = field(default_factory=partial(datetime.now, UTC))

    @property
    def page(self) -> Page:
        return self.reading.page

    @property
    def number(self) -> int:
        """The number of the page in its file, from 1."""
        return self.reading.picture.number

    @property
    def name(self) -> str:
        """The file's name, with U+FFFD for characters that some format could not hold."""
        return writable(self.file)


def writable(text: str) -> str:
    """Replace the characters that no XML document may hold by U+FFFD."""
    return _UNWRITABLE.sub("\ufffd", text)


def only_sheet(sheets: Iterable[Sheet], format_name: str) -> Sheet:
    """Return the only sheet, for formats of one page.

    Raises
    ------
    InvalidInput : there are more; the third and later ones are not asked for.
    """
    remaining = iter(sheets)
    only = next(remaining)
    if (second := next(remaining, None)) is not None:
        # Each file counts its pages anew.
        got = "several files: send one" if second.number <= only.number else "more: choose one by pages= or --pages"
        raise InvalidInput(f"{format_name} holds one page, got {got}, or ask for another format", format=format_name)
    return only


def percent(confidence: float) -> float:
    """Return a probability on Tesseract's scale: 0 to 100, with two decimals."""
    return round(100 * confidence, 2)


def described(model: Model) -> str:
    """Name the models that read a page, in one line."""
    models = filter(None, (model, *map(model.get, HELPERS)))
    return ", ".join(" ".join(filter(None, (each["name"], each["version"], each["digest"]))) for each in models)
