"""Writing so that a reader, or a power cut, meets the old state or the new one and nothing between."""

from __future__ import annotations

import json
import os
import shutil
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from uuid import uuid4

if sys.platform != "win32":
    import fcntl


def to_json(document: Mapping[str, Any]) -> bytes:
    """Encode for people and machines: indented UTF-8, keys in their own order, no NaN (which JSON does not have).

    Raises
    ------
    TypeError, ValueError : something in the document has no JSON form.
    """
    return (json.dumps(document, indent=2, ensure_ascii=False, allow_nan=False) + "\n").encode()


def write_durably(path: Path, content: bytes) -> None:
    """Write a file and return only when it has reached the disk."""
    with path.open("wb") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())


def replace_durably(path: Path, content: bytes) -> None:
    """Put `content` in the place of `path` in one step."""
    fresh = path.with_name(f".{path.name}-{uuid4().hex}")
    try:
        write_durably(fresh, content)
        fresh.replace(path)
    except BaseException:
        fresh.unlink(missing_ok=True)
        raise
    sync_folder(path.parent)


@contextmanager
def staging_folder(parent: Path) -> Iterator[Path]:
    """Make a hidden folder in `parent` to prepare something in; what is still there at the end is removed.

    After a crash it stays behind. It holds nothing that anybody looks at, so deleting it by hand is safe.
    """
    staging = parent / f".staging-{uuid4().hex}"
    staging.mkdir()
    try:
        yield staging
    finally:
        shutil.rmtree(staging, ignore_errors=True)


def sync_folder(folder: Path) -> None:
    """Make new and renamed entries of a folder durable, where the system can do so (Windows cannot)."""
    if sys.platform != "win32":
        descriptor = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(descriptor)
        finally:
            os.close(descriptor)


@contextmanager
def exclusive(folder: Path) -> Iterator[None]:
    """Let one thread of one process at a time in; the lock ends with its holder, however that ends.

    Windows has no such lock: there, two writers at the same moment may lose one of two changes, but never corrupt them.
    """
    with (folder / ".lock").open("wb") as file:
        if sys.platform != "win32":
            fcntl.flock(file, fcntl.LOCK_EX)
        yield
