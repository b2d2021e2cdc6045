"""Weights as pictures."""

from __future__ import annotations

from math import ceil, sqrt

import numpy as np

from app.errors import ShapeMismatch
from app.nn import Array


def weight_images(weight: Array, shape: tuple[int, int]) -> Array:
    """Return what each unit of a dense layer looks at, as one image a unit.

    Parameters
    ----------
    weight : (H * W, units), of a layer whose input is an image of one channel
    shape : (H, W)

    Returns
    -------
    ndarray of shape (units, H, W), same dtype: positive where ink drives the unit, negative where it holds it back

    Raises
    ------
    ShapeMismatch : the inputs are not as many as the pixels.
    """
    if weight.ndim != 2 or len(weight) != shape[0] * shape[1]:
        raise ShapeMismatch(
            f"weights of images {shape} are expected as {(shape[0] * shape[1], 'units')}, got {weight.shape}"
        )
    return weight.T.reshape(-1, *shape)


def layer_images(weight: Array, shape: tuple[int, int]) -> tuple[Array, int]:
    """Return the weight of any layer as images, and how many of them make a row.

    Parameters
    ----------
    weight : of a convolution (outputs, inputs, KH, KW): every kernel is an image, a row has those of one output; with
        one input they fill a square. Of a dense layer (inputs, outputs): see `weight_images` where its inputs are the
        pixels of an image; otherwise the matrix itself
    shape : (H, W) of the network's input
    """
    if weight.ndim == 4:
        outputs, inputs = weight.shape[:2]
        return weight.reshape(-1, *weight.shape[2:]), inputs if inputs > 1 else square_side(outputs)
    if len(weight) == shape[0] * shape[1]:
        return weight_images(weight, shape), square_side(weight.shape[1])
    return weight[None], 1


def activation_images(y: Array) -> tuple[Array, int]:
    """Return what a layer makes of one input as images, and how many of them make a row: a square's side.

    Parameters
    ----------
    y : (C, H, W), an image each channel; or (F,), a pixel each feature; or (W, C), columns of a row, as one image
    """
    if y.ndim == 3:
        return y, square_side(len(y)) if y.shape[1] > 1 else 1
    if y.ndim == 2:
        return y.T[None], 1
    return y[:, None, None], square_side(len(y))


def square_side(count: int) -> int:
    """Return the side of the smallest square with `count` places."""
    return max(1, ceil(sqrt(count)))


def tile(images: Array, columns: int, gap: int = 1) -> Array:
    """Lay images side by side, row after row.

    Parameters
    ----------
    images : (N, H, W)
    columns : images in a row
    gap : pixels between two images

    Returns
    -------
    ndarray of shape (rows * (H + gap) - gap, columns * (W + gap) - gap), same dtype; NaN where there is no image
    """
    count, height, width = images.shape
    rows = -(-count // columns)
    sheet = np.full((rows, columns, height + gap, width + gap), np.nan, images.dtype)
    sheet.reshape(-1, height + gap, width + gap)[:count, :height, :width] = images
    whole: Array = sheet.swapaxes(1, 2).reshape(rows * (height + gap), columns * (width + gap))
    return whole[: rows * (height + gap) - gap, : columns * (width + gap) - gap]


def neighbour_correlation(images: Array) -> float:
    """Return how alike adjacent pixels are, from -1 to 1: near 0 for noise, near 1 for smooth shapes.

    Parameters
    ----------
    images : (N, H, W); each pixel is paired with the one to its right and the one below
    """
    first = np.concatenate([images[:, :, :-1].ravel(), images[:, :-1].ravel()])
    second = np.concatenate([images[:, :, 1:].ravel(), images[:, 1:].ravel()])
    spread = float(first.std() * second.std())
    return float(((first - first.mean()) * (second - second.mean())).mean()) / spread if spread else 0.0
