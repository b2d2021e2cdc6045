"""The part of a card that the store writes and answers for: which files there are, and which arrays are in them."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any, TypeAlias

import numpy as np
import safetensors.numpy
from numpy.typing import NDArray
from safetensors import SafetensorError

from app.errors import CorruptModel, InvalidInput

Arrays: TypeAlias = Mapping[str, NDArray[Any]]
Card: TypeAlias = Mapping[str, Any]

CARD_FILE = "card.json"
OWNED_KEYS = ("name", "version", "created", "files", "arrays")

# What safetensors can hold of NumPy's types, short of complex numbers and strings.
_DTYPES = (
    *("float16", "float32", "float64"),
    *("int8", "int16", "int32", "int64"),
    *("uint8", "uint16", "uint32", "uint64"),
    "bool",
)


def encode_arrays(arrays: Arrays) -> bytes:
    """Encode named arrays as safetensors: equal arrays give equal bytes.

    Raises
    ------
    InvalidInput : there is no array, or one of a dtype that the format cannot hold.
    """
    if not arrays:
        raise InvalidInput("a model needs at least one array, got none")
    for name, array in arrays.items():
        if array.dtype.name not in _DTYPES:
            raise InvalidInput(f"array {name!r}: expected one of {', '.join(_DTYPES)}, got {array.dtype}", array=name)
    return safetensors.numpy.save({name: np.asarray(array, order="C") for name, array in arrays.items()})


def describe_arrays(arrays: Arrays) -> dict[str, dict[str, Any]]:
    """Tell the shape and dtype of each array, in the order of their names."""
    return {name: {"shape": list(array.shape), "dtype": array.dtype.name} for name, array in sorted(arrays.items())}


def describe_file(content: bytes) -> dict[str, Any]:
    """Tell what a file must be to be the one that was published."""
    return {"sha256": hashlib.sha256(content).hexdigest(), "size_bytes": len(content)}


def read_card(path: Path, name: str, version: str) -> dict[str, Any]:
    """Read the card of a version.

    Raises
    ------
    CorruptModel : it is missing, not JSON, lacks what the store wrote, or belongs to another version.
    """
    try:
        card = json.loads(path.read_bytes())
    except (OSError, ValueError) as exc:
        raise _corrupt(path, "a JSON object", f"{type(exc).__name__}: {exc}") from exc
    if not isinstance(card, dict):
        raise _corrupt(path, "a JSON object", f"a {type(card).__name__}")
    if missing := [key for key in OWNED_KEYS if key not in card]:
        raise _corrupt(path, f"the keys {', '.join(OWNED_KEYS)}", f"a card without {', '.join(missing)}")
    for key in ("files", "arrays"):
        if not isinstance(card[key], dict) or not all(isinstance(entry, dict) for entry in card[key].values()):
            raise _corrupt(path, f"objects by name as {key!r}", f"{card[key]!r}")
    if (card["name"], card["version"]) != (name, version):
        raise _corrupt(path, f"the card of {name} {version}", f"that of {card['name']} {card['version']}")
    return card


def read_arrays(path: Path, card: Card, *, all_of_them: bool) -> dict[str, NDArray[Any]]:
    """Read the arrays of a file that the card lists; they cannot be written to, so threads may share them.

    Parameters
    ----------
    path : the file; `card` says what its digest and size are
    card : as `read_card` returns it
    all_of_them : whether the file must hold each array of the card, or may leave some out

    Raises
    ------
    CorruptModel : the file is not the one that was published, or its arrays are not those of the card.
    """
    try:
        content = path.read_bytes()
    except OSError as exc:
        raise _corrupt(path, "a file", f"{type(exc).__name__}: {exc}") from exc
    _check_file(path, content, card)
    try:
        arrays = safetensors.numpy.load(content)
    except (SafetensorError, KeyError, ValueError) as exc:
        raise _corrupt(path, "a safetensors file", f"{type(exc).__name__}: {exc}") from exc
    _check_arrays(path, arrays, card, all_of_them)
    for array in arrays.values():
        array.flags.writeable = False
    return arrays


def _check_file(path: Path, content: bytes, card: Card) -> None:
    expected, got = card["files"].get(path.name, {}), describe_file(content)
    for key in ("size_bytes", "sha256"):
        if expected.get(key) != got[key]:
            raise _corrupt(path, f"{key} {expected.get(key)}", f"{key} {got[key]}")


def _check_arrays(path: Path, arrays: Arrays, card: Card, all_of_them: bool) -> None:
    expected, got = card["arrays"], describe_arrays(arrays)
    for name in sorted(expected.keys() | got.keys() if all_of_them else got.keys()):
        if expected.get(name) != got.get(name):
            raise _corrupt(path, _in_words(name, expected.get(name)), _in_words(name, got.get(name)))


def _in_words(name: str, array: Mapping[str, Any] | None) -> str:
    return f"array {name!r} of {array.get('dtype')} {array.get('shape')}" if array else f"no array {name!r}"


def _corrupt(path: Path, expected: str, got: str) -> CorruptModel:
    place = "/".join(path.parts[-3:])  # <name>/<version>/<file>
    return CorruptModel(f"{place}: expected {expected}, got {got}", file=place, expected=expected, got=got)
