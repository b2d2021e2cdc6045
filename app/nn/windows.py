"""Windows that a kernel looks through as it steps across images, and their transpose."""

from __future__ import annotations

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view

from app.nn.namespace import array_namespace
from app.nn.types import Array


def steps(side: int, size: int, stride: int) -> int:
    """Count the windows that fit into a side; pixels past the last whole one are ignored."""
    return (side - size) // stride + 1


def windows(pixels: Array, size: tuple[int, int], stride: int) -> Array:
    """Return every window of images.

    Parameters
    ----------
    pixels : ndarray of shape (N, H, W, C), any dtype
    size : (KH, KW), pixels
    stride : pixels; the same along rows and columns

    Returns
    -------
    ndarray of shape (N, OH, OW, KH, KW, C); OH = (H - KH) // stride + 1
        Of a NumPy array it is a view, not to be written to: whoever lays the windows out copies them in one operation.
        With one for each place in a window, two threads that compute side by side mostly wait for the interpreter.
    """
    if type(pixels) is np.ndarray:
        view = sliding_window_view(pixels, size, axis=(1, 2))[:, ::stride, ::stride]
        return np.moveaxis(view, 3, -1)
    xp = array_namespace(pixels)
    (kh, kw), (_, height, width, _) = size, pixels.shape
    places = [
        pixels[:, _reach(row, height, kh, stride), _reach(column, width, kw, stride), :]
        for row in range(kh)
        for column in range(kw)
    ]
    n, oh, ow, channels = places[0].shape
    return xp.reshape(xp.stack(places, axis=3), (n, oh, ow, kh, kw, channels))


def add_windows(values: Array, shape: tuple[int, int, int, int], stride: int) -> Array:
    """Add every window back to the pixels it came from: the transpose of `windows`.

    Parameters
    ----------
    values : ndarray of shape (N, OH, OW, KH, KW, C)
    shape : (N, H, W, C) of the images

    Returns
    -------
    ndarray of that shape; pixels seen through several windows hold the sum
    """
    kh, kw = values.shape[3:5]
    pixels = array_namespace(values).zeros(shape, dtype=values.dtype)
    for row in range(kh):
        for column in range(kw):
            place = (slice(None), _reach(row, shape[1], kh, stride), _reach(column, shape[2], kw, stride), slice(None))
            pixels[place] += values[:, :, :, row, column, :]
    return pixels


def _reach(first: int, side: int, size: int, stride: int) -> slice:
    """The pixels that all windows along a side have at place `first`."""
    return slice(first, first + stride * (steps(side, size, stride) - 1) + 1, stride)
