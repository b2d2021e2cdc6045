"""Lines of text in two sizes: a printed label, and beside it what somebody filled in."""

from __future__ import annotations

from itertools import combinations, pairwise
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from app.vision.ink.components import LETTER
from app.vision.layout.row_parts import Rows, share_of_height

# Share of its height with which small writing stands beside large letters if it is on their line. On drawn forms and
# tags it is below 0.1 or above 0.9, because captions stand above or below.
_BESIDE = 0.5
# In heights of the large letters. Who fills in a form often writes above the line that the label stands on. So small
# writing this far below large letters counts as beside them, too.
_LOWER = 0.5
SHORTEST = 2
"""Letters of the shortest row of small writing; one among large ones may be a comma."""


class SizedRow(NamedTuple):
    """The indices of a row's pieces, from left to right; the height of the page's letters of its size, in pixels."""

    pieces: NDArray[np.intp]
    letter_px: float


Lines = list[list[SizedRow]]
"""For each line the rows that it is made of, from left to right; each row is written in one size."""


class TwoSizes(NamedTuple):
    """A page with writing of two sizes.

    Attributes
    ----------
    boxes : (N, 4), of all pieces, levelled
    large, small : height of the letters of each size, pixels
    """

    boxes: NDArray[np.float64]
    large: float
    small: float

    def lines(self, large: Rows, small: Rows) -> Lines:
        """Make lines of the rows of both sizes, from top to bottom by the middle of the largest writing on each.

        If two small rows stand above each other beside a large one, neither is on its line.
        """
        beside: list[Rows] = [[] for _ in large]
        lines: Lines = []
        for row in small:
            number = self._line_of(row, large)
            if number is None:
                lines.append([SizedRow(row, self.small)])
            else:
                beside[number].append(row)
        for row, labels in zip(large, beside, strict=True):
            if labels and all(self._share(*pair) > 0 for pair in combinations(labels, 2)):
                lines.append(self._parts(row, np.concatenate(labels)))
            else:
                lines += [[SizedRow(row, self.large)], *([SizedRow(label, self.small)] for label in labels)]
        return sorted(lines, key=self._level)

    def _line_of(self, row: NDArray[np.intp], large: Rows) -> int | None:
        """Return the index of the large row on whose line a small row is; None if it is on none.

        The share of its height beside a large row counts first; how far it reaches below a large row counts only among
        rows with equal shares. So a caption left of its value is on the value's line, even if it is just below another.
        """
        shares = [(self._share(row, other), self._share(row, other, _LOWER * self.large)) for other in large]
        best = max(range(len(large)), key=shares.__getitem__, default=None)
        return best if best is not None and max(shares[best]) >= _BESIDE else None

    def _share(self, row: NDArray[np.intp], other: NDArray[np.intp], lower_px: float = 0.0) -> float:
        """As `share_of_height`, but as if the other row reached down by `lower_px` more."""
        a, b = self.boxes[row], self.boxes[other] + [0.0, 0.0, lower_px, 0.0]
        if a[:, 0].min() >= b[:, 2].max() or b[:, 0].min() >= a[:, 2].max():
            return 0.0  # so it is for most pairs of rows
        return share_of_height(a, b, np.inf)

    def _level(self, line: list[SizedRow]) -> float:
        row = max(line, key=lambda part: part.letter_px).pieces
        return float(np.median(self.boxes[row, 0] + self.boxes[row, 2]))

    def _parts(self, large: NDArray[np.intp], small: NDArray[np.intp]) -> list[SizedRow]:
        """Divide a line into rows of one size, where there is most white between letters of one size and the other.

        Everything else on the line goes with the letters beside it: marks, and small capitals as high as large letters.
        """
        pieces, is_small = np.concatenate([large, small]), np.repeat([False, True], [len(large), len(small)])
        order = np.argsort(self.boxes[pieces, 1], kind="stable")
        pieces, is_small = pieces[order], is_small[order]
        groups = self._letters_by_size(pieces, is_small)
        if not groups:
            return [SizedRow(pieces, self.large)]
        _, lefts, _, rights = self.boxes[pieces].T
        white = np.append(0.0, lefts[1:] - np.maximum.accumulate(rights[:-1]))  # before each piece
        gaps = [(left[-1] + 1, right[0] + 1) for left, right in pairwise(groups)]
        parts = np.split(pieces, [start + int(white[start:stop].argmax()) for start, stop in gaps])
        sizes = [self.small if is_small[group[0]] else self.large for group in groups]
        return [SizedRow(*part) for part in zip(parts, sizes, strict=True)]

    def _letters_by_size(self, pieces: NDArray[np.intp], is_small: NDArray[np.bool_]) -> list[NDArray[np.intp]]:
        """Return which pieces of a line are letters, in runs of one size; none if it has no letters.

        A single small letter among large ones is taken for a mark, and does not divide their run.
        """
        tops, _, bottoms, _ = self.boxes[pieces].T
        is_high = bottoms - tops >= LETTER * self.large
        is_letter = np.where(is_small, ~is_high & (bottoms - tops >= LETTER * self.small), is_high)
        runs = _of_one_size(np.flatnonzero(is_letter), is_small) if is_letter.any() else []
        kept = [run for run in runs if len(run) >= SHORTEST or not is_small[run[0]]]
        return _of_one_size(np.concatenate(kept), is_small) if kept else []


def _of_one_size(letters: NDArray[np.intp], is_small: NDArray[np.bool_]) -> list[NDArray[np.intp]]:
    """Split letters, from left to right, wherever their size changes."""
    return np.split(letters, np.flatnonzero(np.diff(is_small[letters])) + 1)
