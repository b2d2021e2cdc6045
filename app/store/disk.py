"""Writing to a model's folder so that readers, and what is left after a power cut, see the old state or the new one."""

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

_STAGING = ".staging-"  # nobody but its writer looks at a folder whose name begins so


def to_json(document: Mapping[str, Any]) -> bytes:
    """Encode a document as indented UTF-8, keys in their own order, without NaN, which JSON does not have.

    Raises
    ------
    TypeError, ValueError : something in the document has no JSON form.
    """
    return (json.dumps(document, indent=2, ensure_ascii=False, allow_nan=False) + "\n").encode()


def append_durably(path: Path, content: bytes) -> int:
    """Append to a file, which is made if there is none, and return how long it was before.

    If the system refuses to write, the file is as it was.
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
    """Cut a file down to its first `length` bytes, or delete it if that is 0."""
    if length:
        os.truncate(path, length)
        with path.open("rb+") as file:
            os.fsync(file.fileno())
    else:
        path.unlink()
    sync_folder(path.parent)


@contextmanager
def writing_to(folder: Path) -> Iterator[None]:
    """Turn an OSError within the ``with`` into a `StoreUnwritable` that names the folder and the reason."""
    try:
        yield
    except OSError as exc:
        reason = exc.strerror or str(exc)
        raise StoreUnwritable(f"cannot write to {folder}: {reason}", folder=str(folder), reason=reason) from exc


@contextmanager
def staging_folder(parent: Path) -> Iterator[Path]:
    """Make a hidden folder in `parent` in which to prepare something; unless it was renamed, it is removed at the end.

    `parent` and the folders above it are removed as well if they were made for this and are empty. After a crash the
    hidden folder stays behind. Nobody looks into it, so it may be deleted by hand.
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
    """Tell whether a file or folder is the unfinished work of a writer, at work now or interrupted."""
    return path.name.startswith((_STAGING, FRESH))


def entries_of(folder: Path) -> list[Path]:
    """List a folder, sorted by name; one that does not exist is empty.

    Raises
    ------
    CorruptModel : the system does not let us read it.
    """
    try:
        return sorted(folder.iterdir())
    except (FileNotFoundError, NotADirectoryError):
        return []
    except OSError as exc:
        raise CorruptModel(f"{folder}: expected a folder that can be read, got {exc.strerror}") from exc


@contextmanager
def exclusive(folder: Path) -> Iterator[None]:
    """Lock a folder: one thread of one process at a time. The lock is freed even if its holder is killed.

    Windows has no such lock. There, of two changes made at the same moment one may be lost, but nothing is corrupted.
    """
    with (folder / ".lock").open("wb") as file:
        if sys.platform != "win32":
            fcntl.flock(file, fcntl.LOCK_EX)
        yield
