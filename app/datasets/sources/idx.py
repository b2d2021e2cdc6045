"""The format of MNIST: a gzipped array of bytes behind a header of big-endian sizes."""

from __future__ import annotations

import gzip
import math
import struct
import zlib
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from app.datasets.faults import damaged, no_such_file

# The largest file that there is, EMNIST ByClass, has half of this.
MAX_ARRAY_BYTES = 2**30
_UNSIGNED_BYTES = 8  # the code of the only type of number that these data sets use


def read_idx(path: Path, ndim: int) -> NDArray[np.uint8]:
    """Read a whole array of `ndim` axes.

    Raises
    ------
    DatasetNotFound : there is no such file
    DamagedDataset : it is truncated or damaged, not of bytes, of another number of axes, longer or shorter than it
        announces, or announces more than `MAX_ARRAY_BYTES`, which is then not read
    """
    try:
        with gzip.open(path) as file:
            shape = _shape(path, file.read(4 * (1 + ndim)), ndim)
            # One byte more than there should be: to see that nothing follows, and so that the check sum is verified.
            content = file.read(math.prod(shape) + 1)
    except FileNotFoundError as exc:
        raise no_such_file(path, "images or labels") from exc
    except (OSError, EOFError, zlib.error) as exc:
        raise damaged(path, f"expected a gzipped idx file; it is cut off or damaged: {exc}") from exc
    if len(content) != math.prod(shape):
        came = "more" if len(content) > math.prod(shape) else len(content)
        raise damaged(path, f"expected {math.prod(shape)} bytes of {_sides(shape)}, got {came}")
    return np.frombuffer(content, np.uint8).reshape(shape)


def _shape(path: Path, header: bytes, ndim: int) -> tuple[int, ...]:
    expected = bytes([0, 0, _UNSIGNED_BYTES, ndim])
    if header[:4] != expected or len(header) != 4 * (1 + ndim):
        raise damaged(path, f"expected an idx header {expected.hex(' ')} and {ndim} sizes, got {header.hex(' ')}")
    shape = struct.unpack(f">{ndim}I", header[4:])
    if math.prod(shape) > MAX_ARRAY_BYTES:
        raise damaged(path, f"expected at most {MAX_ARRAY_BYTES} bytes, the file announces {_sides(shape)}")
    return shape


def _sides(shape: tuple[int, ...]) -> str:
    return " x ".join(map(str, shape))
