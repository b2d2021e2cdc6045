"""The store's own part of a card: which files a version has, and which arrays are in them."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, TypeAlias

import numpy as np
import safetensors.numpy
from numpy.typing import NDArray
from safetensors import SafetensorError

from app.errors import CorruptModel, InvalidInput, ShapeMismatch
from app.store.disk import to_json

Arrays: TypeAlias = Mapping[str, NDArray[Any]]
Card: TypeAlias = Mapping[str, Any]

MODEL_FILE = "model.safetensors"
INITIAL_FILE = "initial.safetensors"
CARD_FILE = "card.json"
SEAL_FILE = "card.sha256"
FORMAT = 2  # of a version's folder; cards without this key are of format 1, which had no seal
OWNED_KEYS = ("name", "version", "created", "format", "files", "arrays")

_NEEDED_KEYS = tuple(key for key in OWNED_KEYS if key != "format")

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
    """Return digest and size of a file, by which it is recognised later."""
    return {"sha256": hashlib.sha256(content).hexdigest(), "size_bytes": len(content)}


def compose_card(
    name: str, arrays: Arrays, card: Card, initial: Arrays | None, *, created: datetime
) -> tuple[dict[str, bytes], dict[str, Any]]:
    """Make the content of a version's files, by name, and its card, which does not have its number yet.

    Raises
    ------
    InvalidInput, ShapeMismatch : as `ModelStore.publish`.
    """
    contents = {MODEL_FILE: encode_arrays(arrays)}
    described = describe_arrays(arrays)
    if initial is not None:
        _check_initial(describe_arrays(initial), described)
        contents[INITIAL_FILE] = encode_arrays(initial)
    if claimed := [key for key in OWNED_KEYS if key in card]:
        raise InvalidInput(f"the store itself writes {', '.join(claimed)} into a card", keys=claimed)
    owned = {
        "name": name,
        "version": "",  # filled in once the version has its number; here so that it comes second
        "created": created.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ"),
        "format": FORMAT,
        "files": {file: describe_file(content) for file, content in contents.items()},
        "arrays": described,
    }
    try:
        return contents, json.loads(to_json({**owned, **card}))
    except (TypeError, ValueError) as exc:
        raise InvalidInput(f"a card holds JSON's types only: {exc}") from exc


def make_seal(card: bytes) -> bytes:
    """Make the content of the file that holds the card's digest; ``sha256sum --check`` understands it."""
    return f"{hashlib.sha256(card).hexdigest()}  {CARD_FILE}\n".encode()


def read_card(path: Path, name: str, version: str) -> dict[str, Any]:
    """Read the card of a version and compare it with its seal, if it has one.

    Raises
    ------
    CorruptModel : the card is missing, was changed, is not JSON, lacks what the store wrote, or is of another version.
    """
    card = parse_card(path)
    check_owner(path, card, name, version)
    check_seal(path, card)
    return card


def check_owner(path: Path, card: Card, name: str, version: str) -> None:
    """Check that a card is that of the version in whose folder it lies.

    Raises
    ------
    CorruptModel : it is that of another version.
    """
    if (card["name"], card["version"]) != (name, version):
        raise _corrupt(path, f"the card of {name} {version}", f"that of {card['name']} {card['version']}")


def check_seal(path: Path, card: Card) -> None:
    """Compare a card with the seal beside it; only versions published before there were seals may lack one.

    Raises
    ------
    CorruptModel : the seal is missing, or is that of another card.
    """
    seal = path.with_name(SEAL_FILE)
    if not seal.exists() and not is_sealed(card):
        return
    expected, got = _read(seal), make_seal(_read(path))
    if expected != got:
        said = expected.partition(b" ")[0].decode(errors="replace")
        raise _corrupt(path, f"sha256 {said!r} as {SEAL_FILE} says", f"sha256 {got.partition(b' ')[0].decode()!r}")


def is_sealed(card: Card) -> bool:
    """Tell whether a card must have a seal beside it."""
    return "format" in card


def parse_card(path: Path) -> dict[str, Any]:
    """Read a card without checking its seal and its owner, with the other errors of `read_card`."""
    try:
        card = json.loads(_read(path))
    except (ValueError, RecursionError) as exc:
        raise _corrupt(path, "a JSON object", f"{type(exc).__name__}: {exc}") from exc
    if not isinstance(card, dict):
        raise _corrupt(path, "a JSON object", f"a {type(card).__name__}")
    if missing := [key for key in _NEEDED_KEYS if key not in card]:
        raise _corrupt(path, f"the keys {', '.join(_NEEDED_KEYS)}", f"a card without {', '.join(missing)}")
    if card.get("format", FORMAT) != FORMAT:
        raise _corrupt(path, f"format {FORMAT} or none, which this release reads", f"format {card['format']!r}")
    for key in ("files", "arrays"):
        if not isinstance(card[key], dict) or not all(isinstance(entry, dict) for entry in card[key].values()):
            raise _corrupt(path, f"objects by name as {key!r}", f"{card[key]!r}")
    if not {MODEL_FILE} <= card["files"].keys() <= {MODEL_FILE, INITIAL_FILE}:
        raise _corrupt(path, f"{MODEL_FILE} and at most {INITIAL_FILE} as 'files'", f"{', '.join(card['files'])!r}")
    for array, entry in card["arrays"].items():
        shape = entry.get("shape")
        if not isinstance(shape, list) or not all(isinstance(length, int) for length in shape):
            raise _corrupt(path, f"whole numbers as the shape of {array!r}", f"{entry!r}")
    for file, entry in card["files"].items():
        if not isinstance(entry.get("sha256"), str) or not isinstance(entry.get("size_bytes"), int):
            raise _corrupt(path, f"sha256 and size_bytes of {file}", f"{entry!r}")
    return card


def read_arrays(path: Path, card: Card, *, all_of_them: bool) -> dict[str, NDArray[Any]]:
    """Read the arrays of one of a version's files; they are read-only, so threads may share them.

    Parameters
    ----------
    path : a file whose digest and size are in `card`
    card : as `read_card` returns it
    all_of_them : whether the file must hold every array of the card, or only some of them

    Raises
    ------
    CorruptModel : the file is not the one that was published, or its arrays are not those of the card.
    """
    content = _read(path)
    _check_file(path, content, card)
    try:
        arrays = safetensors.numpy.load(content)
    except (SafetensorError, KeyError, ValueError) as exc:
        raise _corrupt(path, "a safetensors file", f"{type(exc).__name__}: {exc}") from exc
    _check_arrays(path, arrays, card, all_of_them)
    for array in arrays.values():
        array.flags.writeable = False
    return arrays


def _check_initial(initial: Mapping[str, Any], trained: Mapping[str, Any]) -> None:
    for name, description in initial.items():
        if description != trained.get(name):
            raise ShapeMismatch(f"initial array {name!r}: expected {trained.get(name)}, got {description}", array=name)


def _read(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError as exc:
        raise _corrupt(path, "a file", f"{type(exc).__name__}: {exc}") from exc


def _check_file(path: Path, content: bytes, card: Card) -> None:
    expected, got = card["files"][path.name], describe_file(content)
    for key in ("size_bytes", "sha256"):
        if expected[key] != got[key]:
            raise _corrupt(path, f"{key} {expected[key]}", f"{key} {got[key]}")


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
