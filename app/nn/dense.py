"""The fully connected layer."""

from __future__ import annotations

from math import prod

import numpy as np

from app.errors import ShapeMismatch
from app.nn.initialisers import Initialiser, he_normal, zeros
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
        self.in_features = in_features
        self.out_features = out_features
        self.params = {
            "weight": initialiser((in_features, out_features), in_features, out_features, rng),
            "bias": zeros((out_features,), in_features, out_features),
        }

    def forward(self, x: Array, rng: np.random.Generator | None = None) -> tuple[Array, Cache]:
        """Map x (N, in_features) to (N, out_features)."""
        if x.ndim != 2 or x.shape[1] != self.in_features:
            raise ShapeMismatch(f"Dense expects (N, {self.in_features}), got {x.shape}")
        return x @ self.params["weight"] + self.params["bias"], x

    def backward(self, grad_out: Array, cache: Cache) -> tuple[Array, Params]:
        """``grad_x = grad_y @ weight.T``, ``grad_weight = x.T @ grad_y``, ``grad_bias`` = sum of grad_y over N."""
        grads = {"weight": cache.T @ grad_out, "bias": grad_out.sum(axis=0)}
        return grad_out @ self.params["weight"].T, grads


class Flatten(Layer):
    """Lay out each sample as one row: (N, ...) to (N, features)."""

    def forward(self, x: Array, rng: np.random.Generator | None = None) -> tuple[Array, Cache]:
        """Map x (N, ...) to (N, product of the other sizes)."""
        return x.reshape(len(x), prod(x.shape[1:])), x.shape

    def backward(self, grad_out: Array, cache: Cache) -> tuple[Array, Params]:
        """Undo the reshape."""
        return grad_out.reshape(cache), {}
