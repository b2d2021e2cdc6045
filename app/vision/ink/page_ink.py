"""The ink of a page, found only once at each size, however many ways up the page is tried."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from app.vision.ink.margin import on_larger_paper
from app.vision.ink.noise import FoundInk, find_ink
from app.vision.ink.padding import without_padding
from app.vision.ink.scale import overview_zoom, scaled


class PageInk:
    """A page that remembers the ink that was found in it; make one for each reading.

    Parameters
    ----------
    grey : (H, W), the page as it came
    inverted : whether all writing is taken for lighter than its ground, whatever the page looks like
    panels : whether `grey` is what `only_panels` made of the page; all writing is darker than its ground then

    Attributes
    ----------
    inverted, panels : as given
    shape : (H, W), size of what is looked at: the page, or the page on larger paper
    to_page : the map from pixels of what is looked at to pixels of the page as it came
    overview : by how much the page is scaled for a first look
    """

    def __init__(self, grey: NDArray[np.uint8], *, inverted: bool = False, panels: bool = False) -> None:
        self.inverted = inverted
        self.panels = panels
        if inverted:
            grey = 255 - grey
        self._grey, self.to_page = on_larger_paper(grey)
        self._photographed: NDArray[np.bool_] | None = None
        if self._grey is grey:
            self._grey, self._photographed = without_padding(grey)
        self._found: dict[float, FoundInk] = {}
        self.shape = self._grey.shape
        self.overview = overview_zoom(self.shape)

    def at(self, zoom: float) -> FoundInk:
        """Return the ink of the page scaled by `zoom`."""
        if zoom not in self._found:
            # It is better to remove noise before the page is enlarged than afterwards.
            grey = self.at(1).grey if zoom > self.overview == 1 else self._grey
            photographed = self._photographed
            if photographed is not None:
                photographed = scaled(255 * photographed.astype(np.uint8), zoom) == 255
            known_dark = self.inverted or self.panels
            self._found[zoom] = find_ink(scaled(grey, zoom), known_dark=known_dark, photographed=photographed)
        return self._found[zoom]

    def is_like(self, other: PageInk) -> bool:
        """Whether a first look finds the same ink as in another page."""
        return np.array_equal(self.at(self.overview).ink, other.at(other.overview).ink)
