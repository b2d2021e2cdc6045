"""A row on its way to text: where its characters are, and what each may be."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from app.nn import Array
from app.vision import Box, Cells, gap_widths

# Of rows by UNIPEN's validation writers on imagined photographs these take in 90 of 100 that are called cursive, and
# 19 that are called printed; of both there are about 90.
_JOINED_SHARE, _JOINED_CHARS = 0.75, 4


@dataclass(frozen=True)
class Line:
    """The N characters of one row, from left to right.

    Attributes
    ----------
    boxes : (N,) on the page
    log_p : (N, K), what each looks like; -inf for what may not come out
    height : of the row's letters in pixels
    p_space : (N - 1,), probability of a space after each but the last, as a row network saw it; None if the gaps
        between the boxes have to tell
    joined : share of the characters whose ink another one runs into
    missing : how many more characters were seen than a pattern has room for
    otherwise : the row as it is read without the pattern that this line was made for; None if it was made for none
    block, number, cells : as `block`, `line` and `cells` of the `RowOfInk`
    """

    boxes: list[Box]
    log_p: Array
    height: float
    p_space: NDArray[np.float64] | None = None
    joined: float = 0.0
    missing: int = 0
    otherwise: Line | None = None
    block: int = 0
    number: int = 0
    cells: tuple[Cells, ...] = ()

    @property
    def is_joined(self) -> bool:
        """Whether most letters run into one another."""
        return self.joined > _JOINED_SHARE and len(self.boxes) >= _JOINED_CHARS

    @property
    def gaps(self) -> NDArray[np.float64]:
        """White after each character but the last, in heights of the row."""
        return gap_widths(self.boxes) / self.height
