"""Turning a picture, and the way back for what was found on it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Self

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from app.vision.box import Box

_QUARTER_DEG = 90
# A picture is only turned or sheared if it becomes at most this many times as large, or has at most `_MOST_PX` pixels.
_MOST_GROWTH = 4.0
_MOST_PX = 20_000_000


@dataclass(frozen=True)
class Affine:
    """A map of the plane, from a place in one picture to that in another: ``linear @ (x, y) + shift``.

    Places are in pixels. Whole numbers are the edges between pixels: the middle of the first pixel is at (0.5, 0.5).

    Attributes
    ----------
    linear : (2, 2)
    shift : (2,)
    """

    linear: NDArray[np.float64]
    shift: NDArray[np.float64]

    @classmethod
    def scaling(cls, across: float, down: float) -> Self:
        """Return the map to a picture so many times as wide and as high."""
        return cls(np.diag([across, down]), np.zeros(2))

    @classmethod
    def rotation(cls, angle_deg: float, size: tuple[int, int], to_size: tuple[int, int]) -> Self:
        """Return the map that turns a picture (H, W) counter-clockwise about its middle, which becomes the other's."""
        cos, sin = np.cos(np.radians(angle_deg)), np.sin(np.radians(angle_deg))
        # Rounded, so that quarter turns are exact.
        linear = np.array([[cos, sin], [-sin, cos]], np.float64).round(15)
        return cls(linear, np.array(to_size[::-1]) / 2 - linear @ (np.array(size[::-1]) / 2))

    @classmethod
    def shear(cls, slant: float, size: tuple[int, int], to_size: tuple[int, int]) -> Self:
        """Return the map that makes upright strokes of a picture (H, W) lean to the right by `slant`, a tangent.

        Its middle becomes the middle of the other picture.
        """
        linear = np.array([[1.0, -slant], [0.0, 1.0]])
        return cls(linear, np.array(to_size[::-1]) / 2 - linear @ (np.array(size[::-1]) / 2))

    def after(self, first: Affine) -> Affine:
        """Return the map that applies `first`, and then this map."""
        return Affine(self.linear @ first.linear, self.linear @ first.shift + self.shift)

    def inverse(self) -> Affine:
        """Return the way back."""
        linear = np.asarray(np.linalg.inv(self.linear), np.float64)
        return Affine(linear, -linear @ self.shift)

    @property
    def stretch(self) -> float:
        """How many pixels long one pixel along a row becomes."""
        return float(np.hypot(*self.linear[:, 0]))

    @property
    def keeps_boxes(self) -> bool:
        """Whether boxes stay boxes: level lines stay level or become upright."""
        return bool(np.count_nonzero(self.linear) == 2)

    def around(self, points: NDArray[np.floating], reach: float = 0.0) -> NDArray[np.float64]:
        """Map points (N, 2), given as x, y; return top, left, bottom and right of the box around the results.

        Parameters
        ----------
        reach : if the points are the middles of squares, half of the squares' side; the box is around what these become
        """
        there = points @ self.linear.T + self.shift
        more = reach * np.abs(self.linear).sum(axis=1)
        (left, top), (right, bottom) = there.min(axis=0) - more, there.max(axis=0) + more
        return np.array([top, left, bottom, right])

    def around_box(self, box: Box, ink: NDArray[np.integer]) -> NDArray[np.float64]:
        """Map a box; return top, left, bottom and right of the result.

        If the map does not keep boxes, these are the sides of the box around the ink in it, or around its corners if it
        has no ink.

        Parameters
        ----------
        ink : (H, W), 0 for paper
        """
        if self.keeps_boxes:
            return self._around_corners(box)
        down, across = np.nonzero(ink[box.top : box.bottom, box.left : box.right])
        if len(down):
            return self.around(np.stack([across + box.left, down + box.top], axis=1) + 0.5, 0.5)
        corners = np.array([(x, y) for x in (box.left, box.right) for y in (box.top, box.bottom)], np.float64)
        return self.around(corners)

    def _around_corners(self, box: Box) -> NDArray[np.float64]:
        """As `around` for two opposite corners, but without arrays, which are slow: it is called for every glyph."""
        (a, b), (c, d) = self.linear.tolist()
        to_x, to_y = self.shift.tolist()
        xs = a * box.left + b * box.top + to_x, a * box.right + b * box.bottom + to_x
        ys = c * box.left + d * box.top + to_y, c * box.right + d * box.bottom + to_y
        return np.array([min(ys), min(xs), max(ys), max(xs)])


