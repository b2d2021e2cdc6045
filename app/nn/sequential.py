"""Layers one after another."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from copy import copy
from itertools import dropwhile
from typing import Self

import numpy as np

from app.errors import ShapeMismatch
from app.nn.conv import Conv2D
from app.nn.dense import Dense
from app.nn.namespace import array_namespace
from app.nn.normalisation import BatchNorm, Dropout
from app.nn.residual import Residual
from app.nn.types import Array, Cache, Layer, Params


class Sequential(Layer):
    """A chain of named layers, itself a layer; parameters are called ``<layer>.<parameter>``."""

    def __init__(self, layers: Mapping[str, Layer]) -> None:
        super().__init__()
        self.layers = dict(layers)
        self.params = _joined({name: layer.params for name, layer in layers.items()})
        self.state = _joined({name: layer.state for name, layer in layers.items()})

    @property
    def differs_in_training(self) -> bool:
        """Whether any layer does."""
        return any(layer.differs_in_training for layer in self.layers.values())

    def forward(self, x: Array, rng: np.random.Generator | None = None) -> tuple[Array, Cache]:
        """Run all layers; a ShapeMismatch says which one refused."""
        caches = {}
        for name, layer in self.layers.items():
            with Naming(name):
                x, caches[name] = layer.forward(x, rng)
        return x, caches

    def backward(self, grad_out: Array, cache: Cache) -> tuple[Array, Params]:
        """Chain rule, last layer first."""
        return self._backward([*self.layers], grad_out, cache)

    def param_gradients(self, grad_out: Array, cache: Cache) -> Params:
        """Go back as far as the first layer that has parameters, and compute no gradient of its input."""
        names = [*dropwhile(lambda name: not self.layers[name].params, self.layers)]
        if not names:
            return {}
        first, *others = names
        grad_out, grads = self._backward(others, grad_out, cache)
        with Naming(first):
            own = self.layers[first].param_gradients(grad_out, cache[first])
        return grads | _joined({first: own})

    def _backward(self, names: Sequence[str], grad_out: Array, cache: Cache) -> tuple[Array, Params]:
        grads: Params = {}
        for name in reversed(names):
            with Naming(name):
                grad_out, own = self.layers[name].backward(grad_out, cache[name])
            grads |= _joined({name: own})
        return grad_out, grads

    def next_state(self, cache: Cache) -> Params:
        """Collect what each layer's state should become."""
        return _joined({name: layer.next_state(cache[name]) for name, layer in self.layers.items()})

    def predict(self, x: Array, batch_size: int = 32) -> Array:
        """Compute the output alone, for any number of samples.

        A few at a time, so that memory stays flat and what a layer writes is still in the processor's cache when the
        next one reads it.
        """
        count = x.shape[0]
        starts = range(0, max(count, 1), batch_size)
        parts = (x[start : min(start + batch_size, count), ...] for start in starts)
        return array_namespace(x).concat([self._predict(part) for part in parts])

    def _predict(self, x: Array) -> Array:
        for name, layer in self.layers.items():
            with Naming(name):
                x, _ = layer.forward(x)  # the cache is dropped at once
        return x

    def arrays(self) -> Params:
        """Return every array by name, parameters and state: what a model file holds. Not copies."""
        return self.params | self.state

    def load(self, arrays: Mapping[str, Array]) -> None:
        """Copy `arrays`, NumPy's or of the network's own library, into parameters and state.

        Raises
        ------
        ShapeMismatch : a name is missing or unknown, or a shape differs.
        """
        own = self.arrays()
        if own.keys() != arrays.keys():
            odd = sorted(own.keys() ^ arrays.keys())
            raise ShapeMismatch(f"Sequential expects the arrays {sorted(own)}, and these are not in both: {odd}")
        for name, target in own.items():
            if target.shape != arrays[name].shape:
                raise ShapeMismatch(f"array {name!r} expects {target.shape}, got {arrays[name].shape}")
        for name, target in own.items():  # only now, so that a refusal leaves the network whole
            target[...] = array_namespace(target).asarray(arrays[name])

    def map_arrays(self, function: Callable[[Array], Array]) -> Self:
        """Return a copy whose arrays are what `function` makes of this network's."""
        twin = copy(self)
        Sequential.__init__(twin, {name: layer.map_arrays(function) for name, layer in self.layers.items()})
        return twin


def _joined(by_layer: Mapping[str, Params]) -> Params:
    return {f"{layer}.{name}": array for layer, arrays in by_layer.items() for name, array in arrays.items()}


class Naming:
    """Adds to a ShapeMismatch that is raised inside the ``with`` the name of the layer that raised it.

    A class, because every layer enters it on the way forward and back: `contextmanager` would take four times as long.
    """

    def __init__(self, name: str) -> None:
        self.name = name

    def __enter__(self) -> None:
        return

    def __exit__(self, _: object, exc: BaseException | None, trace: object) -> None:
        if isinstance(exc, ShapeMismatch):
            raise ShapeMismatch(f"layer {self.name!r}: {exc.detail}") from exc


def fold_batch_norm(network: Sequential) -> Sequential:
    """Return a network for inference: each BatchNorm merged into the Conv2D or Dense before it, Dropout left out.

    With ``k = scale / sqrt(variance + epsilon)`` the merged layer has ``weight * k`` per output channel and the bias
    ``(bias - mean) * k + shift``, which gives the same output in one pass fewer. The chain inside a Residual is folded
    too. `network` is not changed.
    """
    layers: dict[str, Layer] = {}
    last = ""
    for name, layer in network.layers.items():
        if isinstance(layer, Dropout):
            continue
        if isinstance(layer, Residual) and isinstance(layer.body, Sequential):
            layer = layer.with_body(fold_batch_norm(layer.body))
        if isinstance(layer, BatchNorm) and isinstance(layers.get(last), Conv2D | Dense):
            layers[last] = _merged(layers[last], layer)
        else:
            layers[name] = layer
            last = name
    return Sequential(layers)


def _merged(layer: Layer, norm: BatchNorm) -> Layer:
    weight = layer.params["weight"]
    xp = array_namespace(weight)
    k = norm.params["scale"] / xp.sqrt(norm.state["variance"] + norm.epsilon)
    merged = copy(layer)
    per_output = xp.reshape(k, (-1, 1, 1, 1)) if weight.ndim == 4 else k  # Conv2D counts outputs first, Dense last
    merged.params = {
        "weight": weight * per_output,
        "bias": (layer.params["bias"] - norm.state["mean"]) * k + norm.params["shift"],
    }
    return merged
