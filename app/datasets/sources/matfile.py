"""Read untrusted MATLAB files of versions 5 to 7: matrices of numbers, and structs of these.

``scipy.io.loadmat`` is not used, as a damaged file can make it crash the whole process instead of raising an error.

References
----------
The MathWorks (2019), MAT-File Format, R2019b: "Level 5 MAT-Files".
"""

from __future__ import annotations

import math
import struct
import zlib
from collections.abc import Iterator
from pathlib import Path
from typing import Any, TypeAlias

import numpy as np
from numpy.typing import NDArray

from app.datasets.faults import damaged, no_such_file

# A matrix, a struct as a dict of its fields, or for anything else a description in words.
Value: TypeAlias = "NDArray[Any] | dict[str, Value] | str"

# EMNIST ByClass, the largest data set of the catalogue in this form, has two thirds of this.
MAX_BYTES = 2**30
_HEADER_BYTES = 128
_MATRIX, _COMPRESSED = 14, 15  # types of elements
_STORED = {1: "i1", 2: "u1", 3: "i2", 4: "u2", 5: "i4", 6: "u4", 7: "f4", 9: "f8", 12: "i8", 13: "u8"}
_STRUCT = 2  # classes of arrays
_NUMBERS = {6: "f8", 7: "f4", 8: "i1", 9: "u1", 10: "i2", 11: "u2", 12: "i4", 13: "u4", 14: "i8", 15: "u8"}
_OTHERS = {1: "a cell array", 3: "an object", 4: "text", 5: "a sparse matrix", 16: "a function", 17: "an object"}
_IS_COMPLEX = 0x800
_MAX_DEPTH = 8  # of structs in structs


def read_mat(path: Path) -> dict[str, Value]:
    """Read all variables of a file.

    Raises
    ------
    DatasetNotFound : there is no such file
    DamagedDataset : the file is truncated, damaged, of another version, or announces more than `MAX_BYTES`, which is
        then not unpacked
    """
    try:
        content = memoryview(path.read_bytes())
        order = _byte_order(bytes(content[:_HEADER_BYTES]))
        return dict(_named(element, order) for element in _unpacked(content[_HEADER_BYTES:], order))
    except FileNotFoundError as exc:
        raise no_such_file(path, "MATLAB data") from exc
    except (OSError, ValueError, TypeError, struct.error, zlib.error) as exc:
        raise damaged(path, f"expected a MATLAB file of version 5 to 7: {exc}") from exc


def matrix(path: Path, parent: Value, name: str) -> NDArray[Any]:
    """Return the matrix (rows, columns) of numbers called `name` among variables or the fields of a struct.

    Raises
    ------
    DamagedDataset : there is none of that name, or it is something else
    """
    value = parent.get(name, "nothing") if isinstance(parent, dict) else "nothing"
    if not isinstance(value, np.ndarray) or value.ndim != 2:
        came = value if isinstance(value, str) else "a struct" if isinstance(value, dict) else str(value.shape)
        raise damaged(path, f"expected {name!r} to be a matrix of numbers, found {came}")
    return value


def _byte_order(header: bytes) -> str:
    if header.startswith(b"\x89HDF") or header[:10] == b"MATLAB 7.3":
        raise ValueError("this is version 7.3 (HDF5); save it again with save(..., '-v7')")
    order = {b"IM": "<", b"MI": ">"}.get(header[126:128])
    if order is None:
        raise ValueError("it does not begin like one")
    return order


def _unpacked(content: memoryview, order: str) -> Iterator[memoryview]:
    """Yield what each variable consists of."""
    total = 0
    for kind, element in _elements(content, order):
        packed = zlib.decompressobj() if kind == _COMPRESSED else None
        tag = packed.decompress(element, 8) if packed else bytes(8)
        kind, count = struct.unpack(f"{order}II", tag) if packed else (kind, len(element))
        total += count
        if total > MAX_BYTES:
            raise ValueError(f"expected at most {MAX_BYTES} bytes, it announces {total} or more")
        if kind != _MATRIX:
            raise ValueError(f"expected variables, found an element of type {kind}")
        if packed is None:
            yield element
            continue
        whole = packed.decompress(packed.unconsumed_tail, count + 1)  # one more, to meet the end and its check sum
        if len(whole) != count or not packed.eof:
            raise ValueError(f"expected {count} bytes in a variable, got {len(whole)}; it is cut off or damaged")
        yield memoryview(whole)


def _elements(content: memoryview, order: str) -> Iterator[tuple[int, memoryview]]:
    """Yield type and content of one element after another."""
    at = 0
    while at < len(content):
        kind, count = struct.unpack_from(f"{order}II", content, at)
        if kind >> 16:  # a small one: its length beside its type, its content in place of the length
            kind, count, start, following = kind & 0xFFFF, kind >> 16, at + 4, at + 8
        else:
            start = at + 8
            # Filled up to eight bytes, except what is packed.
            following = start + count + (0 if kind == _COMPRESSED else -count % 8)
        if start + count > min(len(content), following):
            raise ValueError(f"expected {count} bytes in an element, {len(content) - start} are left; it is cut off")
        yield kind, content[start : start + count]
        at = following


def _named(element: memoryview, order: str, depth: int = 0) -> tuple[str, Value]:
    """Return the name and the value of an array."""
    if depth > _MAX_DEPTH:
        raise ValueError(f"expected at most {_MAX_DEPTH} structs within each other")
    parts = list(_elements(element, order))
    if len(parts) < 3:
        return "", np.empty((0, 0))  # MATLAB writes an empty array as nothing at all
    (flags,) = struct.unpack_from(f"{order}I", parts[0][1])
    shape = tuple(np.frombuffer(parts[1][1], f"{order}i4").tolist())
    name = bytes(parts[2][1]).decode("ascii")
    kind = flags & 0xFF
    if kind in _OTHERS or flags & _IS_COMPLEX:
        return name, _OTHERS.get(kind, "a complex matrix")
    if kind == _STRUCT:
        return name, _struct(parts[3:], order, depth) if math.prod(shape) == 1 else "an array of structs"
    if kind not in _NUMBERS or len(parts) != 4 or parts[3][0] not in _STORED:
        raise ValueError(f"expected {name!r} to be of numbers, found class {kind}")
    stored = np.frombuffer(parts[3][1], f"{order}{_STORED[parts[3][0]]}")
    if min(shape, default=0) < 0 or math.prod(shape) != len(stored):
        raise ValueError(f"expected {name!r} to be {shape}, got {len(stored)} numbers")
    # Whole numbers are stored in as few bytes as will do, whatever they are to MATLAB.
    numbers = stored.astype(_NUMBERS[kind], casting="same_kind") if len(stored) else np.empty(0, _NUMBERS[kind])
    return name, numbers.reshape(shape, order="F")


def _struct(parts: list[tuple[int, memoryview]], order: str, depth: int) -> dict[str, Value]:
    if len(parts) < 2:
        raise ValueError("expected the names of a struct's fields")
    (length,) = struct.unpack_from(f"{order}i", parts[0][1])
    names = bytes(parts[1][1])
    if length < 1 or len(names) != length * len(parts[2:]):
        raise ValueError(f"expected names of {len(parts[2:])} fields, got {len(names)} letters")
    fields = (names[at : at + length].partition(b"\0")[0].decode("ascii") for at in range(0, len(names), length))
    return {name: _named(part, order, depth + 1)[1] for name, (_, part) in zip(fields, parts[2:], strict=True)}
