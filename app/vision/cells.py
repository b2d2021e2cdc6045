"""Places for single characters, as forms have them."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from app.vision.affine import Affine
from app.vision.box import Box


class Cells(NamedTuple):
    """M places for single characters, side by side.

    Attributes
    ----------
    top, bottom : rows of pixels where the dividers between the cells begin and end
    sides : (M + 1,) columns of pixels, ascending; cell number m is between ``sides[m]`` and ``sides[m + 1]``
    """

    top: float
    bottom: float
    sides: NDArray[np.float64]

    @property
    def step(self) -> float:
        """Width of a cell in pixels."""
        return float(self.sides[-1] - self.sides[0]) / (len(self.sides) - 1)

    def mapped(self, way: Affine) -> Cells:
        """Return the cells in another picture, which `way` maps to and in which level lines are still level."""
        (across, lean), (_, down) = way.linear.tolist()
        to_x, to_y = way.shift.tolist()
        sides = across * self.sides + lean * (self.top + self.bottom) / 2 + to_x
        return Cells(down * self.top + to_y, down * self.bottom + to_y, sides)

    def hold(self, box: Box) -> bool:
        """Whether a row with this box was written into the cells.

        If the dividers are lower than a cell is wide, they are ticks on a line. What is written on it may stand above
        them, so that cells are taken to be as high as they are wide.
        """
        middle, room = (box.top + box.bottom) / 2, max(0.0, self.step - (self.bottom - self.top))
        return self.top - room <= middle <= self.bottom and box.left < self.sides[-1] and box.right > self.sides[0]
