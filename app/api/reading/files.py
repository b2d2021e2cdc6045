"""Reads the files of a request one after the other; one that cannot be read does not spoil the others."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from hashlib import sha256

from fastapi import UploadFile

from app.api.observing.observation import observation
from app.api.serving.turns import Checkpoint
from app.errors import InvalidInput, TooManyFiles
from app.formats import Sheet
from app.ocr import Reader, Reading, ReadOptions
from app.vision import DecodeLimits


@dataclass(frozen=True)
class Unreadable:
    """A page that could not be read: its file, its number there, and why."""

    file: str
    number: int
    why: InvalidInput


def read_files(
    files: Sequence[UploadFile],
    reader: Reader,
    options: ReadOptions,
    limits: DecodeLimits,
    *,
    most_files: int,
    checkpoint: Checkpoint,
    keep: Callable[[Reading, str, bytes], Sheet] | None = None,
) -> Iterator[Sheet | Unreadable]:
    """Read files page by page, as the iterator comes to them. In the place of what cannot be read is an `Unreadable`.

    Parameters
    ----------
    checkpoint : called before every stage; whatever it raises ends the reading
    keep : makes the sheet of a page that is to be kept, given the page, the name of its file, and the file's content

    Raises
    ------
    TooManyFiles : more than `most_files`; none was opened.
    InvalidInput : no file can be read with these options, see `Reader.permitted`; none was opened.
    """
    if len(files) > most_files:
        detail = f"expected at most {most_files} files, got {len(files)}"
        raise TooManyFiles(detail, limit=most_files, actual=len(files))
    reader.permitted(options)

    def read_file(file: UploadFile) -> Iterator[Sheet | Unreadable]:
        name, number = file.filename or "", 0
        try:
            content = file.file.read()
            observation().images.append(sha256(content).hexdigest())
            readings = reader.read_pages(content, options, limits=limits, checkpoint=checkpoint)
            for reading in readings:
                number = reading.picture.number
                yield Sheet(reading, name) if keep is None else keep(reading, name, content)
        except InvalidInput as exc:
            yield Unreadable(name, options.pages.after(number) or number, exc)

    return (result for file in files for result in read_file(file))
