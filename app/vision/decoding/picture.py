"""What decoding gives, and how much of it may be asked for."""

from __future__ import annotations

from dataclasses import dataclass
from math import ceil, floor

import numpy as np
from numpy.typing import NDArray

from app.errors import TooManyPages, TooManyPixels
from app.vision.box import Box

# Glyphs of a page this large are still sharper than the classifier's input; more pixels only cost time.
ENOUGH_PX = 3_000_000
_ROUNDING = 1e-6  # an error of the arithmetic is no reason to take in another pixel


@dataclass(frozen=True)
class DecodeLimits:
    """What may be decoded.

    Attributes
    ----------
    max_pixels : of one page, width times height as the file's header states them
    max_pages : that are decoded of one file; it may have more
    """

    max_pixels: int = 100_000_000
    max_pages: int = 100

    def check_size(self, width: int, height: int, place: str = "") -> None:
        """Refuse what is larger; `place` is put after the sentence.

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
        """Refuse to decode more pages; `more` tells if counting was given up there.

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
    width, height : of the upload in pixels, upright; a page of a PDF has as many as it is drawn with
    number : of the page in its file, from 1
    """

    grey: NDArray[np.uint8]
    width: int
    height: int
    number: int = 1

    @property
    def scale(self) -> tuple[float, float]:
        """Pixels of the upload per pixel of `grey`, down and across."""
        return self.height / self.grey.shape[0], self.width / self.grey.shape[1]

    def on_upload(self, sides: NDArray[np.float64]) -> Box:
        """Return the pixels of the upload that a rectangle of `grey` touches.

        Parameters
        ----------
        sides : (4,) top, left, bottom, right, in pixels of `grey`; what lies outside of it is cut off
        """
        down, across = self.scale
        top, left, bottom, right = sides.tolist()  # a page has hundreds of boxes, and arrays of four are slow
        return Box(
            max(0, floor(top * down + _ROUNDING)),
            max(0, floor(left * across + _ROUNDING)),
            min(self.height, ceil(bottom * down - _ROUNDING)),
            min(self.width, ceil(right * across - _ROUNDING)),
        )
