"""The state of a run on disk, so that it can be stopped at any moment and resumed."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import asdict
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from safetensors import SafetensorError, safe_open
from safetensors.numpy import save_file

from app.errors import Conflict, InvalidInput
from app.training.epochs.history import Epoch


def check_writable(path: Path) -> None:
    """Make sure, before a long run, that a checkpoint can be written; one that is there already is not touched.

    Raises
    ------
    InvalidInput : `path` cannot be written.
    """
    unfinished = _unfinished(path)
    try:
        if path.is_dir():
            raise IsADirectoryError(f"{path} is a folder")
        path.parent.mkdir(parents=True, exist_ok=True)
        unfinished.touch()
        unfinished.unlink()
    except OSError as exc:
        raise InvalidInput(f"cannot write the checkpoint {path}; {exc}") from exc


def save_checkpoint(
    path: Path, groups: Mapping[str, Mapping[str, NDArray[np.floating]]], history: list[Epoch], run: str
) -> None:
    """Write arrays and history, and make the folder if necessary; an interruption leaves the previous checkpoint.

    Parameters
    ----------
    groups : arrays by group (``network``, ``initial``, ``optimiser``, ...), then by name
    run : identifies recipe and data; `load_checkpoint` refuses a checkpoint of another run

    Raises
    ------
    InvalidInput : `path` cannot be written.
    """
    arrays = {
        f"{group}/{name}": np.asarray(array, order="C")  # safetensors writes the memory as it is, whatever its order
        for group, members in groups.items()
        for name, array in members.items()
    }
    about = {"run": run, "history": json.dumps([asdict(epoch) for epoch in history])}
    unfinished = _unfinished(path)
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        save_file(arrays, unfinished, about)
        unfinished.replace(path)
    except (OSError, SafetensorError) as exc:
        raise InvalidInput(f"cannot write the checkpoint {path}; {exc}") from exc


def load_checkpoint(path: Path, run: str) -> tuple[dict[str, dict[str, NDArray[np.floating]]], list[Epoch]]:
    """Read what `save_checkpoint` wrote.

    Raises
    ------
    Conflict : the checkpoint belongs to another recipe or other data.
    InvalidInput : the file is missing or damaged.
    """
    try:
        with safe_open(path, "numpy") as file:
            about = file.metadata() or {}
            arrays = {key: file.get_tensor(key) for key in file.keys()}  # noqa: SIM118  (not a dict)
    except (OSError, SafetensorError) as exc:
        raise InvalidInput(f"expected a checkpoint at {path}; {exc}") from exc
    if about.get("run") != run:
        raise Conflict(f"{path} belongs to a run with another recipe or other data; choose another path or recipe")
    groups: dict[str, dict[str, NDArray[np.floating]]] = {}
    for key, array in arrays.items():
        group, _, name = key.partition("/")
        groups.setdefault(group, {})[name] = array
    try:
        return groups, [Epoch(**epoch) for epoch in json.loads(about["history"])]
    except (KeyError, ValueError, TypeError) as exc:
        raise InvalidInput(f"expected a checkpoint with its history at {path}; {exc}") from exc


def _unfinished(path: Path) -> Path:
    return path.with_name(path.name + ".unfinished")
