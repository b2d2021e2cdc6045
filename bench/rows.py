"""Words that a reader found anywhere on a page, sorted into rows."""

from __future__ import annotations

from collections.abc import Iterable
from typing import NamedTuple

# Share of the lower of two words that must stand beside the other one for both to be in a row.
_OVERLAP = 0.5


class Word(NamedTuple):
    """Text and its box in pixels."""

    text: str
    left: float
    top: float
    right: float
    bottom: float

    @property
    def middle(self) -> float:
        """Where it stands down the page."""
        return (self.top + self.bottom) / 2


def sort_into_rows(words: Iterable[Word]) -> str:
    """Return the text of a page, a line for each row.

    Words are taken from left to right. Each continues the row whose last word it stands beside most, so that rows may
    slope, or begins a row of its own. Rows are then sorted from top to bottom.
    """
    rows: list[list[Word]] = []
    for word in sorted(words, key=lambda word: word.left):
        beside = [_overlap(row[-1], word) for row in rows]
        best = max(range(len(rows)), key=beside.__getitem__, default=-1)
        if best >= 0 and beside[best] >= _OVERLAP:
            rows[best].append(word)
        else:
            rows.append([word])
    rows.sort(key=lambda row: sum(word.middle for word in row) / len(row))
    return "\n".join(" ".join(word.text for word in row) for row in rows)


def _overlap(a: Word, b: Word) -> float:
    """How much of the lower one is beside the other, as a share of its height; below 0 if one is above the other."""
    lower = min(a.bottom - a.top, b.bottom - b.top)
    return (min(a.bottom, b.bottom) - max(a.top, b.top)) / max(lower, 1e-6)
