"""A rectangle of pixels."""

from __future__ import annotations

from collections.abc import Iterable
from typing import NamedTuple, TypeVar

import numpy as np
from numpy.typing import NDArray

_Number = TypeVar("_Number", bound=np.number)


class Box(NamedTuple):
    """Pixels ``image[top:bottom, left:right]``; bottom and right are excluded."""

    top: int
    left: int
    bottom: int
    right: int

    @property
    def height(self) -> int:
        return self.bottom - self.top

    @property
    def width(self) -> int:
        return self.right - self.left

    def sides(self) -> dict[str, int]:
        """The four numbers by name, as answers and transcripts hold them."""
        return {"left": self.left, "top": self.top, "right": self.right, "bottom": self.bottom}

    def turned(self, quarters: int, size: tuple[int, int]) -> Box:
        """The same rectangle of an image (H, W) once that is turned counter-clockwise, as by ``np.rot90``."""
        height, width = size
        top, left, bottom, right = self
        return (
            self,
            Box(width - right, top, width - left, bottom),
            Box(height - bottom, width - right, height - top, width - left),
            Box(left, height - bottom, right, height - top),
        )[quarters % 4]

    @staticmethod
    def of(sides: NDArray[np.number]) -> Box:
        """The box of whole numbers (4,), one row of an array of boxes."""
        return Box(*map(int, sides.tolist()))

    @staticmethod
    def around(boxes: Iterable[Box]) -> Box:
        """The smallest box that holds all of `boxes`, of which there must be at least one."""
        tops, lefts, bottoms, rights = zip(*boxes, strict=True)
        return Box(min(tops), min(lefts), max(bottoms), max(rights))


def bounds(boxes: NDArray[_Number]) -> NDArray[_Number]:
    """Return top, left, bottom and right (4,) around boxes (N, 4), of which there must be at least one."""
    return np.concatenate([boxes[:, :2].min(axis=0), boxes[:, 2:].max(axis=0)])


def transposed(boxes: NDArray[_Number]) -> NDArray[_Number]:
    """Return boxes (N, 4) with rows and columns exchanged, as on the transposed image."""
    return boxes[:, [1, 0, 3, 2]]
