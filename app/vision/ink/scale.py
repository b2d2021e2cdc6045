"""How large a page is looked at: as large as its writing needs and no larger."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from PIL import Image

# A page is first looked at reduced to about so many pixels. On most photographs letters are still high enough then.
_OVERVIEW_PX = 1_000_000
# Letters lower than this, in pixels, lose their counters and touch each other when ink is told from paper;
_LOW = 24
# and so high they are made. The classifier's input is 26 pixels high.
_HIGH_ENOUGH = 36
# Enlarging adds no detail; beyond these a page only costs time.
_LARGEST_ZOOM = 3.0
_LARGEST_PX = 1_500_000


def overview_zoom(shape: tuple[float, ...]) -> float:
    """Return by how much to scale a page (H, W) for a first look: a whole fraction, at most 1."""
    return 1 / max(1, round((shape[0] * shape[1] / _OVERVIEW_PX) ** 0.5))


def reading_zoom(shape: tuple[int, ...], zoom: float, height: float) -> float:
    """Return by how much to scale a page on which a look at `zoom` found letters `height` pixels high there.

    It is `zoom` itself where that is high enough.
    """
    if height >= _LOW or not height:
        return zoom
    wanted = min(zoom * _HIGH_ENOUGH / height, _LARGEST_ZOOM)
    if wanted < 1:
        return 1 / max(1, int(1 / wanted))  # whole fractions are averages of whole pixels, which is fast and sharp
    return max(1.0, min(wanted, (_LARGEST_PX / (shape[0] * shape[1])) ** 0.5))


def scaled(grey: NDArray[np.uint8], zoom: float) -> NDArray[np.uint8]:
    """Scale a page (H, W); below 1 by a whole fraction."""
    if zoom == 1:
        return grey
    image = Image.fromarray(grey)
    if zoom < 1:
        return np.asarray(image.reduce(round(1 / zoom)))
    return np.asarray(image.resize((round(image.width * zoom), round(image.height * zoom)), Image.Resampling.BICUBIC))
