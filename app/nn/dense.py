"""The fully connected layer."""

from __future__ import annotations

from math import prod

import numpy as np

from app.errors import ShapeMismatch
from app.nn.initialisers import Initialiser, he_normal, zeros
from app.nn.layout import channels_first, channels_last, column_sums
from app.nn.namespace import array_namespace
from app.nn.types import Array, Cache, Layer, Params


class Dense(Layer):
    """``y = x @ weight + bias``, with weight (in_features, out_features)."""

    def __init__(
        self,
        in_features: int,
        out_features: int,
        rng: np.random.Generator | None = None,
        initialiser: Initialiser = he_normal,
    ) -> None:
        super().__init__()
        self.check_sizes(1, in_features=in_features, out_features=out_features)
        self.in_features = in_features
        self.out_features = out_features
        self.params = {
            "weight": initialiser((in_features, out_features), in_features, out_features, rng),
            "bias": zeros((out_features,), in_features, out_features),
        }

    def forward(self, x: Array, rng: np.random.Generator | None = None) -> tuple[Array, Cache]:
        """Map x (N, in_features) to (N, out_features)."""
        self.check(x)
        y = x @ self.params["weight"]
        y += self.params["bias"]
        return y, x

    def check(self, x: Array) -> None:
        """Raise ShapeMismatch unless x is (N, in_features)."""
        if x.ndim != 2 or x.shape[1] != self.in_features:
            raise ShapeMismatch(f"Dense expects (N, {self.in_features}), got {x.shape}")

    def backward(self, grad_out: Array, cache: Cache) -> tuple[Array, Params]:
        """``grad_x = grad_y @ weight.T``, ``grad_weight = x.T @ grad_y``, ``grad_bias`` = sum of grad_y over N."""
        grads = self.param_gradients(grad_out, cache)
        return grad_out @ self.params["weight"].T, grads

    def param_gradients(self, grad_out: Array, cache: Cache) -> Params:
        """See `backward`."""
        self.check_gradient(grad_out, (cache.shape[0], self.out_features))
        return {"weight": cache.T @ grad_out, "bias": column_sums(grad_out)}


class Flatten(Layer):
    """Lay out each sample as one row: (N, ...) to (N, features)."""

    def forward(self, x: Array, rng: np.random.Generator | None = None) -> tuple[Array, Cache]:
        """Map x (N, ...) to (N, product of the other sizes)."""
        y = array_namespace(x).reshape(x, (x.shape[0], prod(x.shape[1:])))
        return y, (x.shape, y.shape)

    def backward(self, grad_out: Array, cache: Cache) -> tuple[Array, Params]:
        """Undo the reshape."""
        shape, shape_of_y = cache
        self.check_gradient(grad_out, shape_of_y)
        return array_namespace(grad_out).reshape(grad_out, shape), {}


class Columns(Layer):
    """Lay out images one pixel high as sequences: (N, C, 1, W) to (N, W, C)."""

    def forward(self, x: Array, rng: np.random.Generator | None = None) -> tuple[Array, Cache]:
        """Map x (N, C, 1, W) to (N, W, C)."""
        if x.ndim != 4 or x.shape[2] != 1:
            raise ShapeMismatch(f"Columns expects (N, C, 1, W), got {x.shape}")
        n, c, _, width = x.shape
        return array_namespace(x).reshape(channels_last(x), (n, width, c)), (n, width, c)

    def backward(self, grad_out: Array, cache: Cache) -> tuple[Array, Params]:
        """Undo the change of layout."""
        self.check_gradient(grad_out, cache)
        n, width, c = cache
        return channels_first(array_namespace(grad_out).reshape(grad_out, (n, 1, width, c))), {}
