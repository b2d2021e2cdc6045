"""A trained network as it is used: no caches, fewer passes over memory, and no allocation once it is warm.

NumPy only: what ships runs on a CPU. The layers themselves stay as they are; here each has a second form, which writes
into buffers. `tests/nn/test_inference.py` checks that both compute the same.
"""

from __future__ import annotations

from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from itertools import cycle

import numpy as np

from app.nn.activations import ReLU, Sigmoid, Tanh
from app.nn.buffers import Buffers
from app.nn.conv import Conv2D
from app.nn.dense import Dense
from app.nn.halo import Halo
from app.nn.inference_conv import Finish, Step, conv_step
from app.nn.layout import channels_first, channels_last
from app.nn.residual import Residual
from app.nn.sequential import Naming, Sequential, fold_batch_norm
from app.nn.types import Array, Layer

# Work arrays of more bytes than this are dropped after a batch, smaller ones are kept for the next. An unusually large
# image would otherwise cost memory in every thread for ever; to allocate so much anew takes little of its time.
_MOST_KEPT = 2**24
# What is kept serves the next batch of any network. To append to a list and to pop from it are atomic.
_spare: list[Buffers] = []


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
    blank : (1, C, H, W), blank paper as `app.nn.halo` wants it. If given, each image is computed as if it lay on such
        paper without end; None pads images with zeros, as the network itself does
    """

    def __init__(
        self, network: Sequential, *, batch_size: int = 32, threads: int = 1, blank: Array | None = None
    ) -> None:
        folded = fold_batch_norm(network)
        halo = Halo(folded, blank)
        self._edge, self._edge_px = halo.column, halo.first_px
        self._steps = _compile(folded, halo)
        self._batch_size = batch_size
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
            buffers = _spare.pop()
        except IndexError:
            buffers = Buffers()
        if self._edge_px:
            x = _widened(x, self._edge_px, self._edge, "image", buffers)
        y = _run(self._steps, x, buffers).copy()
        if buffers.size_bytes <= _MOST_KEPT:
            _spare.append(buffers)
        return y


def _run(steps: Mapping[str, Step], x: Array, buffers: Buffers) -> Array:
    for name, step in steps.items():
        with Naming(name):
            x = step(x, buffers)
    return x


def _compile(network: Sequential, halo: Halo, depth: int = 0) -> dict[str, Step]:
    """Turn each layer into a step, together with the activation that follows it.

    Outputs go into two work arrays in turns: while a layer writes into one, it needs only its input, in the other. A
    residual needs its input until its body is done, so the layers of the body have two arrays of their own, for each
    `depth` of residuals within residuals.
    """
    steps: dict[str, Step] = {}
    layers = list(network.layers.items())
    targets = cycle((f"{depth} even", f"{depth} odd"))
    while layers:
        name, layer = layers.pop(0)
        finish = _IN_PLACE.get(type(layers[0][1])) if layers else None
        if type(layer) is Conv2D:  # and none of its subclasses, which may compute something else
            steps[name] = conv_step(layer, halo, next(targets), finish or _unchanged)
        elif type(layer) is Dense:
            steps[name] = _dense(layer, next(targets), finish or _unchanged)
        elif type(layer) is Residual:
            steps[name] = _residual(layer, halo, next(targets), finish or _unchanged, depth + 1)
        else:
            steps[name], finish = _plain(layer), None
        halo.pass_through(layer)
        if finish is not None:
            halo.pass_through(layers.pop(0)[1])
    return steps


def _plain(layer: Layer) -> Step:
    return lambda x, buffers: layer.forward(x)[0]


def _dense(layer: Dense, target: str, finish: Finish) -> Step:
    weight, bias = layer.params["weight"], layer.params["bias"]

    def step(x: Array, buffers: Buffers) -> Array:
        layer.check(x)
        y = buffers.take(target, (len(x), layer.out_features), x.dtype)
        np.matmul(x, weight, out=y)
        y += bias
        return finish(y)

    return step


def _residual(layer: Residual, halo: Halo, target: str, finish: Finish, depth: int) -> Step:
    body = layer.body if isinstance(layer.body, Sequential) else Sequential({"body": layer.body})
    column, blank, margin = halo.column, halo.blank, halo.margin
    steps = _compile(body, halo, depth)
    halo.blank, growth = blank, halo.margin - margin  # as `_compile` passes it through the whole layer

    def step(x: Array, buffers: Buffers) -> Array:
        change = _run(steps, x, buffers)
        if growth:
            x = _widened(x, growth, column, "padded", buffers)
        Residual.check(x, change)
        images = x.ndim == 4
        if images:
            x, change = channels_last(x), channels_last(change)
        y = finish(np.add(x, change, out=buffers.take(target, x.shape, x.dtype)))
        return channels_first(y) if images else y

    return step


def _widened(x: Array, columns: int, column: Array | None, name: str, buffers: Buffers) -> Array:
    """Add so many columns on either side of images (N, C, H, W), or cut them off; `column` as of `Buffers.bordered`."""
    n, channels, height, width = x.shape
    shape = n, height, width + 2 * columns, channels
    return channels_first(buffers.bordered(name, channels_last(x), shape, (0, columns), column))


def _unchanged(y: Array) -> Array:
    return y


def _relu(y: Array) -> Array:
    return np.clip(y, 0, np.inf, out=y)  # as `ReLU` does


def _tanh(y: Array) -> Array:
    return np.tanh(y, out=y)


def _sigmoid(y: Array) -> Array:
    y *= 0.5
    np.tanh(y, out=y)
    y *= 0.5
    y += 0.5
    return y


_IN_PLACE: dict[type[Layer], Finish] = {ReLU: _relu, Tanh: _tanh, Sigmoid: _sigmoid}
