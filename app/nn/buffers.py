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
        """Return an array of `shape` that holds `pixels` (N, H, W, C) from the place `padding` on.

        Parameters
        ----------
        padding : (down, across); across below 0 leaves out so many columns on either side
        column : (H, C), what is in each column left and right of them; None for zeros, which lie above and below
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
