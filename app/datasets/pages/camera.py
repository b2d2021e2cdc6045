"""Photograph a page: the view of the camera, light and shadow, blur."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageFilter

_SMALLEST_BLUR_PX = 0.3


def rotation(angle_deg: float) -> NDArray[np.float64]:
    """Return a matrix that, multiplied from the right to row vectors x, y (y downwards), turns them anticlockwise."""
    cos, sin = np.cos(np.radians(angle_deg)), np.sin(np.radians(angle_deg))
    return np.array([[cos, -sin], [sin, cos]])


class View:
    """The view of the camera: a projective map from the plane of a page to the image.

    Parameters
    ----------
    extent : (2, 2) two corners of the part of the page that is seen, in em
    px : pixels of an em in its middle
    rotation_deg : turn of the page, anticlockwise
    perspective : share by which the edge in direction `farther_rad` looks shorter than the opposite one
    margin : around `extent`, in em
    """

    def __init__(
        self,
        extent: NDArray[np.float64],
        px: float,
        rotation_deg: float,
        perspective: float,
        farther_rad: float,
        margin: float,
    ) -> None:
        self._centre = extent.mean(axis=0)
        self._matrix = px * rotation(rotation_deg)
        # So that a length at the far end looks (1 - perspective) times as long as at the near end.
        reach = max(float(np.hypot(*np.ptp(extent, axis=0))) / 2, 1e-6)
        towards = np.array([np.cos(farther_rad), np.sin(farther_rad)])
        self._recession = towards * (perspective / (2 - perspective)) / reach
        self._corner = np.zeros(2)
        (left, top), (right, bottom) = extent
        seen = self(np.array([[left, top], [right, top], [right, bottom], [left, bottom]]))
        low, high = seen.min(axis=0) - margin * px, seen.max(axis=0) + margin * px
        self._corner = low
        self.size_px = int(np.ceil(high[1] - low[1])), int(np.ceil(high[0] - low[0]))
        """(H, W) of the image."""

    def __call__(self, points: NDArray[np.floating]) -> NDArray[np.float64]:
        """Return where points (n, 2) of the page are in the image, in pixels."""
        around = points - self._centre
        depth = 1 + around @ self._recession
        return np.asarray((around @ self._matrix) / depth[:, None] - self._corner)


def clouds(rng: np.random.Generator, size_px: tuple[int, int], *, cells: int) -> NDArray[np.float64]:
    """Return smooth noise (H, W) of standard deviation about 1, with `cells` hills and hollows across the page."""
    height, width = size_px
    coarse = rng.normal(0.0, 1.0, (max(2, round(cells * height / width)), cells)).astype(np.float32)
    smooth = Image.fromarray(coarse).resize((width, height), Image.Resampling.BICUBIC)
    return np.asarray(smooth, np.float64) / 0.75  # interpolation lowers the standard deviation to this


def shadow(rng: np.random.Generator, size_px: tuple[int, int]) -> NDArray[np.float64]:
    """Return the loss of light (H, W), 0 to 1: growing to one side, and to the corners, as with every lens."""
    y, x = np.meshgrid(*(np.linspace(-1.0, 1.0, n) for n in size_px), indexing="ij")
    direction = rng.uniform(0.0, 2 * np.pi)
    lost = 0.5 * (x * np.cos(direction) + y * np.sin(direction)) + 0.35 * (x**2 + y**2) ** 1.5 / 2**1.5
    lost += 0.04 * clouds(rng, size_px, cells=3)
    lost -= lost.min()
    return np.asarray(lost / lost.max())


def slope_of_light(size_px: tuple[int, int], tilt: NDArray[np.float64]) -> NDArray[np.float32]:
    """Return light (H, W), 1 in the middle, that grows along x and y by `tilt` from edge to edge."""
    height, width = size_px
    across = 1 + tilt[0] * np.linspace(-0.5, 0.5, width, dtype=np.float32)
    return np.asarray(across + tilt[1] * np.linspace(-0.5, 0.5, height, dtype=np.float32)[:, None])


def blurred(image: NDArray[np.uint8], radius_px: float) -> NDArray[np.uint8]:
    """Blur an image (H, W) like a lens out of focus; radii too small to see are skipped."""
    if radius_px <= _SMALLEST_BLUR_PX:
        return image
    return np.asarray(Image.fromarray(image).filter(ImageFilter.GaussianBlur(radius_px)))
