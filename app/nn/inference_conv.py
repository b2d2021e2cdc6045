"""The three ways in which a trained convolution is computed in buffers: by fields, by tiles, by tiles along rows."""

from __future__ import annotations

from collections.abc import Callable
from copy import copy
from typing import TypeAlias

import numpy as np

from app.nn import winograd
from app.nn.buffers import Buffers
from app.nn.conv import CHANNELS_FOR_TILES, Conv2D
from app.nn.halo import Halo
from app.nn.layout import channels_first, channels_last
from app.nn.types import Array
from app.nn.windows import windows

Finish: TypeAlias = Callable[[Array], Array]
"""An activation that works in place."""

Step: TypeAlias = Callable[[Array, Buffers], Array]
"""What a layer has become: reads x, which it leaves as it is, and returns an array that may be one of the buffers."""


def conv_step(layer: Conv2D, halo: Halo, target: str, finish: Finish) -> Step:
    """Turn a convolution into a step.

    Parameters
    ----------
    halo : that of the layer's input; afterwards that of its output
    target : name of the work array for the output
    finish : the activation that follows
    """
    column, in_tiles, layer = halo.column, layer.in_tiles, halo.resized(layer)
    if in_tiles:
        return _by_tiles(layer, column, target, finish)
    if layer.kernel_size[1] == winograd.KERNEL and layer.stride == (1, 1) and layer.in_channels >= CHANNELS_FOR_TILES:
        return _by_row_tiles(layer, column, target, finish)
    return _by_fields(layer, column, target, finish)


def _by_fields(layer: Conv2D, column: Array | None, target: str, finish: Finish) -> Step:
    """As `im2col`, in buffers. Of all three, `column` is what the halo has on either side."""
    (kh, kw), (down, across) = layer.kernel_size, layer.padding
    single_pixels = layer.kernel_size == layer.stride == (1, 1)
    matrix, bias = np.ascontiguousarray(layer.matrix()), layer.params["bias"]
    layer = _without_weights(layer)

    def step(x: Array, buffers: Buffers) -> Array:
        n, oh, ow, out_channels = layer.output_shape(x)
        _, channels, height, width = x.shape
        pixels = channels_last(x)
        if down or across:
            shape = n, height + 2 * down, width + 2 * across, channels
            pixels = buffers.bordered("padded", pixels, shape, layer.padding, column)
        y = buffers.take(target, (n, oh, ow, out_channels), x.dtype)
        rows = y.reshape(n * oh * ow, out_channels)
        if single_pixels:  # their fields are the pixels, row after row
            np.matmul(pixels.reshape(n * oh * ow, channels), matrix, out=rows)
        elif channels == 1:  # as `im2col` does
            fields = buffers.take("fields", (kh, kw, 1, n, oh, ow), x.dtype)
            fields[...] = windows(pixels, (kh, kw), layer.stride, layer.dilation).transpose(3, 4, 5, 0, 1, 2)
            np.matmul(fields.reshape(len(matrix), -1).T, matrix, out=rows)
        else:
            fields = buffers.take("fields", (n, oh, ow, kh, kw, channels), x.dtype)
            fields[...] = windows(pixels, (kh, kw), layer.stride, layer.dilation)
            np.matmul(fields.reshape(n * oh * ow, len(matrix)), matrix, out=rows)
        rows += bias
        return channels_first(finish(y))

    return step


def _by_tiles(layer: Conv2D, column: Array | None, target: str, finish: Finish) -> Step:
    """As `winograd.convolve`, in buffers; see there for the shapes."""
    kernels, bias = winograd.kernels_to_places(layer.params["weight"]), layer.params["bias"]
    layer = _without_weights(layer)
    from_pixels, to_outputs = _transforms(bias)

    def step(x: Array, buffers: Buffers) -> Array:
        n, oh, ow, out_channels = layer.output_shape(x)
        channels = x.shape[1]
        down, across = (winograd.tiles_along(*each) for each in zip(x.shape[2:], layer.padding, strict=True))
        tiles, places = n * down * across, winograd.PLACES
        shape = n, *(winograd.TILE * count + winograd.KERNEL - 1 for count in (down, across)), channels
        padded = buffers.bordered("padded", channels_last(x), shape, layer.padding, column)
        fields = winograd.fields(padded)
        gathered = buffers.take("gathered", fields.shape, x.dtype)
        gathered[...] = fields
        transformed = _both_axes(from_pixels, gathered, "places", buffers).reshape(places, tiles, channels)
        products = buffers.take("products", (places, tiles, out_channels), x.dtype)
        np.matmul(transformed, kernels, out=products)
        outputs = _both_axes(to_outputs, products, "outputs", buffers)
        y = buffers.take(target, (n, winograd.TILE * down, winograd.TILE * across, out_channels), x.dtype)
        tiled = winograd.to_tiles(y)
        tiled[...] = outputs.reshape(tiled.shape)
        y += bias
        return channels_first(finish(y)[:, :oh, :ow])

    return step