def rotated_back(image: NDArray[np.uint8], angle_deg: float) -> tuple[NDArray[np.uint8], Affine]:
    """Turn a picture clockwise, to one that is large enough for all of it; its empty corners are 0.

    Parameters
    ----------
    image : (H, W)

    Returns
    -------
    turned, way : the turned picture (H', W'); the map from it to `image`
    """
    quarters, rest = divmod(angle_deg, _QUARTER_DEG)
    if not rest:
        turned = np.ascontiguousarray(np.rot90(image, -int(quarters)))
        return turned, Affine.rotation(angle_deg, turned.shape, image.shape)
    size = _rotated_size(image.shape, angle_deg)
    way = Affine.rotation(angle_deg, size, image.shape)
    return warped(image, way, size, Image.Resampling.BILINEAR), way


def sheared_back(image: NDArray[np.uint8], slant: float) -> tuple[NDArray[np.uint8], Affine]:
    """Make strokes upright that lean to the right by `slant`, a tangent; parameters and result as of `rotated_back`."""
    size = _sheared_size(image.shape, slant)
    way = Affine.shear(slant, size, image.shape)
    return warped(image, way, size, Image.Resampling.BILINEAR), way


def may_rotate_back(shape: tuple[int, ...], angle_deg: float) -> bool:
    """Whether a picture (H, W) has a manageable size after it is turned by less than a quarter.

    A large picture that is many times as long as wide has not: nearly all of the turned one would be empty corners.
    """
    return _may_become(shape, _rotated_size(shape, angle_deg))


def may_shear_back(shape: tuple[int, ...], slant: float) -> bool:
    """Whether a picture (H, W) has a manageable size after its strokes are made upright."""
    return _may_become(shape, _sheared_size(shape, slant))


def _may_become(shape: tuple[int, ...], size: tuple[int, int]) -> bool:
    return size[0] * size[1] <= max(_MOST_GROWTH * shape[0] * shape[1], _MOST_PX)


def _rotated_size(shape: tuple[int, ...], angle_deg: float) -> tuple[int, int]:
    height, width = shape
    cos, sin = (abs(part(np.radians(angle_deg))) for part in (np.cos, np.sin))
    return int(np.ceil(height * cos + width * sin)), int(np.ceil(width * cos + height * sin))


def _sheared_size(shape: tuple[int, ...], slant: float) -> tuple[int, int]:
    height, width = shape
    return height, width + int(np.ceil(abs(slant) * height))


def warped(
    image: NDArray[np.uint8],
    way: Affine,
    size: tuple[int, int],
    resampling: Image.Resampling = Image.Resampling.NEAREST,
    fill: int | tuple[int, int, int] = 0,
) -> NDArray[np.uint8]:
    """Draw a picture (H, W) or (H, W, 3) turned, scaled or sheared.

    Parameters
    ----------
    way : the map from places in the new picture to places in `image`
    size : (H', W') of the new picture
    fill : value of its pixels that lie outside `image`
    """
    (a, b), (c, d) = way.linear.tolist()
    x, y = way.shift.tolist()
    data = (a, b, x, c, d, y)
    drawn = Image.fromarray(image).transform(size[::-1], Image.Transform.AFFINE, data, resampling, fillcolor=fill)
    return np.asarray(drawn)
