"""Errors about files, each of which names its file."""

from __future__ import annotations

from pathlib import Path

from app.errors import DamagedDataset, DatasetNotFound


def damaged(path: Path, what: str, line: int | None = None) -> DamagedDataset:
    """Return the error for a damaged file or folder; `what` says what is wrong, perhaps in which line."""
    place = path if line is None else f"{path}, line {line}"
    return DamagedDataset(f"{place}: {what}", path=str(path))


def no_such_file(path: Path, what: str) -> DatasetNotFound:
    """Return the error for a missing file; `what` says what it should hold."""
    return DatasetNotFound(f"expected {what} at {path}, found no such file", path=str(path))
