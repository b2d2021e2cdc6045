"""Writing so that a reader, or a power cut, meets the old state or the new one and nothing between."""

from __future__ import annotations

import json
import os
import shutil
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any
from uuid import uuid4

from app.durable_files import FRESH, sync_folder
from app.errors import CorruptModel, StoreUnwritable

if sys.platform != "win32":
    import fcntl

_STAGING = ".staging-"  # names that begin so are looked at by nobody but their writer


def to_json(document: Mapping[str, Any]) -> bytes:
    """Encode for people and machines: indented UTF-8, keys in their own order, no NaN (which JSON does not have).

    Raises
    ------
    TypeError, ValueError : something in the document has no JSON form.
    """
    return (json.dumps(document, indent=2, ensure_ascii=False, allow_nan=False) + "\n").encode()


def append_durably(path: Path, content: bytes) -> int:
    """Put `content` behind what is in a file, which is made if need be; returns how long it was before.

    If the system refuses, the file is as it was.
    """
    is_new = not path.exists()
    with path.open("ab") as file:
        length = file.tell()
        try:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        except BaseException:
            cut_durably(path, length)
            raise
    if is_new:
        sync_folder(path.parent)
    return length


def cut_durably(path: Path, length: int) -> None:
    """Leave the first `length` bytes of a file; without any, no file."""
    if length:
        os.truncate(path, length)
        with path.open("rb+") as file:
            os.fsync(file.fileno())
    else:
        path.unlink()
    sync_folder(path.parent)


@contextmanager
def writing_to(folder: Path) -> Iterator[None]:
    """Turn whatever the system has against writing below `folder` into a `StoreUnwritable` that says what it is."""
    try:
        yield
    except OSError as exc:
        reason = exc.strerror or str(exc)
        raise StoreUnwritable(f"cannot write to {folder}: {reason}", folder=str(folder), reason=reason) from exc


@contextmanager
def staging_folder(parent: Path) -> Iterator[Path]:
    """Make a hidden folder in `parent` to prepare something in; what is still there at the end is removed.

    So are `parent` and the folders above it, if they had to be made for this and nothing came of it. After a crash the
    hidden folder stays behind. It holds nothing that anybody looks at, so deleting it by hand is safe.
    """
    made = [folder for folder in (parent, *parent.parents) if not folder.exists()]
    staging = parent / f"{_STAGING}{uuid4().hex}"
    try:
        staging.mkdir(parents=True)
        yield staging
    finally:
        shutil.rmtree(staging, ignore_errors=True)
        with suppress(OSError):  # a folder that is not empty stays, and all above it
            for folder in made:
                folder.rmdir()


def is_left_over(path: Path) -> bool:
    """Tell whether a writer works in this file or folder, or did when it was stopped."""
    return path.name.startswith((_STAGING, FRESH))


def entries_of(folder: Path) -> list[Path]:
    """List what is in a folder, by name; nothing is in one that does not exist.

    Raises
    ------
    CorruptModel : the system does not let us look.
    """
    try:
        return sorted(folder.iterdir())
    except (FileNotFoundError, NotADirectoryError):
        return []
    except OSError as exc:
        raise CorruptModel(f"{folder}: expected a folder that can be read, got {exc.strerror}") from exc


@contextmanager
def exclusive(folder: Path) -> Iterator[None]:
    """Let one thread of one process at a time in; the lock ends with its holder, however that ends.

    Windows has no such lock: there, two writers at the same moment may lose one of two changes, but never corrupt them.
    """
    with (folder / ".lock").open("wb") as file:
        if sys.platform != "win32":
            fcntl.flock(file, fcntl.LOCK_EX)
        yield
