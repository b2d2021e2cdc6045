"""Find the files that a command line names."""

from __future__ import annotations

import glob
import os
import sys
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from stat import S_ISREG
from typing import BinaryIO

from app.errors import InvalidInput, NotFound

# Files in folders and those that match patterns must have one of these; a file that is named itself need not.
SUFFIXES = (".jpg", ".jpeg", ".png", ".webp", ".tif", ".tiff", ".bmp", ".gif", ".heic", ".heif", ".pdf")
_STDIN = Path("-")
_MOST_BYTES = 1024**3  # as many pages as are read of one file by default, of 10 MB each
_CHUNK_BYTES = 1024**2


@dataclass(frozen=True)
class Input:
    """A file to read, and its path below the folder that was named; "-" is standard input."""

    path: Path
    place: Path

    def read(self) -> bytes:
        """Read all of the file.

        Raises
        ------
        NotFound, InvalidInput : it is not there, cannot be read, or is too long. A device or a pipe may have no end, or
            keep waiting; only standard input may be one.
        """
        if self.path == _STDIN:
            return _read_whole(sys.stdin.buffer)
        try:
            if not S_ISREG(self.path.stat().st_mode):
                raise InvalidInput("expected a regular file, or - for standard input, got something else")
            with self.path.open("rb") as file:
                return _read_whole(file)
        except FileNotFoundError as exc:
            raise NotFound("there is no such file") from exc
        except OSError as exc:
            raise InvalidInput(f"the file cannot be read: {exc.strerror}") from exc


def _read_whole(file: BinaryIO) -> bytes:
    content = bytearray()
    while chunk := file.read(_CHUNK_BYTES):
        content += chunk
        if len(content) > _MOST_BYTES:
            raise InvalidInput(f"expected at most {_MOST_BYTES} bytes, got more")
    return bytes(content)


def find_inputs(argument: str) -> Iterator[Input]:
    """Find the files of one argument: a file, a folder with all folders below it, or a pattern.

    Raises
    ------
    NotFound : nothing matches the pattern, or the folder holds no image.
    InvalidInput : a folder cannot be looked into; all that can be found comes first.
    """
    path = Path(argument)
    # os.path answers False for what the system refuses to look at, such as too long a name, where Path would raise: the
    # error comes when the file is opened.
    if os.path.isdir(argument):  # noqa: PTH112
        yield from _images_of([path], f"there is no image in this folder ({', '.join(SUFFIXES)})")
    elif glob.has_magic(argument) and not os.path.exists(argument):  # noqa: PTH110
        # A pattern that the shell has not expanded.
        found = map(Path, glob.glob(argument, recursive=True))  # noqa: PTH207  # Path.glob takes no absolute pattern
        yield from _images_of(sorted(found), f"no image matches ({', '.join(SUFFIXES)})")
    else:
        yield Input(path, Path("stdin" if path == _STDIN else path.name))


def _images_of(places: Iterable[Path], if_none: str) -> Iterator[Input]:
    """Yield the images among some files and below some folders; `if_none` is the detail of `NotFound`."""
    found = False
    closed: list[OSError] = []
    for place in places:
        below = _files_below(place, closed.append) if place.is_dir() else [Input(place, Path(place.name))]
        for item in below:
            if item.path.name.lower().endswith(SUFFIXES):
                found = True
                yield item
    if closed:
        raise InvalidInput("; ".join(f"the folder {exc.filename} cannot be read: {exc.strerror}" for exc in closed))
    if not found:
        raise NotFound(if_none)


def _files_below(folder: Path, on_closed: Callable[[OSError], None]) -> Iterator[Input]:
    """Walk through a folder in the order of names, without hidden files and folders."""
    for parent, folders, names in os.walk(folder, onerror=on_closed):
        folders[:] = sorted(name for name in folders if not name.startswith("."))
        for name in sorted(names):
            if not name.startswith("."):
                path = Path(parent, name)
                yield Input(path, path.relative_to(folder))
