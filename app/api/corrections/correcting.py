"""From what a person sent to a correction as it is kept."""

from __future__ import annotations

import logging
import unicodedata
from collections.abc import Mapping
from contextlib import closing
from dataclasses import dataclass
from datetime import UTC, datetime
from io import BytesIO
from typing import Any

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from app.api.corrections.sent import CorrectionOfPage
from app.api.inspection.explaining import numbered, parse_box
from app.api.serving.models import Serving
from app.api.serving.turns import Checkpoint
from app.corrections import LONGEST_TEXT, Correction, KeptPage, Level, correction_id, digest_of
from app.errors import CorruptCorrection, InvalidInput
from app.ocr import Lesson, Outline, Page, ReadOptions, correct_glyph, correct_image, correct_row
from app.vision import (
    Box,
    DecodeLimits,
    PageRange,
    Picture,
    Segmentation,
    cut_region,
    decode_pages,
    made_upright,
    segment,
)

_log = logging.getLogger(__name__)

_PIECES_OF_A_GLYPH = 4  # broken strokes and specks included


@dataclass(frozen=True)
class Wanted:
    """What somebody says: at which place of which page what is written.

    Attributes
    ----------
    number : of the page in the file, from 1
    box : as `parse_box` reads it; None: all of the page
    level : None: a glyph if the text is one character
    orientation_deg, slant : of its writing, as of `Page`, if the page was read before; otherwise None, and 0
    """

    file: bytes
    text: str
    number: int = 1
    box: str | Box | None = None
    level: Level | None = None
    read_as: str | None = None
    orientation_deg: int | None = None
    slant: float = 0.0


@dataclass(frozen=True)
class _Seen:
    """A page as the networks see it; `page` is None if nobody read it."""

    picture: Picture
    found: Segmentation
    page: Page | None


def make_correction(
    wanted: Wanted, serving: Serving, limits: DecodeLimits, checkpoint: Checkpoint, created_by: str | None
) -> tuple[Correction, bytes]:
    """Align what somebody says to what is there, and cut it out of its page: the correction, and its picture.

    Raises
    ------
    InvalidInput : the page cannot be read, there is nothing or too much at the place, or the text cannot be what is
        there.
    """
    text = _cleaned(wanted.text)
    level = wanted.level or (Level.GLYPH if len(text) == 1 else Level.ROW)
    reader = serving.reader
    box: Box | None
    on_page = {}
    if level is Level.GLYPH and wanted.box is None:
        picture = _decode(wanted.file, wanted.number, limits)
        _refuse_page(picture)
        lesson = correct_image(reader, picture, text)
        grey, region, box, read = picture.grey, None, None, lesson.read
    else:
        seen = _look(wanted, serving, limits, checkpoint)
        place = _place(wanted.box, seen.picture)
        correct = correct_glyph if level is Level.GLYPH else correct_row
        lesson = correct(reader, seen.found, seen.picture, place, text)
        read = _read_there(seen.page, place) or lesson.read
        on_page = {"on_page": _on_page(wanted, lesson)}
        cut = cut_region(seen.picture, lesson.box)
        lesson = lesson.placed(cut.inside)
        grey, region, box = cut.grey, cut.box, lesson.box
    file = to_png(grey)
    image = digest_of(file)
    details = {"models": _versions(serving.model), "region": region and list(region), **on_page}
    return Correction(
        id=correction_id(level, image, box),
        level=level,
        text=text,
        read_as=wanted.read_as if wanted.read_as is not None else read,
        image=image,
        box=box and (box.top, box.left, box.bottom, box.right),
        seen=lesson.pack(),
        details=details,
        created_at=datetime.now(UTC),
        created_by=created_by,
    ), file


def wanted_of_page(sent: CorrectionOfPage, page: KeptPage, file: bytes) -> Wanted:
    """Return what is wanted where somebody names a place of a kept page.

    Raises
    ------
    InvalidInput : the page has no such place.
    """
    part = part_of_page(page, sent.row, sent.word, sent.glyph)
    return Wanted(
        file,
        sent.text,
        page.number,
        box_of(part["box"]),
        Level.ROW if sent.glyph is None else Level.GLYPH,
        part.get("text", part.get("char")),
        page.reading["page"]["orientation_deg"],
        page.reading["page"].get("slant", 0.0),  # earlier releases did not tell it
    )


