"""At which size a page is looked at: as large as its writing needs, and no larger."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from PIL import Image

# Pixels of the page at a first look, about. On most photographs letters are still high enough then.
_OVERVIEW_PX = 1_000_000
# Height of letters, pixels. If they are lower, their counters close and they touch each other when ink is told from
# paper.
_LOW = 24
# Height of letters, pixels, to which a page with lower ones is scaled. In the classifier's input they are 26 pixels
# high.
_HIGH_ENOUGH = 36
# A page is enlarged by at most this, and to at most this many pixels: enlarging adds no detail and costs time.
_LARGEST_ZOOM = 3.0
_LARGEST_PX = 1_500_000


def overview_zoom(shape: tuple[float, ...]) -> float:
    """Return by how much to scale a page (H, W) for a first look: 1, 1/2, 1/3, ..."""
    return 1 / max(1, round((shape[0] * shape[1] / _OVERVIEW_PX) ** 0.5))


def reading_zoom(shape: tuple[int, ...], zoom: float, height: float) -> float:
    """Return by how much to scale a page (H, W) for reading.

    Parameters
    ----------
    zoom : by how much the page was scaled for a look at it
    height : of the letters at that look, pixels; 0 if there are none. If they are high enough, the result is `zoom`
    """
    if height >= _LOW or not height:
        return zoom
    wanted = min(zoom * _HIGH_ENOUGH / height, _LARGEST_ZOOM)
    if wanted < 1:
        return 1 / max(1, int(1 / wanted))  # 1/2, 1/3, ...: means of whole pixels are computed fast, and are sharp
    return max(1.0, min(wanted, (_LARGEST_PX / (shape[0] * shape[1])) ** 0.5))


def scaled(grey: NDArray[np.uint8], zoom: float) -> NDArray[np.uint8]:
    """Scale a page (H, W); a `zoom` below 1 is taken as the nearest of 1/2, 1/3, ..."""
    if zoom == 1:
        return grey
    image = Image.fromarray(grey)
    if zoom < 1:
        return np.asarray(image.reduce(round(1 / zoom)))
    return np.asarray(image.resize((round(image.width * zoom), round(image.height * zoom)), Image.Resampling.BICUBIC))
