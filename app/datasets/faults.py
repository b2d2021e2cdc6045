"""Errors about files, each of which names its file."""

from __future__ import annotations

from pathlib import Path

from app.errors import DamagedDataset, DatasetNotFound


def damaged(path: Path, what: str, line: int | None = None) -> DamagedDataset:
    """Return the error that something is wrong with a file or folder, or in a line of it; `what` says what."""
    place = path if line is None else f"{path}, line {line}"
    return DamagedDataset(f"{place}: {what}", path=str(path))


def no_such_file(path: Path, what: str) -> DatasetNotFound:
    """Return the error that a file is not there; `what` says what it was to hold."""
    return DatasetNotFound(f"expected {what} at {path}, found no such file", path=str(path))
