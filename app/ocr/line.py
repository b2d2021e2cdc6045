"""A row whose characters have been found, but not yet named: where each is, and what it may be."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from app.nn import Array
from app.vision import Box, Cells, gap_widths

# A row is joined if more than this share of at least so many characters are. Of rows by UNIPEN's validation writers on
# drawn photographs, that holds for 90 in 100 labelled cursive and 19 in 100 labelled printed (about 90 rows each).
_JOINED_SHARE, _JOINED_CHARS = 0.75, 4


@dataclass(frozen=True)
class Line:
    """The N characters of one row, from left to right.

    Attributes
    ----------
    boxes : (N,) on the page
    log_p : (N, K), log-probability of each class by the looks of the character; -inf for one that is not allowed
    height : of the row's letters in pixels
    p_space : (N - 1,), probability of a space after each character but the last, by the row network; None if only the
        gaps between the boxes can tell
    joined : share of the characters whose ink runs into that of another
    missing : how many characters were seen for which the pattern has no room
    otherwise : the same row read without the pattern; None if this line was not made to fit a pattern
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
