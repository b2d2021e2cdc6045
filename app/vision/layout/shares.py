"""Which ink of a row belongs to which of its characters, when a network that needs no cuts has said where they are."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import pairwise
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from app.vision.box import Box
from app.vision.ink.components import Components
from app.vision.inputs.strip import COLUMN_PX, Strip

# A piece of ink with this share of its width, or more, on one side of a cut belongs there as a whole: letters lean over
# each other.
_MOSTLY = 0.75
# Of two pieces that share less than this of the narrower one's width, one stands beside the other, not above it.
_BESIDE = 0.5


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
    return strip.in_image(cuts)


class Share(NamedTuple):
    """The ink of one character: the box around it, and whether other characters run into it."""

    box: Box
    is_joined: bool


class _Part(NamedTuple):
    """Ink of one component: all of it, or some columns."""

    label: int
    box: Box
    is_cut: bool = False


def share_out(
    labels: Sequence[int], components: Components, cuts: NDArray[np.floating], seen: NDArray[np.floating]
) -> list[Share | None]:
    """Return the ink of each character: what is between one cut and the next, components being cut only if need be.

    A network sees a letter at its beginning or its end as often as in the middle, so a cut may lie beyond the letter.
    A character that is left without ink takes it from its neighbours. None where there is none.

    Parameters
    ----------
    labels : of the row's components
    cuts : (S - 1,) ascending, in pixels of the page
    seen : (S,) where a network saw each character, likewise
    """
    edges = np.concatenate([[-np.inf], cuts, [np.inf]])
    shares: list[list[_Part]] = [[] for _ in range(len(edges) - 1)]
    numbers = np.searchsorted(components.labels, labels)
    for label, box in zip(labels, map(Box.of, components.boxes[numbers]), strict=True):
        part = _Part(label, box)
        within = np.minimum(edges[1:], box.right) - np.maximum(edges[:-1], box.left)
        best = int(within.argmax())
        if within[best] >= _MOSTLY * box.width or within[best] < 1:  # a pixel is not divided
            shares[best].append(part)
            continue
        for number in np.flatnonzero(within >= 1).tolist():
            if cut := _between(part, edges[number], edges[number + 1], components):
                shares[number].append(cut)
    for number in [number for number, parts in enumerate(shares) if not parts]:
        if not _take_whole(shares, number, seen):
            _take_part(shares, number, edges, components)
    return [
        Share(Box.around(part.box for part in parts), any(part.is_cut for part in parts)) if parts else None
        for parts in shares
    ]


def _between(part: _Part, start: float, stop: float, components: Components) -> _Part | None:
    """Cut a part where columns start and stop; None if there is no ink between them."""
    label, (top, left, bottom, right), _ = part
    first, last = (int(np.clip(np.rint(edge), left, right)) for edge in (start, stop))
    own = components.label_image[top:bottom, first:last] == label
    rows = np.flatnonzero(own.any(axis=1))
    return _Part(label, Box(top + int(rows[0]), first, top + int(rows[-1]) + 1, last), True) if len(rows) else None


def _take_whole(shares: list[list[_Part]], number: int, seen: NDArray[np.floating]) -> bool:
    """Let an empty-handed character take the nearest piece that lies nearer to it than to a neighbour that has others.

    Whatever stands beside all else of that neighbour, or low below it: neither its dot nor its stem.
    """
    found: list[tuple[float, int, _Part]] = []
    for neighbour in (number - 1, number + 1):
        for part in _parts_to_spare(shares[neighbour] if 0 <= neighbour < len(shares) else []):
            middle = (part.box.left + part.box.right) / 2
            away = abs(middle - float(seen[number]))
            if away < abs(middle - seen[neighbour]):
                found.append((away, neighbour, part))
    if not found:
        return False
    _, neighbour, taken = min(found)
    shares[neighbour].remove(taken)
    shares[number].append(taken)
    return True


def _parts_to_spare(parts: Sequence[_Part]) -> Iterator[_Part]:
    for place, part in enumerate(parts if len(parts) > 1 else []):
        rest = Box.around(other.box for other in (*parts[:place], *parts[place + 1 :]))
        shared = min(rest.right, part.box.right) - max(rest.left, part.box.left)
        is_below = part.box.top > (rest.top + rest.bottom) / 2
        is_low = part.box.height < (max(part.box.bottom, rest.bottom) - min(part.box.top, rest.top)) / 2
        if shared < _BESIDE * min(part.box.width, rest.width) or (is_below and is_low):
            yield part


def _take_part(shares: list[list[_Part]], number: int, edges: NDArray[np.float64], components: Components) -> None:
    """Let an empty-handed character cut off what its neighbours have beyond the cut to it."""
    start, stop = float(edges[number]), float(edges[number + 1])
    for neighbour, own_columns, other_columns in (
        (number - 1, (start, np.inf), (-np.inf, start)),
        (number + 1, (-np.inf, stop), (stop, np.inf)),
    ):
        for place, part in enumerate(shares[neighbour] if 0 <= neighbour < len(shares) else []):
            own, other = (_between(part, *columns, components) for columns in (own_columns, other_columns))
            if own and other:
                shares[neighbour][place] = other
                shares[number].append(own)
