"""Finding a place on a page: by the numbers of its row, word and glyph in an answer of ``/ocr``, or by a box."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Any

from app.errors import InvalidInput
from app.ocr import Page
from app.vision import Box, Picture


def part_of_page(reading: Mapping[str, Any], row: int, word: int | None, glyph: int | None) -> Mapping[str, Any]:
    """Return a row, a word or a glyph of a reading, by its numbers from 0.

    Parameters
    ----------
    reading : a page as ``/ocr`` answers it
    word, glyph : None to return the row, or the word

    Raises
    ------
    InvalidInput : the page has no such place.
    """
    part = _numbered("row", reading["rows"], row, "page")
    if word is not None:
        part = _numbered("word", part["words"], word, "row")
        if glyph is not None:
            part = _numbered("glyph", part["glyphs"], glyph, "word")
    return part


def _numbered(what: str, parts: Sequence[Mapping[str, Any]], number: int, whole: str) -> Mapping[str, Any]:
    if not 0 <= number < len(parts):
        if not parts:
            raise InvalidInput(f"{what}: expected none, as the {whole} has no {what}s, got {number}")
        count = f"{len(parts)} {what}{'' if len(parts) == 1 else 's'}"
        expected = "0" if len(parts) == 1 else f"0 to {len(parts) - 1}"
        raise InvalidInput(f"{what}: expected {expected}, as the {whole} has {count}, got {number}")
    return parts[number]


def box_of(sides: Mapping[str, int]) -> Box:
    """Read a box as answers have it."""
    return Box(sides["top"], sides["left"], sides["bottom"], sides["right"])


def parse_box(text: str, page: Page | Picture) -> Box:
    """Read ``left,top,right,bottom``, or an object of JSON with these members.

    Raises
    ------
    InvalidInput : these are not four whole numbers, or no box on the page.
    """
    left, top, right, bottom = _sides(text)
    if not (left < right <= page.width and top < bottom <= page.height):
        size = f"{page.width} x {page.height}"
        raise InvalidInput(f"box: expected left < right and top < bottom on a page of {size} pixels, got {text!r}")
    return Box(top, left, bottom, right)


def _sides(text: str) -> list[int]:
    if text.lstrip().startswith("{"):
        try:
            sides = json.loads(text)
        except ValueError:
            sides = {}
        found = [sides.get(side) for side in ("left", "top", "right", "bottom")]
        if sides.keys() <= {"left", "top", "right", "bottom"} and all(
            type(side) is int and side >= 0 for side in found
        ):
            return found
    else:
        parts = text.split(",")
        if len(parts) == 4 and all(part.strip().isdecimal() for part in parts):
            return [int(part) for part in parts]
    raise InvalidInput(f"box: expected left,top,right,bottom in whole pixels, got {text!r}")
