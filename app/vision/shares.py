"""Which ink of a row belongs to which of its characters, when a network that needs no cuts has said where they are."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from app.vision.box import Box
from app.vision.components import Components
from app.vision.strip import COLUMN_PX, Strip

# A piece of ink with this share of its width, or more, on one side of a cut belongs there as a whole: letters lean over
# each other.
_MOSTLY = 0.75


def cut_between(strip: Strip, columns: Sequence[int]) -> NDArray[np.float64]:
    """Return where to cut (S - 1,) between S characters, in pixels of the page: where there is least ink.

    Parameters
    ----------
    columns : (S,) of the strip, in which a network saw each character best
    """
    ink = strip.pixels.sum(axis=0, dtype=np.float64)
    middles = (np.asarray(columns) + 0.5) * COLUMN_PX
    cuts = np.empty(max(len(middles) - 1, 0))
    for number, (left, right) in enumerate(pairwise(middles)):
        x = np.arange(int(left), max(int(right), int(left) + 1))
        away = np.abs(x + 0.5 - (left + right) / 2) / max(right - left, 1.0)
        cuts[number] = x[np.argmin(ink[np.minimum(x, len(ink) - 1)] + away)] + 0.5
    return strip.left + cuts / strip.scale


class Share(NamedTuple):
    """The ink of one character: the box around it, and whether other characters run into it."""

    box: Box
    is_joined: bool


def share_out(labels: Sequence[int], components: Components, cuts: NDArray[np.floating]) -> list[Share | None]:
    """Return the ink between one cut and the next, in pixels of the page; None where there is none.

    Parameters
    ----------
    labels : of the row's components
    cuts : (S - 1,) ascending
    """
    edges = np.concatenate([[-np.inf], cuts, [np.inf]])
    shares: list[list[Box]] = [[] for _ in range(len(edges) - 1)]
    joined = np.zeros(len(shares), bool)
    numbers = np.searchsorted(components.labels, labels)
    for label, (top, left, bottom, right) in zip(labels, components.boxes[numbers].tolist(), strict=True):
        within = np.minimum(edges[1:], right) - np.maximum(edges[:-1], left)
        best = int(within.argmax())
        if within[best] >= _MOSTLY * (right - left) or within[best] < 1:  # a pixel is not divided
            shares[best].append(Box(top, left, bottom, right))
            continue
        own = components.label_image[top:bottom, left:right] == label
        for number in np.flatnonzero(within >= 1):
            start, stop = (int(np.clip(np.rint(edge) - left, 0, right - left)) for edge in edges[number : number + 2])
            rows = np.flatnonzero(own[:, start:stop].any(axis=1))
            if len(rows):
                joined[number] = True
                shares[number].append(Box(top + int(rows[0]), left + start, top + int(rows[-1]) + 1, left + stop))
    return [
        Share(Box.around(boxes), bool(is_joined)) if boxes else None
        for boxes, is_joined in zip(shares, joined, strict=True)
    ]
