"""Memory that one inference after another works in."""

from __future__ import annotations

from dataclasses import dataclass, field
from math import prod
from typing import Any

import numpy as np
from numpy.typing import DTypeLike

from app.nn.types import Array
from app.nn.windows import Pair


@dataclass
class Buffers:
    """Work arrays by name, each made once and kept, for one thread at a time."""

    _arrays: dict[tuple[str, np.dtype[Any]], Array] = field(default_factory=dict)

    @property
    def size_bytes(self) -> int:
        """What all of them hold."""
        return sum(array.nbytes for array in self._arrays.values())

    def take(self, name: str, shape: tuple[int, ...], dtype: DTypeLike) -> Array:
        """Return an array of `shape`; what it holds is not defined.

        Shapes may vary from call to call: all of one name and dtype share the memory of the largest.
        """
        key, size = (name, np.dtype(dtype)), prod(shape)
        kept = self._arrays.get(key)
        if kept is None or len(kept) < size:
            kept = self._arrays[key] = np.empty(size, dtype)
        return kept[:size].reshape(shape)

    def bordered(self, name: str, pixels: Array, shape: tuple[int, ...], padding: Pair, column: Array | None) -> Array:
        """Return an array of `shape` with `pixels` (N, H, W, C) in it and a border around them.

        Parameters
        ----------
        padding : (down, across), width of the border above and left of the pixels. If `across` is negative there is no
            border at the sides: that many columns of the pixels are cut off on either side instead
        column : (H, C), the values of every border column left and right of the pixels; None for zeros. The border
            above and below is always zero
        """
        padded = self.take(name, shape, pixels.dtype)
        down, across = padding
        if across < 0:
            pixels, across = pixels[:, :, -across:across], 0
        _, height, width, _ = pixels.shape
        padded[:, :down] = 0
        padded[:, down + height :] = 0
        beside = padded[:, down : down + height]
        edge = 0 if column is None else column[:, None]
        beside[:, :, :across] = edge
        beside[:, :, across + width :] = edge
        beside[:, :, across : across + width] = pixels
        return padded
