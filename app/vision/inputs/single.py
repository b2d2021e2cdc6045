"""An image that shows one glyph, or one row, and nothing else."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from app.errors import InvalidInput
from app.vision.inputs.normalise import normalise_glyph
from app.vision.inputs.strip import Strip, normalise_strip

_LEAST_CONTRAST = 12  # grey levels, of 255, between the darkest ink and the ground; with less there is no ink
_FAINT = 0.25  # share of the strongest ink; what is fainter is shadow and noise


def glyph_of_image(grey: NDArray[np.uint8]) -> NDArray[np.float32]:
    """Return the whole image as one glyph, as `normalise_glyph` does.

    Parameters
    ----------
    grey : (H, W), writing on a ground of one grey, which may be lighter or darker than the writing

    Raises
    ------
    InvalidInput : there is no ink.
    """
    return normalise_glyph(_ink_of_image(grey))


def strip_of_image(grey: NDArray[np.uint8], most_columns: float = np.inf) -> Strip:
    """Return the whole image as one level row, as `normalise_strip` does.

    Parameters
    ----------
    grey : as of `glyph_of_image`
    most_columns : as of `normalise_strip`

    Raises
    ------
    InvalidInput : there is no ink, or the strip would have more than `most_columns` columns.
    """
    return normalise_strip(_ink_of_image(grey), most_columns=most_columns)


def _ink_of_image(grey: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """Return the ink of an image (H, W), 255 at its strongest, 0 for the ground; the border's median is the ground."""
    border = np.concatenate([grey[0], grey[-1], grey[:, 0], grey[:, -1]])
    ink = np.abs(grey - np.float32(np.median(border)))
    peak = float(ink.max())
    if peak < _LEAST_CONTRAST:
        raise InvalidInput("expected an image with ink on it, got one grey")
    return np.where(ink < _FAINT * peak, 0, np.rint(ink * (255 / peak))).astype(np.uint8)
