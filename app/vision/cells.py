"""Places for single characters, as forms have them."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from app.vision.affine import Affine
from app.vision.box import Box


class Cells(NamedTuple):
    """Places for single characters, side by side.

    Attributes
    ----------
    top, bottom : rows of pixels, of what divides them
    sides : (M + 1,), columns of pixels between which each of M is, ascending
    """

    top: float
    bottom: float
    sides: NDArray[np.float64]

    @property
    def step(self) -> float:
        """Pixels from one to the next."""
        return float(self.sides[-1] - self.sides[0]) / (len(self.sides) - 1)

    def seen(self, way: Affine) -> Cells:
        """Return where they are in another picture, which `way` leads to; level stays level."""
        (across, lean), (_, down) = way.linear.tolist()
        to_x, to_y = way.shift.tolist()
        sides = across * self.sides + lean * (self.top + self.bottom) / 2 + to_x
        return Cells(down * self.top + to_y, down * self.bottom + to_y, sides)

    def hold(self, box: Box) -> bool:
        """Whether a row with such a box was written into them; what stands on ticks stands above them."""
        middle, room = (box.top + box.bottom) / 2, max(0.0, self.step - (self.bottom - self.top))
        return self.top - room <= middle <= self.bottom and box.left < self.sides[-1] and box.right > self.sides[0]
