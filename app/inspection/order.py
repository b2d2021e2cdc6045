"""In which order the classes of a confusion matrix are looked at."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal, TypeAlias

import numpy as np
from numpy.typing import NDArray

Order: TypeAlias = Literal["kind", "recall", "likeness"]

_KINDS = (
    ("digits", str.isdigit),
    ("capitals", str.isupper),
    ("small letters", str.islower),
    ("marks", lambda char: True),
)


def group_by_kind(labels: Sequence[str]) -> dict[str, list[int]]:
    """Return the indices of digits, capitals, small letters and marks, each sorted by their character.

    Kinds without a member are left out, and so is a last class that is no single character.
    """
    groups: dict[str, list[int]] = {name: [] for name, _ in _KINDS}
    for index in sorted(range(len(labels)), key=lambda index: labels[index]):
        groups[next(name for name, belongs in _KINDS if belongs(labels[index]))].append(index)
    return {name: members for name, members in groups.items() if members}


def order_classes(labels: Sequence[str], counts: NDArray[np.integer], order: Order) -> list[int]:
    """Return the indices of all classes in an order.

    Parameters
    ----------
    counts : (K, K) confusion, rows are true
    order : ``kind`` as `group_by_kind`; ``recall``: the most often misread first, those without a glyph last;
        ``likeness``: classes that are taken for each other side by side

    References
    ----------
    Bar-Joseph, Gifford, Jaakkola (2001), Fast optimal leaf ordering for hierarchical clustering, for the last.
    """
    if order == "kind":
        return [index for members in group_by_kind(labels).values() for index in members]
    if order == "recall":
        support = counts.sum(axis=1)
        recall = np.where(support > 0, counts.diagonal() / np.maximum(support, 1), np.inf)
        return np.argsort(recall, kind="stable").tolist()
    return _by_likeness(counts)


def _by_likeness(counts: NDArray[np.integer]) -> list[int]:
    from scipy.cluster.hierarchy import leaves_list, linkage
    from scipy.spatial.distance import squareform

    if len(counts) < 3:
        return [*range(len(counts))]
    glyphs = counts.sum(axis=1) + counts.sum(axis=0)
    alike = (counts + counts.T) / np.maximum(np.add.outer(glyphs, glyphs) / 2, 1)
    distance = 1 - alike
    np.fill_diagonal(distance, 0)
    tree = linkage(squareform(distance, checks=False), "average", optimal_ordering=True)
    return leaves_list(tree).tolist()
