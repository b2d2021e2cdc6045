"""A way around a layer."""

from __future__ import annotations

from collections.abc import Callable
from copy import copy
from typing import Self

import numpy as np

from app.errors import ShapeMismatch
from app.nn.types import Array, Cache, Layer, Params


class Residual(Layer):
    """``y = x + body(x)``: the body learns only what to change, and gradients have a way around it.

    Parameters and state are the body's, under the same names.

    References
    ----------
    He, Zhang, Ren, Sun (2016), Deep residual learning for image recognition, eq. 1.
    """

    def __init__(self, body: Layer) -> None:
        super().__init__()
        self.body = body
        self.params = body.params
        self.state = body.state

    @property
    def differs_in_training(self) -> bool:
        """Whether the body does."""
        return self.body.differs_in_training

    def forward(self, x: Array, rng: np.random.Generator | None = None) -> tuple[Array, Cache]:
        """Map x of any shape that the body takes and keeps to y of the same."""
        change, cache = self.body.forward(x, rng)
        self.check(x, change)
        return x + change, cache  # not in place: the body's cache may hold either

    @staticmethod
    def check(x: Array, change: Array) -> None:
        """Raise ShapeMismatch unless the body's output has the shape of its input."""
        if change.shape != x.shape:
            raise ShapeMismatch(f"Residual expects a body that keeps the shape {x.shape}, got {change.shape} from it")

    def backward(self, grad_out: Array, cache: Cache) -> tuple[Array, Params]:
        """``grad_x = grad_y + (the body's gradient of grad_y)``."""
        grad_change, grads = self.body.backward(grad_out, cache)
        return grad_out + grad_change, grads

    def next_state(self, cache: Cache) -> Params:
        """Return what the body's state should become."""
        return self.body.next_state(cache)

    def with_body(self, body: Layer) -> Self:
        """Return a copy around another body."""
        twin = copy(self)
        Residual.__init__(twin, body)
        return twin

    def map_arrays(self, function: Callable[[Array], Array]) -> Self:
        """Return a copy whose arrays are what `function` makes of the body's."""
        return self.with_body(self.body.map_arrays(function))