def _by_row_tiles(layer: Conv2D, column: Array | None, target: str, finish: Finish) -> Step:
    """As `_by_tiles`, but tiles are 4 outputs along a row, a dilation apart.

    A row shorter than a few tiles gains nothing: at dilation 8 a tile spans 32 columns, and rows of 64 gain.
    """
    kernels, bias = winograd.kernels_to_row_places(layer.params["weight"]), layer.params["bias"]
    layer = _without_weights(layer)
    from_pixels, to_outputs = _transforms(bias)
    kh, (by_row, by_column), down = layer.kernel_size[0], layer.dilation, layer.padding[0]

    def step(x: Array, buffers: Buffers) -> Array:
        n, oh, ow, out_channels = layer.output_shape(x)
        channels, across = x.shape[1], -(-ow // (winograd.TILE * by_column))
        high, wide = x.shape[2] + 2 * down, winograd.TILE * across + winograd.KERNEL - 1
        padded = buffers.bordered(
            "padded", channels_last(x), (n, high, wide * by_column, channels), layer.padding, column
        )
        # What is a dilation apart becomes neighbours: columns belong in turns to so many rows, which do not meet.
        apart = padded.reshape(n, high, wide, by_column * channels)
        fields = windows(apart, (kh, winograd.FIELD), (1, winograd.TILE), (by_row, 1))
        fields = fields.reshape(n, oh, across, kh, winograd.FIELD, by_column, channels).transpose(4, 0, 1, 2, 5, 3, 6)
        gathered = buffers.take("gathered", fields.shape, x.dtype)
        gathered[...] = fields
        tiles = n * oh * across * by_column
        transformed = _first_axis(from_pixels, gathered, "places", buffers)
        products = buffers.take("products", (winograd.FIELD, tiles, out_channels), x.dtype)
        np.matmul(transformed.reshape(winograd.FIELD, tiles, kh * channels), kernels, out=products)
        outputs = _first_axis(to_outputs, products, "outputs", buffers)
        y = buffers.take(target, (n, oh, winograd.TILE * across * by_column, out_channels), x.dtype)
        tiled = y.reshape(n, oh, across, winograd.TILE, by_column, out_channels).transpose(3, 0, 1, 2, 4, 5)
        tiled[...] = outputs.reshape(tiled.shape)
        y += bias
        return channels_first(finish(y)[:, :, :ow])

    return step


def _without_weights(layer: Conv2D) -> Conv2D:
    """Copy what a step asks its layer for; the weights it has in a form of its own, and memory is short."""
    layer = copy(layer)
    layer.params = {}
    return layer


def _transforms(like: Array) -> tuple[Array, Array]:
    return winograd.FROM_PIXELS.astype(like.dtype), winograd.TO_OUTPUTS.astype(like.dtype)


def _first_axis(matrix: Array, values: Array, name: str, buffers: Buffers) -> Array:
    """Multiply the first axis of values (K, ...) by a matrix (M, K), to (M, R)."""
    (m, k), count = matrix.shape, values.size
    return np.matmul(matrix, values.reshape(k, -1), out=buffers.take(name, (m, count // k), values.dtype))


def _both_axes(matrix: Array, values: Array, name: str, buffers: Buffers) -> Array:
    """Multiply by a matrix (M, K) both of the two axes that values (K * K, ...) have first, to (M, M, R).

    In small products, as `app.nn.winograd` does.
    """
    m, k = matrix.shape
    by_second = values.reshape(k, k, -1).transpose(1, 0, 2)
    half = buffers.take("half", (k, m, by_second.shape[2]), values.dtype)
    np.matmul(matrix, by_second, out=half)
    return np.matmul(matrix, half.transpose(1, 0, 2), out=buffers.take(name, (m, m, half.shape[2]), values.dtype))
