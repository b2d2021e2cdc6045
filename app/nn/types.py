"""What every layer is made of and promises."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable
from copy import copy
from typing import Any, Self, TypeAlias

import numpy as np
from numpy.typing import DTypeLike, NDArray

from app.errors import ShapeMismatch

Array: TypeAlias = NDArray[np.floating[Any]]
Params: TypeAlias = dict[str, Array]
Cache: TypeAlias = Any


class Layer(ABC):
    """Plain data and two pure functions.

    ``params`` are what training moves; ``state`` is what it only observes (the running statistics of batch
    normalisation). Neither call writes to the layer: whatever `backward` needs travels in the cache, so one layer
    serves any number of threads.
    """

    params: Params
    state: Params

    @property
    def differs_in_training(self) -> bool:
        """Whether `forward` gives anything else with a generator than without."""
        return False

    def __init__(self) -> None:
        self.params = {}
        self.state = {}

    @abstractmethod
    def forward(self, x: Array, rng: np.random.Generator | None = None) -> tuple[Array, Cache]:
        """Compute the layer's output.

        Parameters
        ----------
        x : ndarray, the first axis counts samples; not changed
        rng : given while training, when dropout draws from it and batch normalisation uses the batch's own
            statistics; None for inference

        Returns
        -------
        y, cache : the output and what `backward` needs

        Raises
        ------
        ShapeMismatch : the layer cannot take `x`.
        """

    @abstractmethod
    def backward(self, grad_out: Array, cache: Cache) -> tuple[Array, Params]:
        """Carry the gradient of a scalar loss from the output to the input and the parameters.

        Parameters
        ----------
        grad_out : ndarray of the shape of `y`, d loss / d y
        cache : as `forward` returned it with that `y`

        Returns
        -------
        grad_in, grads : d loss / d x and, by parameter name, d loss / d parameter

        Raises
        ------
        ShapeMismatch : `grad_out` has not the shape of `y`.
        """

    def param_gradients(self, grad_out: Array, cache: Cache) -> Params:
        """Return the parameters' gradients alone: nothing needs the gradient of a network's input."""
        return self.backward(grad_out, cache)[1]

    def check_gradient(self, grad_out: Array, shape: tuple[int, ...]) -> None:
        """Raise ShapeMismatch unless the gradient has the `shape` of the output: NumPy might broadcast another one."""
        if grad_out.shape != shape:
            raise ShapeMismatch(f"{type(self).__name__} expects a gradient of shape {shape}, got {grad_out.shape}")

    def check_sizes(self, least: int, **sizes: int | tuple[int, int]) -> None:
        """Raise ValueError unless the sizes that the layer is made with, a number or a pair, are `least` or more."""
        for name, size in sizes.items():
            if np.min(size) < least:
                raise ValueError(f"{type(self).__name__} expects {name} of at least {least}, got {size}")

    def next_state(self, cache: Cache) -> Params:
        """Return ``state`` as it should be after the training batch that `cache` belongs to."""
        return {}

    def map_arrays(self, function: Callable[[Array], Array]) -> Self:
        """Return a copy whose arrays are what `function` makes of this layer's.

        ``layer.map_arrays(cupy.asarray)`` is the layer on a GPU, where it takes and gives CuPy arrays.
        """
        twin = copy(self)
        twin.params = {name: function(array) for name, array in self.params.items()}
        twin.state = {name: function(array) for name, array in self.state.items()}
        return twin

    def astype(self, dtype: DTypeLike) -> Self:
        """Return a copy whose arrays have another dtype."""
        return self.map_arrays(lambda array: array.astype(dtype))
