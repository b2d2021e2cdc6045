"""The ink of a page, found once at each size it is looked at, whichever way up the page is tried."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from app.vision.ink.margin import on_larger_paper
from app.vision.ink.noise import FoundInk, find_ink
from app.vision.ink.padding import without_padding
from app.vision.ink.scale import overview_zoom, scaled


class PageInk:
    """A page as it came; it remembers what ink it found, so it is for one reading.

    Parameters
    ----------
    grey : (H, W)
    light : whether all writing is taken for lighter than its ground, whatever the page looks like

    Attributes
    ----------
    shape : (H, W), of what is looked at
    to_page : the way from there to the page as it came
    overview : by how much the page is scaled for a first look
    """

    def __init__(self, grey: NDArray[np.uint8], *, light: bool = False) -> None:
        self._light = light
        if light:
            grey = 255 - grey
        self._grey, self.to_page = on_larger_paper(grey)
        if self._grey is grey:
            self._grey = without_padding(grey)
        self._found: dict[float, FoundInk] = {}
        self.shape = self._grey.shape
        self.overview = overview_zoom(self.shape)

    def at(self, zoom: float) -> FoundInk:
        """Return the ink of the page scaled by this."""
        if zoom not in self._found:
            # To enlarge a page without its noise is better than the other way round.
            grey = self.at(1).grey if zoom > self.overview == 1 else self._grey
            self._found[zoom] = find_ink(scaled(grey, zoom), dark=self._light)
        return self._found[zoom]
