"""A trained network as it is used: no caches, fewer passes over memory, and no allocation once it is warm.

NumPy only: what ships runs on a CPU. The layers themselves stay as they are; this file holds their second form, which
writes into buffers. `tests/nn/test_inference.py` holds the two together.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from itertools import cycle
from typing import Any, NamedTuple, TypeAlias

import numpy as np

from app.nn import winograd
from app.nn.activations import ReLU, Sigmoid, Tanh
from app.nn.beyond import Beyond
from app.nn.buffers import Buffers
from app.nn.conv import CHANNELS_FOR_TILES, Conv2D
from app.nn.dense import Dense
from app.nn.layout import channels_first, channels_last
from app.nn.residual import Residual
from app.nn.sequential import Sequential, fold_batch_norm, naming
from app.nn.types import Array, Layer
from app.nn.windows import windows

_Finish: TypeAlias = Callable[[Array], Array]  # an activation that works in place


# Bytes of work arrays that are kept for the next batch. A sample as large as few are should not cost every thread its
# memory for ever; to fetch so much anew is a small part of what such a sample takes.
_MOST_KEPT = 2**24


class Inference:
    """Computes what ``network.forward(x)[0]`` would, faster; any number of threads may share one.

    Batch normalisation is folded into the layer before it, and an activation works in place on the output of the
    layer before it while that is still in the processor's cache. For the cache's sake, too, samples go through a few
    at a time.

    Parameters
    ----------
    network : float32 or float64 NumPy arrays; copied where folding changes them, otherwise shared
    batch_size : samples that go through together
    threads : how many such batches are computed side by side. BLAS should then use one thread
    blank : (1, C, H, W). If given, images are seen as if they lay within an endless one that looks everywhere as this
        one in its middle, which does not see its edges; see `app.nn.beyond`. Otherwise they end where they end
    """

    def __init__(
        self, network: Sequential, *, batch_size: int = 32, threads: int = 1, blank: Array | None = None
    ) -> None:
        folded = fold_batch_norm(network)
        beyond = Beyond(folded, blank)
        self._edge, self._edge_px = beyond.column, beyond.first_px
        self._steps = _compile(folded, beyond)
        self._batch_size = batch_size
        self._spare: list[Buffers] = []  # appending to a list and popping from it are atomic
        self._pool = ThreadPoolExecutor(threads) if threads > 1 else None

    def predict(self, x: Array) -> Array:
        """Return the network's output (N, ...) for x (N, ...), which is not changed.

        Raises
        ------
        ShapeMismatch : a layer cannot take what comes; names the layer.
        """
        parts = [x[i : i + self._batch_size] for i in range(0, max(len(x), 1), self._batch_size)]
        return np.concatenate(list((self._pool.map if self._pool else map)(self._batch, parts)))

    def _batch(self, x: Array) -> Array:
        try:
            buffers = self._spare.pop()
        except IndexError:
            buffers = Buffers()
        if self._edge_px:
            n, channels, height, width = x.shape
            shape = n, height, width + 2 * self._edge_px, channels
            padding = 0, self._edge_px
            x = channels_first(buffers.bordered("image", channels_last(x), shape, padding, self._edge))
        y = _run(self._steps, x, buffers).copy()
        if buffers.size_bytes <= _MOST_KEPT:
            self._spare.append(buffers)
        return y


# What one layer has become: reads x, which it leaves as it is, and returns an array that may be one of the buffers.
_Step: TypeAlias = Callable[[Array, Buffers], Array]


class _Site(NamedTuple):
    """What a step has to know beside its layer.

    Attributes
    ----------
    target : name of the work array for its output
    finish : the activation that follows
    beyond : what surrounds the images here
    depth : of residuals around the layer
    """

    target: str
    finish: _Finish | None
    beyond: Beyond
    depth: int

    def finished(self, y: Array) -> Array:
        """Apply the activation to y, in place."""
        return y if self.finish is None else self.finish(y)


def _run(steps: Mapping[str, _Step], x: Array, buffers: Buffers) -> Array:
    for name, step in steps.items():
        with naming(name):
            x = step(x, buffers)
    return x


def _compile(network: Sequential, beyond: Beyond, depth: int = 0) -> dict[str, _Step]:
    """Turn each layer into a step, together with the activation that follows it.

    Only two work arrays hold outputs, in turns: what a layer reads is not needed once the next but one writes. A
    residual needs its input for longer, so layers inside have two of their own.
    """
    steps: dict[str, _Step] = {}
    layers = list(network.layers.items())
    targets = cycle((f"{depth} even", f"{depth} odd"))
    while layers:
        name, layer = layers.pop(0)
        passed, blank = [layer], beyond.blank
        make = _MAKERS.get(type(layer))
        if make is None:
            steps[name] = _plain(layer)
        else:
            finish = _IN_PLACE.get(type(layers[0][1])) if layers else None
            if finish is not None:
                passed.append(layers.pop(0)[1])
            steps[name] = make(layer, _Site(next(targets), finish, beyond, depth))
        if blank is not None:
            for each in passed:
                blank = each.forward(blank)[0]
        beyond.blank = blank
    return steps


def _plain(layer: Layer) -> _Step:
    return lambda x, buffers: layer.forward(x)[0]


def _conv(layer: Conv2D, site: _Site) -> _Step:
    column, in_tiles, layer = site.beyond.column, layer.in_tiles, site.beyond.widened(layer)
    if in_tiles:
        return _tiled_conv(layer, site, column)
    if layer.kernel_size[1] == winograd.KERNEL and layer.stride == (1, 1) and layer.in_channels >= CHANNELS_FOR_TILES:
        return _row_conv(layer, site, column)
    (kh, kw), (down, across) = layer.kernel_size, layer.padding
    single_pixels = layer.kernel_size == layer.stride == (1, 1)
    matrix, bias = np.ascontiguousarray(layer.matrix()), layer.params["bias"]

    def step(x: Array, buffers: Buffers) -> Array:
        n, oh, ow, out_channels = layer.output_shape(x)
        _, channels, height, width = x.shape
        pixels = channels_last(x)
        if down or across:
            shape = n, height + 2 * down, width + 2 * across, channels
            pixels = buffers.bordered("padded", pixels, shape, layer.padding, column)
        y = buffers.take(site.target, (n, oh, ow, out_channels), x.dtype)
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
        return channels_first(site.finished(y))

    return step


def _tiled_conv(layer: Conv2D, site: _Site, column: Array | None) -> _Step:
    """As `winograd.convolve`, in buffers; see there for the shapes."""
    kernels, bias = winograd.kernels_to_places(layer.params["weight"]), layer.params["bias"]
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
        y = buffers.take(site.target, (n, winograd.TILE * down, winograd.TILE * across, out_channels), x.dtype)
        tiled = winograd.to_tiles(y)
        tiled[...] = outputs.reshape(tiled.shape)
        y += bias
        return channels_first(site.finished(y)[:, :oh, :ow])

    return step


def _row_conv(layer: Conv2D, site: _Site, column: Array | None) -> _Step:
    """As `_tiled_conv`, but tiles are 4 outputs along a row, a dilation apart.

    A row shorter than a few tiles gains nothing: at dilation 8 a tile spans 32 columns, and rows of 64 gain.
    """
    kernels, bias = winograd.kernels_to_row_places(layer.params["weight"]), layer.params["bias"]
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
        y = buffers.take(site.target, (n, oh, winograd.TILE * across * by_column, out_channels), x.dtype)
        tiled = y.reshape(n, oh, across, winograd.TILE, by_column, out_channels).transpose(3, 0, 1, 2, 4, 5)
        tiled[...] = outputs.reshape(tiled.shape)
        y += bias
        return channels_first(site.finished(y)[:, :, :ow])

    return step


def _transforms(like: Array) -> tuple[Array, Array]:
    return winograd.FROM_PIXELS.astype(like.dtype), winograd.TO_OUTPUTS.astype(like.dtype)


def _first_axis(matrix: Array, values: Array, name: str, buffers: Buffers) -> Array:
    """Multiply the first axis of values (K, ...) by a matrix (M, K), to (M, R)."""
    (m, k), count = matrix.shape, values.size
    return np.matmul(matrix, values.reshape(k, -1), out=buffers.take(name, (m, count // k), values.dtype))


def _both_axes(matrix: Array, values: Array, name: str, buffers: Buffers) -> Array:
    """Multiply by a matrix (M, K) both of the two axes that values (K * K, ...) have first, to (M, M, R)."""
    m, k = matrix.shape
    half = _first_axis(matrix, values, "half", buffers).reshape(m, k, -1)
    return np.matmul(matrix, half, out=buffers.take(name, (m, m, half.shape[2]), values.dtype))


def _dense(layer: Dense, site: _Site) -> _Step:
    weight, bias = layer.params["weight"], layer.params["bias"]

    def step(x: Array, buffers: Buffers) -> Array:
        layer.check(x)
        y = buffers.take(site.target, (len(x), layer.out_features), x.dtype)
        np.matmul(x, weight, out=y)
        y += bias
        return site.finished(y)

    return step


def _residual(layer: Residual, site: _Site) -> _Step:
    body = layer.body if isinstance(layer.body, Sequential) else Sequential({"body": layer.body})
    column, before = site.beyond.column, site.beyond.margin
    steps = _compile(body, site.beyond, site.depth + 1)
    growth = site.beyond.margin - before

    def step(x: Array, buffers: Buffers) -> Array:
        change = _run(steps, x, buffers)
        if growth:
            n, channels, height, width = x.shape
            shape = n, height, width + 2 * growth, channels
            x = channels_first(buffers.bordered("padded", channels_last(x), shape, (0, growth), column))
        layer.check(x, change)
        if x.ndim == 4:
            y = channels_first(buffers.take(site.target, channels_last(x).shape, x.dtype))
        else:
            y = buffers.take(site.target, x.shape, x.dtype)
        np.add(x, change, out=y)
        return site.finished(y)

    return step


def _relu(y: Array) -> Array:
    return np.maximum(y, 0, out=y)


def _tanh(y: Array) -> Array:
    return np.tanh(y, out=y)


def _sigmoid(y: Array) -> Array:
    y *= 0.5
    np.tanh(y, out=y)
    y *= 0.5
    y += 0.5
    return y


_MAKERS: dict[type[Layer], Callable[[Any, _Site], _Step]] = {
    Conv2D: _conv,
    Dense: _dense,
    Residual: _residual,
}
_IN_PLACE: dict[type[Layer] | None, _Finish] = {ReLU: _relu, Tanh: _tanh, Sigmoid: _sigmoid}
