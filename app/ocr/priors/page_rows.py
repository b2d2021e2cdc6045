"""The glyphs of a page as one array, row after row: what is of each row, and sums over it."""

from __future__ import annotations

from collections.abc import Sequence, Sized
from typing import NamedTuple, Self

import numpy as np
from numpy.typing import NDArray


class PageRows(NamedTuple):
    """Where the R rows of a page are among its M glyphs.

    Attributes
    ----------
    starts : (R,), the first glyph of each row, which has at least one
    row : (M,), number of the row that each glyph is in
    """

    starts: NDArray[np.intp]
    row: NDArray[np.intp]

    @property
    def lengths(self) -> NDArray[np.float64]:
        """Return (R,), how many glyphs each row has."""
        return np.bincount(self.row).astype(np.float64)

    @classmethod
    def of(cls, rows: Sequence[Sized]) -> Self:
        """Lay rows of so many glyphs one behind the other."""
        lengths = np.array([len(row) for row in rows])
        return cls(np.cumsum(lengths) - lengths, np.repeat(np.arange(len(rows)), lengths))

    def split(self, values: NDArray[np.float64]) -> list[NDArray[np.float64]]:
        """Divide (M, ...) into what is of each row."""
        return np.split(values, self.starts[1:])

    def sums(self, values: NDArray[np.float64]) -> NDArray[np.float64]:
        """Add (M, ...) up to (R, ...), row by row."""
        return np.add.reduceat(values, self.starts, axis=0)
