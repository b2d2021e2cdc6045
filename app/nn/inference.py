"""A trained network as it is used: no caches, fewer passes over memory, and no allocation once it is warm.

NumPy only: what ships runs on a CPU. The layers themselves stay as they are; this file holds their second form, which
writes into buffers. `tests/nn/test_inference.py` holds the two together.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from math import prod
from typing import Any, TypeAlias

import numpy as np
from numpy.typing import DTypeLike

from app.nn import winograd
from app.nn.activations import ReLU, Sigmoid, Tanh
from app.nn.conv import Conv2D
from app.nn.dense import Dense
from app.nn.layout import channels_first, channels_last
from app.nn.residual import Residual
from app.nn.sequential import Sequential, fold_batch_norm, naming
from app.nn.types import Array, Layer
from app.nn.windows import Pair, windows

_Finish: TypeAlias = Callable[[Array], Array]  # an activation that works in place


@dataclass
class Buffers:
    """Work arrays by name, each made once and kept, for one thread at a time."""

    _arrays: dict[tuple[str, np.dtype[Any]], Array] = field(default_factory=dict)
    _inside: dict[tuple[str, np.dtype[Any]], tuple[int, ...]] = field(default_factory=dict)

    def take(self, name: str, shape: tuple[int, ...], dtype: DTypeLike) -> Array:
        """Return an array of `shape`; what it holds is not defined.

        Shapes may vary from call to call: all of one name and dtype share the memory of the largest.
        """
        key, size = (name, np.dtype(dtype)), prod(shape)
        kept = self._arrays.get(key)
        if kept is None or len(kept) < size:
            kept = self._arrays[key] = np.empty(size, dtype)
        return kept[:size].reshape(shape)

    def bordered(self, name: str, pixels: Array, shape: tuple[int, ...], padding: Pair) -> Array:
        """Return an array of `shape` that holds `pixels` (N, H, W, C) from the place `padding` on, and zeros around."""
        padded, key = self.take(name, shape, pixels.dtype), (name, pixels.dtype)
        if self._inside.get(key) != pixels.shape:  # after the same shape the border is zero still
            padded[...] = 0
            self._inside[key] = pixels.shape
        (down, across), (_, height, width, _) = padding, pixels.shape
        padded[:, down : down + height, across : across + width] = pixels
        return padded


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
    """

    def __init__(self, network: Sequential, *, batch_size: int = 32, threads: int = 1) -> None:
        self._steps = _compile(fold_batch_norm(network))
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
        y = _run(self._steps, x, buffers).copy()
        self._spare.append(buffers)
        return y


# What one layer has become: reads x, which it leaves as it is, and returns an array that may be one of the buffers.
_Step: TypeAlias = Callable[[Array, Buffers], Array]


def _run(steps: Mapping[str, _Step], x: Array, buffers: Buffers) -> Array:
    for name, step in steps.items():
        with naming(name):
            x = step(x, buffers)
    return x


def _compile(network: Sequential, prefix: str = "") -> dict[str, _Step]:
    """Turn each layer into a step, together with the activation that follows it."""
    steps: dict[str, _Step] = {}
    layers = list(network.layers.items())
    while layers:
        name, layer = layers.pop(0)
        make = _MAKERS.get(type(layer))
        if make is None:
            steps[name] = _plain(layer)
        else:
            follows = type(layers[0][1]) if layers else None
            finish = _IN_PLACE.get(follows)
            if finish is not None:
                layers.pop(0)
            steps[name] = make(layer, prefix + name, finish)
    return steps


def _plain(layer: Layer) -> _Step:
    return lambda x, buffers: layer.forward(x)[0]


# What a layer needs no longer than its own step lies in work arrays that all layers share: names without the layer's.


