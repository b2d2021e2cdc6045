"""Two corrections of the same ink, which must not say different things of it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from app.corrections.correction import Sides

# Of the area that two boxes cover together, what they share if they are around the same ink, as in PASCAL VOC
# (Everingham et al. 2010). Neighbours share less, also where one leans over the other.
_SAME_INK = 0.5


def contradict(one: Mapping[str, Any], other: Mapping[str, Any]) -> bool:
    """Tell whether two corrections of a page say different things of the same ink.

    Parameters
    ----------
    one, other : the characters of both with the boxes of their ink, as `Correction.details` has them under ``on_page``
    """
    return any(
        char != other_char and _share(box, other_box) >= _SAME_INK
        for char, box in one["chars"]
        for other_char, other_box in other["chars"]
        if box is not None and other_box is not None
    )


def _share(one: Sides, other: Sides) -> float:
    """Return the area that two boxes have in common, as a share of what they cover together."""
    height = min(one[2], other[2]) - max(one[0], other[0])
    width = min(one[3], other[3]) - max(one[1], other[1])
    if height <= 0 or width <= 0:
        return 0.0
    common = height * width
    return common / (_area(one) + _area(other) - common)


def _area(box: Sides) -> int:
    top, left, bottom, right = box
    return (bottom - top) * (right - left)
