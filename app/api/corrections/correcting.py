"""Make a correction, as it is kept, of what a person says is written at a place of a page."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterator, Mapping
from contextlib import closing
from dataclasses import dataclass, fields
from datetime import UTC, datetime
from io import BytesIO
from typing import Any

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from app.api.corrections.sent import CorrectionOfPage
from app.api.places import box_of, parse_box, part_of_page
from app.api.serving.models import Serving
from app.api.serving.turns import Checkpoint
from app.corrections import LONGEST_TEXT, Correction, KeptPage, Level, correction_id, digest_of
from app.errors import InvalidInput
from app.ocr import Lesson, Page, Reader, ReadOptions, Word, correct_glyph, correct_image, correct_row
from app.vision import Box, DecodeLimits, PageRange, Picture, Segmentation, View, cut_region, decode_pages, segment

_PIECES_OF_A_GLYPH = 4  # at most: two for an i or an equals sign, and two for a broken stroke and a speck
_CHARS_OF_A_GLYPH = 2  # at most, that one glyph is misread as: a K as |<


@dataclass(frozen=True)
class Wanted:
    """What somebody says: which text is written at which place of which page.

    Attributes
    ----------
    number : of the page in the file, from 1
    box : as `parse_box` reads it; None: all of the page
    level : None: a glyph if the text is one character, otherwise a row
    read_as : what was read there, if the sender told it
    read_page : how the page was read before, as the entry ``page`` of its reading; None if it was not
    """

    file: bytes
    text: str
    number: int = 1
    box: str | Box | None = None
    level: Level | None = None
    read_as: str | None = None
    read_page: Mapping[str, Any] | None = None


@dataclass(frozen=True)
class _Example:
    """The part of a page that is kept, and the lesson it holds.

    Attributes
    ----------
    grey : the picture that is kept
    region : where on the page the picture was; None: it is the whole page
    box : where in the picture the writing is; None: all of it
    read : what was read there, if that is known
    """

    lesson: Lesson
    grey: NDArray[np.uint8]
    region: Box | None
    box: Box | None
    read: str | None
    details: Mapping[str, Any]


def make_correction(
    wanted: Wanted, serving: Serving, limits: DecodeLimits, checkpoint: Checkpoint, created_by: str | None
) -> tuple[Correction, bytes]:
    """Align the text to the ink at its place, and cut that out of its page: return the correction, and its picture.

    Raises
    ------
    InvalidInput : the page cannot be read, there is nothing or too much at the place, or the text cannot be what is
        there.
    """
    text = _cleaned(wanted.text)
    level = wanted.level or (Level.GLYPH if len(text) == 1 else Level.ROW)
    if level is Level.GLYPH and wanted.box is None:
        example = _image_of_glyph(wanted, text, serving.reader, limits)
    else:
        example = _part_of_page(wanted, text, level, serving.reader, limits, checkpoint)
    file, box, region = to_png(example.grey), example.box, example.region
    image = digest_of(file)
    return Correction(
        id=correction_id(level, image, box),
        level=level,
        text=text,
        read_as=wanted.read_as if wanted.read_as is not None else example.read,
        image=image,
        box=box and (box.top, box.left, box.bottom, box.right),
        seen=example.lesson.pack(),
        details={"models": _versions(serving.model), "region": region and list(region), **example.details},
        created_at=datetime.now(UTC),
        created_by=created_by,
    ), file


def _image_of_glyph(wanted: Wanted, text: str, reader: Reader, limits: DecodeLimits) -> _Example:
    """Take the whole image as one glyph."""
    picture = decode_page(wanted.file, wanted.number, limits)
    _refuse_page(picture)
    lesson = correct_image(reader, picture, text)
    return _Example(lesson, picture.grey, region=None, box=None, read=lesson.read, details={})


def _part_of_page(
    wanted: Wanted, text: str, level: Level, reader: Reader, limits: DecodeLimits, checkpoint: Checkpoint
) -> _Example:
    picture, found, page = _look(wanted, reader, limits, checkpoint)
    place = _place(wanted.box, picture)
    lesson = (correct_glyph if level is Level.GLYPH else correct_row)(reader, found, picture, place, text)
    if level is Level.GLYPH and page is not None:
        _refuse_several(page, place, text)
    read = _read_there(page, place) or lesson.read
    details = {"on_page": _on_page(wanted, lesson)}
    cut = cut_region(picture, lesson.box)
    lesson = lesson.placed(cut.inside)
    return _Example(lesson, cut.grey, region=cut.box, box=lesson.box, read=read, details=details)


def wanted_of_page(sent: CorrectionOfPage, page: KeptPage, file: bytes) -> Wanted:
    """Return the same for a correction that names a place of a kept page.

    Raises
    ------
    InvalidInput : the page has no such place.
    """
    part = part_of_page(page.reading, sent.row, sent.word, sent.glyph)
    return Wanted(
        file,
        sent.text,
        number=page.number,
        box=box_of(part["box"]),
        level=Level.ROW if sent.glyph is None else Level.GLYPH,
        read_as=part.get("text", part.get("char")),
        read_page=page.reading["page"],
    )


def _on_page(wanted: Wanted, lesson: Lesson) -> dict[str, Any]:
    """Note which ink of which page shows which character, so that contradictory corrections can be found."""
    chars = [(char.char, char.box and tuple(char.box)) for char in lesson.chars]
    return {"page": f"{digest_of(wanted.file)}/{wanted.number}", "chars": chars}


def _cleaned(text: str) -> str:
    """Compose accents with their letters, and make one space of any white space."""
    cleaned = " ".join(unicodedata.normalize("NFC", text).split())
    if not 1 <= len(cleaned) <= LONGEST_TEXT:
        raise InvalidInput(f"text: expected 1 to {LONGEST_TEXT} characters that are no spaces, got {len(cleaned)}")
    return cleaned


def decode_page(file: bytes, number: int, limits: DecodeLimits) -> Picture:
    """Decode one page of a file, by its number from 1."""
    with closing(decode_pages(file, limits, PageRange.parse(str(number)))) as pages:
        return next(pages)


def _refuse_page(picture: Picture) -> None:
    pieces = sum(len(row.pieces) for row in segment(picture.grey).rows)
    if pieces > _PIECES_OF_A_GLYPH:
        detail = (
            f"expected an image of one glyph, or a box around one, got no box and an image with {pieces} pieces of ink"
        )
        raise InvalidInput(detail)


def _refuse_several(page: Page, place: Box, text: str) -> None:
    """Refuse one character as the text of a box in which more were read than one glyph can be misread as."""
    words = ("".join(glyph.char for glyph in word.glyphs if _lies_in(place, glyph.box)) for word in _words(page))
    read = " ".join(filter(None, words))
    if len(read.replace(" ", "")) > _CHARS_OF_A_GLYPH:
        detail = (
            f"text: expected what is written in the box, which reads {read!r}, got {text!r}: that is one character; "
            "a glyph takes a box around it alone"
        )
        raise InvalidInput(detail, read=read, text=text)


def _words(page: Page) -> Iterator[Word]:
    return (word for row in page.rows for word in row.words)


def _lies_in(place: Box, box: Box) -> bool:
    """Tell whether the middle of a box lies in a place."""
    x, y = (box.left + box.right) / 2, (box.top + box.bottom) / 2
    return place.left <= x < place.right and place.top <= y < place.bottom


def _look(
    wanted: Wanted, reader: Reader, limits: DecodeLimits, checkpoint: Checkpoint
) -> tuple[Picture, Segmentation, Page | None]:
    """Return a picture, its rows of ink, and what is read there; None for the last if the page was read before."""
    how = wanted.read_page
    if how is None:
        options = ReadOptions(pages=PageRange.parse(str(wanted.number)))
        reading = next(reader.read_pages(wanted.file, options, limits=limits, checkpoint=checkpoint))
        return reading.picture, reading.found, reading.page
    picture = decode_page(wanted.file, wanted.number, limits)
    checkpoint()
    # Pages kept by earlier releases tell less of how they were looked at.
    view = View(**{each.name: how[each.name] for each in fields(View) if each.name in how})
    return picture, segment(picture.grey, view), None


def _place(box: str | Box | None, picture: Picture) -> Box:
    if box is None:
        return Box(0, 0, picture.height, picture.width)
    return box if isinstance(box, Box) else parse_box(box, picture)


def _read_there(page: Page | None, place: Box) -> str | None:
    """Return what was read in exactly this box, if it is that of a row, a word or a glyph."""
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