def _conv(layer: Conv2D, name: str, finish: _Finish | None) -> _Step:
    if layer.in_tiles:
        return _tiled_conv(layer, name, finish)
    (kh, kw), (down, across) = layer.kernel_size, layer.padding
    single_pixels = layer.kernel_size == layer.stride == (1, 1)
    matrix, bias = np.ascontiguousarray(layer.matrix()), layer.params["bias"]

    def step(x: Array, buffers: Buffers) -> Array:
        n, oh, ow, out_channels = layer.output_shape(x)
        _, channels, height, width = x.shape
        pixels = channels_last(x)
        if down or across:
            shape = n, height + 2 * down, width + 2 * across, channels
            pixels = buffers.bordered(name + " padded", pixels, shape, layer.padding)
        y = buffers.take(name, (n, oh, ow, out_channels), x.dtype)
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
        return channels_first(y if finish is None else finish(y))

    return step


def _tiled_conv(layer: Conv2D, name: str, finish: _Finish | None) -> _Step:
    """As `winograd.convolve`, in buffers; see there for the shapes."""
    kernels, bias, padding = winograd.kernels_to_places(layer.params["weight"]), layer.params["bias"], layer.padding[0]
    from_pixels, to_outputs = (matrix.astype(bias.dtype) for matrix in (winograd.FROM_PIXELS, winograd.TO_OUTPUTS))

    def step(x: Array, buffers: Buffers) -> Array:
        n, oh, ow, out_channels = layer.output_shape(x)
        _, channels, height, width = x.shape
        down, across = (winograd.tiles_along(side, padding) for side in (height, width))
        tiles, places = n * down * across, winograd.PLACES
        shape = winograd.padded_shape((n, height, width, channels), padding)
        padded = buffers.bordered(name + " padded", channels_last(x), shape, layer.padding)
        fields = winograd.fields(padded)
        gathered = buffers.take("gathered", fields.shape, x.dtype)
        gathered[...] = fields
        transformed = buffers.take("places", (places, tiles * channels), x.dtype)
        np.matmul(from_pixels, gathered.reshape(places, -1), out=transformed)
        products = buffers.take("products", (places, tiles, out_channels), x.dtype)
        np.matmul(transformed.reshape(places, tiles, channels), kernels, out=products)
        outputs = buffers.take("outputs", (len(to_outputs), tiles * out_channels), x.dtype)
        np.matmul(to_outputs, products.reshape(places, -1), out=outputs)
        y = buffers.take(name, (n, winograd.TILE * down, winograd.TILE * across, out_channels), x.dtype)
        tiled = winograd.to_tiles(y)
        tiled[...] = outputs.reshape(tiled.shape)
        y += bias
        return channels_first((y if finish is None else finish(y))[:, :oh, :ow])

    return step


def _dense(layer: Dense, name: str, finish: _Finish | None) -> _Step:
    weight, bias = layer.params["weight"], layer.params["bias"]

    def step(x: Array, buffers: Buffers) -> Array:
        layer.check(x)
        y = buffers.take(name, (len(x), layer.out_features), x.dtype)
        np.matmul(x, weight, out=y)
        y += bias
        return y if finish is None else finish(y)

    return step


def _residual(layer: Residual, name: str, finish: _Finish | None) -> _Step:
    body = layer.body if isinstance(layer.body, Sequential) else Sequential({"body": layer.body})
    steps = _compile(body, name + ".")

    def step(x: Array, buffers: Buffers) -> Array:
        change = _run(steps, x, buffers)
        layer.check(x, change)
        if x.ndim == 4:
            y = channels_first(buffers.take(name, channels_last(x).shape, x.dtype))
        else:
            y = buffers.take(name, x.shape, x.dtype)
        np.add(x, change, out=y)
        return y if finish is None else finish(y)

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


_MAKERS: dict[type[Layer], Callable[[Any, str, _Finish | None], _Step]] = {
    Conv2D: _conv,
    Dense: _dense,
    Residual: _residual,
}
_IN_PLACE: dict[type[Layer] | None, _Finish] = {ReLU: _relu, Tanh: _tanh, Sigmoid: _sigmoid}
