"""Confusion counts, as `app.training.measuring.evaluation.report` makes them: rows are true, columns predicted."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal, TypeAlias

import numpy as np
from numpy.typing import NDArray

from app.errors import ShapeMismatch

Total: TypeAlias = Literal["true", "pred", "all", "none"]
"""What a cell is a share of: its row, its column, all glyphs, or nothing."""


@dataclass(frozen=True)
class ConfusedPair:
    """Two classes that are taken for each other.

    Attributes
    ----------
    first, second : their labels, the more often misread one of the two first
    first_as_second, second_as_first : glyphs of the one that were taken for the other
    share : both together over the glyphs of both classes
    """

    first: str
    second: str
    first_as_second: int
    second_as_first: int
    share: float


def most_confused(counts: NDArray[np.integer], labels: str, limit: int | None = None) -> list[ConfusedPair]:
    """Return the pairs of classes that are most often taken for each other, the worst first.

    Either way counts: that 0 is read as O and O as 0 is one finding.

    Parameters
    ----------
    counts : (K, K)
    labels : of the K classes
    limit : most pairs to return, None for all; pairs that were never confused are not among them

    Raises
    ------
    ShapeMismatch : `counts` is not square.
    """
    glyphs = _checked(counts).sum(axis=1)
    first, second = np.triu_indices(len(counts), 1)
    both_ways = counts[first, second] + counts[second, first]
    worst = np.argsort(-both_ways, kind="stable")[:limit]
    pairs = []
    for a, b in zip(first[worst].tolist(), second[worst].tolist(), strict=True):
        if counts[b, a] > counts[a, b]:
            a, b = b, a
        there, back = int(counts[a, b]), int(counts[b, a])
        if there:
            share = (there + back) / int(glyphs[a] + glyphs[b])
            pairs.append(ConfusedPair(labels[a], labels[b], there, back, share))
    return pairs


def normalise_confusion(counts: NDArray[np.integer], over: Total) -> NDArray[np.float64]:
    """Return counts (K, K) as shares of their row, their column, or of all glyphs; where there are none, 0.

    Raises
    ------
    ShapeMismatch : `counts` is not square.
    """
    axis: dict[str, int | None] = {"true": 1, "pred": 0, "all": None}
    shares = _checked(counts).astype(np.float64)
    if over == "none":
        return shares
    total = shares.sum(axis=axis[over], keepdims=True)
    return np.divide(shares, total, out=np.zeros_like(shares), where=total > 0)


def _checked(counts: NDArray[np.integer]) -> NDArray[np.integer]:
    if counts.ndim != 2 or counts.shape[0] != counts.shape[1]:
        raise ShapeMismatch(f"confusion counts are expected as (K, K), got {counts.shape}")
    return counts
