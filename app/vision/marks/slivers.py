"""Slivers: strips of the table, a few pixels wide, along the sides of a photograph of a sheet."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from app.vision.ink.components import LETTER, Components

Boxes = NDArray[np.int32]

# A sliver is close to a side of the image: within the larger of these.
_BESIDE = 0.15  # heights of the writing
_CLOSE_PX = 3  # on a small page, because the last pixels of an image are blurred
_APART = 0.8  # heights of the writing; letters are farther away, or the piece is a letter that the side cuts off
_LONG = 1.5  # heights of the writing; letters that touch the side of a tightly cropped picture are shorter
_ALONG = 0.4  # share of its length that is close to the side, at least, as it may be torn or slope a little
_LONGER = 1.2  # length in widths, at least; what is as wide as long does not lie along a side
# A shorter piece is a sliver, too, if it is thinner than both of these:
_THIN = 0.5  # stroke widths; an I has more
_LOW = 0.1  # heights of the writing; an arc of a letter in a thick pen has more


def are_slivers(components: Components, letter_px: float) -> NDArray[np.bool_]:
    """Tell which pieces (N,) are slivers: along a side of the image, longer or thinner than letters, far from letters.

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
    """Whether a piece (h, w) lies along one side of its box: 0 to 3 for the top, left, bottom or right side."""
    own = np.rot90(own, -side)  # so that the side is the top
    height, width = own.shape
    return width >= _LONGER * height and own[: reach + 1].any(axis=0).mean() >= _ALONG


def _are_near(box: Boxes, others: Boxes, least: float) -> bool:
    """Whether any of the `others` (M, 4) is nearer to a box (4,) than `least`, both down and across."""
    white = np.maximum(box[:2] - others[:, 2:], others[:, :2] - box[2:])
    return bool((white.max(axis=1) < least).any())
