"""Writing files so that after a power cut each is either as it was before, or whole and new."""

from __future__ import annotations

import os
import sys
from pathlib import Path
from uuid import uuid4

FRESH = ".fresh-"
"""How the names of files begin that are being written, or whose writer was interrupted."""


def write_durably(path: Path, content: bytes) -> None:
    """Write a file and return only when it has reached the disk."""
    with path.open("wb") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())


def replace_durably(path: Path, content: bytes) -> None:
    """Replace a file, or make it, in one step."""
    fresh = path.with_name(f"{FRESH}{path.name}-{uuid4().hex}")
    try:
        write_durably(fresh, content)
        fresh.replace(path)
    except BaseException:
        fresh.unlink(missing_ok=True)
        raise
    sync_folder(path.parent)


def sync_folder(folder: Path) -> None:
    """Make new and renamed entries of a folder durable, where the system can do so (Windows cannot)."""
    if sys.platform != "win32":
        descriptor = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(descriptor)
        finally:
            os.close(descriptor)
