"""Lines of text in two sizes: a printed label and, beside it, what somebody filled in."""

from __future__ import annotations

from itertools import combinations, pairwise
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from app.vision.ink.components import LETTER
from app.vision.layout.row_parts import Rows, share_of_height

# Small writing is on the line of large letters if it stands with so much of its height beside them. On drawn forms and
# tags nothing lies between 0.1 and 0.9: captions stand above or below.
_BESIDE = 0.5
# Whoever fills in a form writes above the line that the label stands on. So far below large letters, in their heights,
# small ones are on their line, too, unless they reach down beside others, as a caption left of its value does.
_LOWER = 0.5
SHORTEST = 2
"""Letters of the shortest row of small writing; one among large ones may be a comma."""


class SizedRow(NamedTuple):
    """The pieces of a row, from left to right, by their indices; and the height of the letters around it, pixels."""

    pieces: NDArray[np.intp]
    letter_px: float


Lines = list[list[SizedRow]]
"""Of each line what is written in one size, from left to right."""


class TwoSizes(NamedTuple):
    """Where all pieces of a page are, and how high its letters of each size are, pixels.

    Attributes
    ----------
    boxes : (N, 4), levelled
    """

    boxes: NDArray[np.float64]
    large: float
    small: float

    def lines(self, large: Rows, small: Rows) -> Lines:
        """Make lines of the rows of each size, in order of where the middles are of the largest writing on them.

        Of two small rows above each other beside a large one, neither is on its line.
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
        """Return the number of the large row on whose line a small row is, if it is on any."""
        shares = [(self._share(row, other), self._share(row, other, _LOWER * self.large)) for other in large]
        best = max(range(len(large)), key=shares.__getitem__, default=None)
        return best if best is not None and max(shares[best]) >= _BESIDE else None

    def _share(self, row: NDArray[np.intp], other: NDArray[np.intp], lower_px: float = 0.0) -> float:
        """As `share_of_height`, as if the other row reached further down."""
        a, b = self.boxes[row], self.boxes[other] + [0.0, 0.0, lower_px, 0.0]
        if a[:, 0].min() >= b[:, 2].max() or b[:, 0].min() >= a[:, 2].max():
            return 0.0  # as most rows of a page are to each other
        return share_of_height(a, b, np.inf)

    def _level(self, line: list[SizedRow]) -> float:
        row = max(line, key=lambda part: part.letter_px).pieces
        return float(np.median(self.boxes[row, 0] + self.boxes[row, 2]))

    def _parts(self, large: NDArray[np.intp], small: NDArray[np.intp]) -> list[SizedRow]:
        """Divide a line between letters of one size and of the other, where there is most white.

        Whatever else is there goes with them: marks, and capitals as high as large letters.
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
        """Return which of the pieces of a line are letters, in runs of one size; none if it has none.

        A small letter alone among large ones is a mark of theirs, and parts no run.
        """
        tops, _, bottoms, _ = self.boxes[pieces].T
        is_high = bottoms - tops >= LETTER * self.large
        is_letter = np.where(is_small, ~is_high & (bottoms - tops >= LETTER * self.small), is_high)
        runs = _of_one_size(np.flatnonzero(is_letter), is_small) if is_letter.any() else []
        kept = [run for run in runs if len(run) >= SHORTEST or not is_small[run[0]]]
        return _of_one_size(np.concatenate(kept), is_small) if kept else []


def _of_one_size(letters: NDArray[np.intp], is_small: NDArray[np.bool_]) -> list[NDArray[np.intp]]:
    """Split letters, ascending, wherever their size changes."""
    return np.split(letters, np.flatnonzero(np.diff(is_small[letters])) + 1)
