"""Export and import of corrections: a zip of the pictures, and a line for each correction in ``corrections.jsonl``."""

from __future__ import annotations

import json
import zipfile
from base64 import b64decode, b64encode
from collections.abc import Callable, Iterable, Iterator
from datetime import UTC, datetime
from typing import IO, Any

from app.corrections.correction import LONGEST_TEXT, Correction, Level, correction_id
from app.corrections.image_files import digest_of
from app.errors import InvalidInput

_LINES = "corrections.jsonl"
_MOST_BYTES = 64 * 1024**2  # of one picture; ours are far smaller
_MOST_PX = 2**31 - 1  # from the edge of a page; formats of images know no larger ones
_LONGEST_PAGE = 80  # characters: a digest and a number
_MOST_BYTES_OF_LINES = 2 * 1024**3


def write_archive(file: IO[bytes], corrections: Iterable[Correction], picture: Callable[[str], bytes]) -> None:
    """Write corrections.

    Parameters
    ----------
    picture : returns the file of a digest
    """
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive:
        lines, written = [], set()
        for correction in corrections:
            lines.append(json.dumps(_to_document(correction), ensure_ascii=False) + "\n")
            if correction.image not in written:
                written.add(correction.image)
                # A picture is compressed already.
                archive.writestr(_name(correction.image), picture(correction.image), zipfile.ZIP_STORED)
        archive.writestr(_LINES, "".join(lines))


def read_archive(file: IO[bytes]) -> Iterator[tuple[Correction, bytes]]:
    """Read corrections with their pictures, in the order in which they were written.

    Raises
    ------
    InvalidInput : the file is no such archive, or is damaged.
    """
    try:
        with zipfile.ZipFile(file) as archive:
            for number, line in enumerate(_content(archive, _LINES, _MOST_BYTES_OF_LINES).decode().splitlines(), 1):
                correction = _from_document(line, number)
                picture = _content(archive, _name(correction.image), _MOST_BYTES)
                if digest_of(picture) != correction.image:
                    raise InvalidInput(f"{_name(correction.image)}: expected a picture of this digest, got another")
                yield correction, picture
    except (zipfile.BadZipFile, KeyError, UnicodeDecodeError) as exc:
        raise InvalidInput(f"expected a zip of corrections as they are exported, got another file: {exc}") from exc


def _name(digest: str) -> str:
    return f"images/{digest}.png"


def _content(archive: zipfile.ZipFile, name: str, most_bytes: int) -> bytes:
    if archive.getinfo(name).file_size > most_bytes:
        raise InvalidInput(f"{name}: expected at most {most_bytes} bytes, got {archive.getinfo(name).file_size}")
    return archive.read(name)


def _to_document(correction: Correction) -> dict[str, Any]:
    return {
        **vars(correction),
        "seen": b64encode(correction.seen).decode(),
        "created_at": correction.created_at.isoformat(),
    }


def _from_document(line: str, number: int) -> Correction:
    try:
        match json.loads(line):
            case {
                "id": str(id_),
                "level": str(level),
                "text": str(text),
                "read_as": None | str() as read_as,
                "image": str(image),
                "box": None | [int(), int(), int(), int()] as box,
                "seen": str(seen),
                "details": dict(details),
                "created_at": str(created_at),
                **others,
            }:
                sides = None if box is None else (box[0], box[1], box[2], box[3])
                if id_ != correction_id(Level(level), image, sides):
                    raise ValueError("its id is not that of its place")
                by = others.get("created_by")
                at = datetime.fromisoformat(created_at).astimezone(UTC)
                taught = b64decode(seen, validate=True)
                _require_place(details.get("on_page"))
                return Correction(
                    id_, Level(level), text, read_as, image, sides, taught, details, at, None if by is None else str(by)
                )
            case _:
                raise ValueError("members are missing, or of another type")
    except ValueError as exc:
        raise InvalidInput(f"{_LINES}, line {number}: expected a correction, got something else: {exc}") from exc


def _require_place(on_page: Any) -> None:
    """Raise ValueError for what `app.corrections.same_ink` could not compare with later corrections of the page."""
    match on_page:
        case None:
            return
        case {"page": str(page), "chars": list(chars)} if len(page) <= _LONGEST_PAGE and len(chars) <= LONGEST_TEXT:
            if all(map(_is_char, chars)):
                return
    raise ValueError(
        f"on_page: expected a page (at most {_LONGEST_PAGE} characters) and at most {LONGEST_TEXT} chars, each with a "
        "box or null"
    )


def _is_char(char: Any) -> bool:
    match char:
        case [str(), None]:
            return True
        case [str(), [*sides]]:
            return len(sides) == 4 and all(type(side) is int and abs(side) <= _MOST_PX for side in sides)
    return False
