"""Strips of what lies beyond a sheet, a few pixels wide, along the sides of a photograph."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from app.vision.ink.components import LETTER, Components

Boxes = NDArray[np.int32]

# In heights of the writing:
_BESIDE = 0.15  # what is so close to a side of the image lies along it
_APART = 0.8  # letters are farther away; what reaches the side with its word beside it is a letter that was cut
_LONG = 1.5  # no letter of a picture that is cropped tightly is so long
_CLOSE_PX = 3  # and on a small page at least so close, as the last pixels of an image are blurred
_ALONG = 0.4  # share of its length that is so close to the side, of one that is torn or hardly slopes
_LONGER = 1.2  # times as long as wide at least; what is as wide as long lies along nothing
# No letter is thinner than both of these:
_THIN = 0.5  # stroke widths, for an I
_LOW = 0.1  # heights of the writing, for an arc of a letter in a thick pen


def are_slivers(components: Components, letter_px: float) -> NDArray[np.bool_]:
    """Tell which pieces (N,) lie along a side of the image, longer or thinner than letters, with no letter near them.

    Parameters
    ----------
    letter_px : height of the writing
    """
    boxes, size = components.boxes, np.array(components.label_image.shape)
    reach = max(_CLOSE_PX, round(_BESIDE * letter_px))
    thin_px = min(_THIN * components.stroke_px, _LOW * letter_px)
    sizes = boxes[:, 2:] - boxes[:, :2]
    outside = np.concatenate([boxes[:, :2] <= reach, boxes[:, 2:] >= size - reach], axis=1)
    beside = outside.any(axis=1)
    letters = boxes[(components.heights >= LETTER * letter_px) & ~beside]
    if not len(letters):  # a word that was cropped tightly
        return np.zeros(len(boxes), bool)
    narrow, long = sizes.min(axis=1), sizes.max(axis=1) > _LONG * letter_px
    found = beside & ((long & (narrow < LETTER * letter_px)) | (narrow < thin_px))
    for number in np.flatnonzero(found).tolist():
        sides = np.flatnonzero(outside[number]).tolist()
        along = any(_lies_along(components.mask(number), side, reach) for side in sides)
        found[number] = along and not _are_near(boxes[number], letters, _APART * letter_px)
    return found


def _lies_along(own: NDArray[np.bool_], side: int, reach: int) -> bool:
    """Whether a piece (H, W) is long and close to one side of it: 0 to 3 for top, left, bottom, right."""
    own = np.rot90(own, -side)  # so that the side is the top
    height, width = own.shape
    return width >= _LONGER * height and own[: reach + 1].any(axis=0).mean() >= _ALONG


def _are_near(box: Boxes, others: Boxes, least: float) -> bool:
    """Whether any other boxes (M, 4) are nearer to one (4,) than that, both down and across."""
    white = np.maximum(box[:2] - others[:, 2:], others[:, :2] - box[2:])
    return bool((white.max(axis=1) < least).any())
