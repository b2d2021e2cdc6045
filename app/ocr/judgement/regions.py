"""Joins neighbouring rows that have something in common, such as a foreign script, to regions of the page."""

from __future__ import annotations

from collections.abc import Iterable

from app.vision import Box

# Rows are next to each other if at most this much lies between them, in heights of the one that is less high.
_NEAR_DOWN, _NEAR_ACROSS = 2.5, 3.0


def regions(rows: Iterable[Box]) -> list[Box]:
    """Join the boxes of rows that are next to each other, from top to bottom."""
    found: list[Box] = []
    for row in sorted(rows, key=lambda box: (box.top, box.left)):
        beside = [region for region in found if _are_near(region, row)]
        found = [region for region in found if region not in beside] + [Box.around([*beside, row])]
    return sorted(found, key=lambda box: (box.top, box.left))


def _are_near(region: Box, row: Box) -> bool:
    height = min(region.height, row.height)
    down = max(region.top - row.bottom, row.top - region.bottom)
    across = max(region.left - row.right, row.left - region.right)
    return down <= _NEAR_DOWN * height and across <= _NEAR_ACROSS * height
