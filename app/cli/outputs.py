"""The files of results: one for each file that was read, which appears whole or not at all."""

from __future__ import annotations

import json
import os
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from itertools import chain, count
from pathlib import Path
from typing import Any, BinaryIO

from app.cli.reading.inputs import Input
from app.cli.shell import NO_ROOM
from app.errors import AppError, InvalidInput, NoRoomLeft


def plan_outputs(folder: Path, inputs: Sequence[Input], suffix: str) -> list[Path]:
    """Give each input a file of its own below a folder, none of which is an input.

    ``scan.png`` becomes ``scan.txt``; if another input has that, ``scan.png.txt``, then ``scan-2.txt``. Files of
    an earlier run will be replaced.
    """
    taken = {_identity(item.path) for item in inputs}
    outputs = []
    for item in inputs:
        path = next(path for path in _candidates(folder / item.place, suffix) if _identity(path) not in taken)
        taken.add(_identity(path))
        outputs.append(path)
    return outputs


@contextmanager
def opened_whole(path: Path) -> Iterator[BinaryIO]:
    """Open a file for writing, in a folder that exists; an interruption leaves the old file.

    Links and devices are written to, not replaced.

    Raises
    ------
    InvalidInput : the system refuses.
    NoRoomLeft : the disk is full.
    """
    part = path.with_name(f".{path.name}.{os.getpid()}")
    try:
        if path.is_symlink() or (path.exists() and not path.is_file()):
            with path.open("wb") as file:
                yield file
            return
        try:
            with part.open("wb") as file:
                yield file
            part.replace(path)
        finally:
            part.unlink(missing_ok=True)
    except OSError as exc:
        raise _refused(path, exc) from exc


def write_whole(path: Path, content: bytes) -> None:
    """Write a file, and what folders it needs, as `opened_whole` does.

    Raises
    ------
    InvalidInput, NoRoomLeft : as there.
    """
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
    except OSError as exc:
        raise _refused(path, exc) from exc
    with opened_whole(path) as file:
        file.write(content)


def check_place(folder: Path) -> None:
    """Refuse a folder for results if a file has its name, or that of a folder above it.

    Raises
    ------
    InvalidInput : a file is in the way, or the system refuses to look, as with too long a name.
    """
    try:
        place = next(place for place in (folder, *folder.parents) if place.exists())  # at the latest "." or "/"
    except OSError as exc:
        raise InvalidInput(f"cannot write to {folder}: {exc.strerror}") from exc
    if not place.is_dir():
        raise InvalidInput(f"expected a folder for the output, got the file {place}")


def check_folder(file: Path | None) -> None:
    """Refuse a file for results if its folder does not exist, before a long run begins."""
    if file is not None and not file.parent.is_dir():
        raise InvalidInput(f"cannot write {file}; there is no folder {file.parent}")


def write_json(path: Path, document: Any) -> None:
    """Write a document for programs, as `write_whole` does."""
    write_whole(path, (json.dumps(document, indent=1, ensure_ascii=False) + "\n").encode())


def _refused(path: Path, exc: OSError) -> AppError:
    """A full disk is nobody's input; most else, such as a folder in the way, is mended by naming another place."""
    kind = NoRoomLeft if exc.errno in NO_ROOM else InvalidInput
    return kind(f"cannot write {path}: {exc.strerror or exc}")


def _candidates(place: Path, suffix: str) -> Iterator[Path]:
    names = (f"{place.stem}-{number}{suffix}" for number in count(2))
    for name in chain([place.stem + suffix, place.name + suffix], names):
        yield place.with_name(name)


def _identity(path: Path) -> str:
    return str(path.resolve()).casefold()  # some file systems take a.txt and A.txt for one
