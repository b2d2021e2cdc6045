"""Which ink of a row belongs to which character, after a network that needs no cuts has said where characters are."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import pairwise
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from app.vision.box import Box
from app.vision.ink.components import Components
from app.vision.inputs.strip import COLUMN_PX, Strip

# Share of a piece's width. If that much is between two cuts, all of the piece belongs there: letters lean over each
# other.
_MOSTLY = 0.75
# Share of the narrower piece's width. If two pieces share fewer columns, one is beside the other, not above it.
_BESIDE = 0.5


def cut_between(strip: Strip, columns: Sequence[int]) -> NDArray[np.float64]:
    """Return where to cut (S - 1,) between S characters: where there is least ink, in pixels from the page's left side.

    Parameters
    ----------
    columns : (S,), the column of the strip in which a network saw each character best
    """
    ink = strip.pixels.sum(axis=0, dtype=np.float64)
    middles = (np.asarray(columns) + 0.5) * COLUMN_PX
    cuts = np.empty(max(len(middles) - 1, 0))
    for number, (left, right) in enumerate(pairwise(middles)):
        x = np.arange(int(left), max(int(right), int(left) + 1))
        away = np.abs(x + 0.5 - (left + right) / 2) / max(right - left, 1.0)
        cuts[number] = x[np.argmin(ink[np.minimum(x, len(ink) - 1)] + away)] + 0.5
    return strip.in_image(cuts)


class CharacterInk(NamedTuple):
    """The ink of one character: the box around it, and whether other characters run into it."""

    box: Box
    is_joined: bool


class _Part(NamedTuple):
    """Ink of one component: all of it, or only some columns if it was cut."""

    label: int
    box: Box
    is_cut: bool = False


def assign_ink(
    labels: Sequence[int], components: Components, cuts: NDArray[np.floating], seen: NDArray[np.floating]
) -> list[CharacterInk | None]:
    """Return the ink of each of S characters: what is between one cut and the next; None for one that has no ink.

    Components are cut only if both parts are large. With one cut, at 19, a component of columns 0 to 20 is given to the
    first character as a whole; one of columns 0 to 50 joins both, and each gets its part.

    A network sees a letter at its beginning or its end as often as in its middle, so a cut may lie beyond the letter.
    So a character that is left without ink takes some from its neighbours.

    Parameters
    ----------
    labels : labels of the row's components
    cuts : (S - 1,), ascending, in pixels from the page's left side
    seen : (S,), where a network saw each character, in the same pixels
    """
    edges = np.concatenate([[-np.inf], cuts, [np.inf]])
    owned: list[list[_Part]] = [[] for _ in range(len(edges) - 1)]
    numbers = np.searchsorted(components.labels, labels)
    for label, box in zip(labels, map(Box.of, components.boxes[numbers]), strict=True):
        part = _Part(label, box)
        within = np.minimum(edges[1:], box.right) - np.maximum(edges[:-1], box.left)
        best = int(within.argmax())
        if within[best] >= _MOSTLY * box.width or within[best] < 1:  # parts narrower than a pixel are not cut
            owned[best].append(part)
            continue
        for number in np.flatnonzero(within >= 1).tolist():
            if cut := _between(part, edges[number], edges[number + 1], components):
                owned[number].append(cut)
    for number, parts in enumerate(owned):
        if not parts and not _take_whole(owned, number, seen):
            _take_part(owned, number, edges, components)
    return [
        CharacterInk(Box.around(part.box for part in parts), any(part.is_cut for part in parts)) if parts else None
        for parts in owned
    ]


def _between(part: _Part, start: float, stop: float, components: Components) -> _Part | None:
    """Return what a part has between the columns `start` and `stop`; None if there is no ink between them."""
    label, (top, left, bottom, right), _ = part
    first, last = (int(np.clip(np.rint(edge), left, right)) for edge in (start, stop))
    own = components.label_image[top:bottom, first:last] == label
    rows = np.flatnonzero(own.any(axis=1))
    return _Part(label, Box(top + int(rows[0]), first, top + int(rows[-1]) + 1, last), True) if len(rows) else None


def _neighbours(number: int, count: int) -> list[int]:
    return [neighbour for neighbour in (number - 1, number + 1) if 0 <= neighbour < count]


def _take_whole(owned: list[list[_Part]], number: int, seen: NDArray[np.floating]) -> bool:
    """Let a character without ink take a part that a neighbour can spare and that is nearer to it than to that one.

    Returns
    -------
    bool : whether there was such a part; of several it takes the nearest
    """
    found: list[tuple[float, int, _Part]] = []
    for neighbour in _neighbours(number, len(owned)):
        for part in _to_spare(owned[neighbour]):
            middle = (part.box.left + part.box.right) / 2
            away = abs(middle - float(seen[number]))
            if away < abs(middle - seen[neighbour]):
                found.append((away, neighbour, part))
    if not found:
        return False
    _, neighbour, taken = min(found)
    owned[neighbour].remove(taken)
    owned[number].append(taken)
    return True


def _to_spare(parts: Sequence[_Part]) -> Iterator[_Part]:
    """Yield the parts that stand beside all other ink of a character, or low below it: neither its dot nor its stem."""
    for place, part in enumerate(parts if len(parts) > 1 else []):
        rest = Box.around(other.box for other in (*parts[:place], *parts[place + 1 :]))
        shared = min(rest.right, part.box.right) - max(rest.left, part.box.left)
        is_below = part.box.top > (rest.top + rest.bottom) / 2
        is_low = part.box.height < Box.around((part.box, rest)).height / 2
        if shared < _BESIDE * min(part.box.width, rest.width) or (is_below and is_low):
            yield part


def _take_part(owned: list[list[_Part]], number: int, edges: NDArray[np.float64], components: Components) -> None:
    """Let a character without ink cut off what its neighbours have on its side of the cut between them."""
    for neighbour in _neighbours(number, len(owned)):
        cut = float(edges[max(number, neighbour)])
        for place, part in enumerate(owned[neighbour]):
            before, behind = _between(part, -np.inf, cut, components), _between(part, cut, np.inf, components)
            if before and behind:
                own, other = (behind, before) if neighbour < number else (before, behind)
                owned[neighbour][place] = other
                owned[number].append(own)
