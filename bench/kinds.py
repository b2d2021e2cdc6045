"""Pages of one kind have numbers of one range: ``05_star.jpg`` is number 5."""

from __future__ import annotations

import re
from collections.abc import Iterable

KINDS: dict[str, tuple[range, ...]] = {
    "the four photos of the original experiment": (range(1, 5),),
    "block capitals, digits, form fields": (range(5, 20), range(50, 60)),
    "grids of one character": (range(60, 70),),
    "hand-printed mixed case": (range(20, 28),),
    "a printed font": (range(28, 30),),
    "low-resolution camera": (range(30, 40),),
    "graph paper, thick pens": (range(41, 42),),
    "joined writing": (range(40, 41), range(43, 50)),
}
OTHER, ALL = "other pages", "all"


def kind_of(name: str) -> str:
    """Return the kind of a page by the name of its file."""
    number = re.match(r"\d+", name)
    if number:
        for kind, ranges in KINDS.items():
            if any(int(number[0]) in numbers for numbers in ranges):
                return kind
    return OTHER


def kinds_of(names: Iterable[str]) -> list[str]:
    """Return the kinds that there are among pages, in the order of the table."""
    present = {kind_of(name) for name in names}
    return [kind for kind in (*KINDS, OTHER) if kind in present]