def part_of_page(page: KeptPage, row: int, word: int | None, glyph: int | None) -> Mapping[str, Any]:
    """Return what was read at a place of a kept page.

    Raises
    ------
    InvalidInput : the page has no such place.
    """
    part: Mapping[str, Any] = numbered("row", page.reading["rows"], row, "page")
    if word is not None:
        part = numbered("word", part["words"], word, "row")
        if glyph is not None:
            part = numbered("glyph", part["glyphs"], glyph, "word")
    return part


def decode_kept(page: KeptPage, file: bytes, limits: DecodeLimits) -> Picture:
    """Decode a kept page; `file` is that which it came in."""
    return _decode(file, page.number, limits)


def box_of(sides: Mapping[str, int]) -> Box:
    """Read a box as answers have it."""
    return Box(sides["top"], sides["left"], sides["bottom"], sides["right"])


def as_document(correction: Correction, root_path: str) -> dict[str, Any]:
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
        "teaches": {
            "glyphs": sum(char.is_taught for char in chars),
            "rows": int(has_row),
        },
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


def _on_page(wanted: Wanted, lesson: Lesson) -> dict[str, Any]:
    """Say on which page which ink shows which character, by which contradictions are found."""
    chars = [(char.char, char.box and tuple(char.box)) for char in lesson.chars]
    return {"page": f"{digest_of(wanted.file)}/{wanted.number}", "chars": chars}


def _cleaned(text: str) -> str:
    """Compose accents, and let one space stand for any white."""
    cleaned = " ".join(unicodedata.normalize("NFC", text).split())
    if not 1 <= len(cleaned) <= LONGEST_TEXT:
        raise InvalidInput(f"text: expected 1 to {LONGEST_TEXT} characters that are no spaces, got {len(cleaned)}")
    return cleaned


def _decode(file: bytes, number: int, limits: DecodeLimits) -> Picture:
    with closing(decode_pages(file, limits, PageRange.parse(str(number)))) as pages:
        return next(pages)


def _refuse_page(picture: Picture) -> None:
    pieces = sum(len(row.pieces) for row in segment(picture.grey).rows)
    if pieces > _PIECES_OF_A_GLYPH:
        detail = (
            f"expected an image of one glyph, or a box around one, got no box and an image with {pieces} pieces of ink"
        )
        raise InvalidInput(detail)


def _look(wanted: Wanted, serving: Serving, limits: DecodeLimits, checkpoint: Checkpoint) -> _Seen:
    if wanted.orientation_deg is not None:  # it was read before
        picture = _decode(wanted.file, wanted.number, limits)
        checkpoint()
        found = segment(picture.grey, wanted.orientation_deg)
        return _Seen(picture, made_upright(found, wanted.slant) if wanted.slant else found, None)
    options = ReadOptions(pages=PageRange.parse(str(wanted.number)))
    reading = next(serving.reader.read_pages(wanted.file, options, limits=limits, checkpoint=checkpoint))
    return _Seen(reading.picture, reading.found, reading.page)


def _place(box: str | Box | None, picture: Picture) -> Box:
    if box is None:
        return Box(0, 0, picture.height, picture.width)
    return box if isinstance(box, Box) else parse_box(box, picture)


def _read_there(page: Page | None, place: Box) -> str | None:
    """Return what was read in just this box, if that is a row, a word or a glyph."""
    if page is None:
        return None
    for row in page.rows:
        if row.box == place:
            return row.text
        for word in row.words:
            if word.box == place and len(word.glyphs) > 1:
                return word.text
            for glyph in word.glyphs:
                if glyph.box == place:
                    return glyph.char
    return None


def to_png(grey: NDArray[np.uint8]) -> bytes:
    """Encode an image (H, W) as it is kept."""
    file = BytesIO()
    Image.fromarray(grey).save(file, "PNG")
    return file.getvalue()


def _versions(model: Mapping[str, Any]) -> dict[str, str]:
    return {each["name"]: each["version"] for each in (model, model.get("rows")) if each}
