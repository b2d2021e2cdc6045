"""Windows that a kernel looks through as it steps across images, and their transpose."""

from __future__ import annotations

from typing import TypeAlias

import numpy as np
from numpy.lib.stride_tricks import as_strided

from app.nn.namespace import array_namespace
from app.nn.types import Array

Pair: TypeAlias = tuple[int, int]  # down, across


def pair(number: int | Pair) -> Pair:
    """Return (down, across) of what may be one number for both."""
    down, across = (number, number) if isinstance(number, int) else number
    return down, across


def span(size: Pair, dilation: Pair) -> Pair:
    """Return the pixels from the first to the last of a window, those between its places included."""
    return (size[0] - 1) * dilation[0] + 1, (size[1] - 1) * dilation[1] + 1


def steps(sides: Pair, size: Pair, stride: Pair, dilation: Pair = (1, 1)) -> Pair:
    """Count the windows that fit down and across; pixels past the last whole one are ignored."""
    high, wide = span(size, dilation)
    return (sides[0] - high) // stride[0] + 1, (sides[1] - wide) // stride[1] + 1


def windows(pixels: Array, size: Pair, stride: Pair, dilation: Pair = (1, 1)) -> Array:
    """Return every window of images.

    Parameters
    ----------
    pixels : ndarray of shape (N, H, W, C), any dtype
    size : (KH, KW), pixels
    stride : (down, across), pixels from one window to the next
    dilation : (down, across), pixels from one place in a window to the next

    Returns
    -------
    ndarray of shape (N, OH, OW, KH, KW, C), OH and OW as `steps` counts them
        Of a NumPy array it is a view, not to be written to: whoever lays the windows out copies them in one operation.
        With one for each place in a window, two threads that compute side by side mostly wait for the interpreter.
    """
    if type(pixels) is np.ndarray:
        (n, height, width, c), (by_n, by_row, by_column, by_c) = pixels.shape, pixels.strides
        shape = n, *steps((height, width), size, stride, dilation), *size, c
        from_window = by_row * stride[0], by_column * stride[1]
        strides = by_n, *from_window, by_row * dilation[0], by_column * dilation[1], by_c
        return as_strided(pixels, shape, strides, writeable=False)
    xp = array_namespace(pixels)
    counts = steps(pixels.shape[1:3], size, stride, dilation)
    places = [pixels[place] for place in _places(counts, size, stride, dilation)]
    together = xp.stack(places, axis=3) if len(places) > 1 else places[0]
    return xp.reshape(together, (pixels.shape[0], *counts, *size, pixels.shape[3]))


def add_windows(values: Array, shape: tuple[int, int, int, int], stride: Pair, dilation: Pair = (1, 1)) -> Array:
    """Add every window back to the pixels it came from: the transpose of `windows`.

    Parameters
    ----------
    values : ndarray of shape (N, OH, OW, KH, KW, C)
    shape : (N, H, W, C) of the images
    stride, dilation : as of `windows`

    Returns
    -------
    ndarray of that shape; pixels seen through several windows hold the sum
    """
    _, oh, ow, kh, kw, _ = values.shape
    pixels = array_namespace(values).zeros(shape, dtype=values.dtype)
    for index, place in enumerate(_places((oh, ow), (kh, kw), stride, dilation)):
        pixels[place] += values[:, :, :, index // kw, index % kw, :]
    return pixels


def _places(counts: Pair, size: Pair, stride: Pair, dilation: Pair) -> list[tuple[slice, ...]]:
    """For each place in a window, row after row, the pixels (N, OH, OW, C) that all windows have there."""
    rows, columns = (
        [slice(first, first + step * (count - 1) + 1, step) for first in range(0, places * apart, apart)]
        for count, places, step, apart in zip(counts, size, stride, dilation, strict=True)
    )
    return [(slice(None), row, column, slice(None)) for row in rows for column in columns]
