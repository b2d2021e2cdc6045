"""A decoded page, and how much may be decoded."""

from __future__ import annotations

from dataclasses import dataclass
from math import ceil, floor

import numpy as np
from numpy.typing import NDArray

from app.errors import TooManyPages, TooManyPixels
from app.vision.box import Box

# Pixels that a page needs for reading: its glyphs are still sharper than the classifier's input. More only cost time.
ENOUGH_PX = 3_000_000
_ROUNDING = 1e-6  # pixels; if a rectangle reaches less far into a pixel, that is an error of the arithmetic


@dataclass(frozen=True)
class DecodeLimits:
    """How large the pages of a file may be, and how many of them may be decoded.

    Attributes
    ----------
    max_pixels : largest width times height of a page, as the file's header states them
    max_pages : how many pages of one file are decoded at most; the file may have more
    """

    max_pixels: int = 100_000_000
    max_pages: int = 100

    def check_size(self, width: int, height: int, place: str = "") -> None:
        """Refuse a page that is too large; the message ends with `place`, which says which page it is.

        Raises
        ------
        TooManyPixels
        """
        if width * height > self.max_pixels:
            raise TooManyPixels(
                f"expected at most {self.max_pixels} pixels, got {width} x {height}{place}",
                limit=self.max_pixels,
                actual=width * height,
            )

    def check_count(self, pages: int, more: str = "") -> None:
        """Refuse to decode too many pages; `more` follows their number in the message if counting stopped there.

        Raises
        ------
        TooManyPages
        """
        if pages > self.max_pages:
            raise TooManyPages(
                f"expected at most {self.max_pages} pages, got {pages}{more}; the option pages chooses some",
                limit=self.max_pages,
                actual=pages,
            )


@dataclass(frozen=True)
class Picture:
    """A decoded page, perhaps smaller than the upload.

    Attributes
    ----------
    grey : uint8 (H, W), upright
    width, height : size of the upload in pixels, upright; of a PDF, the size in which the page was drawn
    number : of the page in its file, counted from 1
    """

    grey: NDArray[np.uint8]
    width: int
    height: int
    number: int = 1

    @property
    def scale(self) -> tuple[float, float]:
        """How many pixels of the upload one pixel of `grey` stands for, down and across."""
        return self.height / self.grey.shape[0], self.width / self.grey.shape[1]

    def on_upload(self, sides: NDArray[np.float64]) -> Box:
        """Return the pixels of the upload that a rectangle of `grey` touches.

        Parameters
        ----------
        sides : (4,) top, left, bottom, right, in pixels of `grey`; what lies outside of it is cut off
        """
        down, across = self.scale
        top, left, bottom, right = sides.tolist()  # numbers are faster than an array of four, and a page has many boxes
        return Box(
            max(0, floor(top * down + _ROUNDING)),
            max(0, floor(left * across + _ROUNDING)),
            min(self.height, ceil(bottom * down - _ROUNDING)),
            min(self.width, ceil(right * across - _ROUNDING)),
        )
