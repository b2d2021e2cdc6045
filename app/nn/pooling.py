"""Pooling: fewer pixels, the strongest answers or their averages kept."""

from __future__ import annotations

from collections.abc import Iterator
from functools import reduce

import numpy as np

from app.errors import ShapeMismatch
from app.nn.namespace import array_namespace
from app.nn.types import Array, Cache, Layer, Params


class _Pool2D(Layer):
    """Looks at windows of ``size`` x ``size`` pixels that do not overlap."""

    def __init__(self, size: int = 2) -> None:
        super().__init__()
        self.check_sizes(1, size=size)
        self.size = size

    def _check(self, x: Array) -> None:
        """Raise ShapeMismatch unless whole windows cover images (N, C, H, W)."""
        if x.ndim != 4 or x.shape[2] % self.size or x.shape[3] % self.size:
            kind = type(self).__name__
            raise ShapeMismatch(f"{kind} expects (N, C, H, W) with H, W multiples of {self.size}, got {x.shape}")

    def _places(self) -> Iterator[tuple[slice, ...]]:
        """Index, for each place within a window, the pixels of all windows at that place, row after row.

        A few operations on whole arrays are several times faster than one along two short axes.
        """
        everything = slice(None)
        for row in range(self.size):
            for column in range(self.size):
                yield everything, everything, slice(row, None, self.size), slice(column, None, self.size)


class MaxPool2D(_Pool2D):
    """The largest value of each window of ``size`` x ``size`` pixels; windows do not overlap."""

    def forward(self, x: Array, rng: np.random.Generator | None = None) -> tuple[Array, Cache]:
        """Map x (N, C, H, W) to (N, C, H // size, W // size)."""
        self._check(x)
        y = reduce(array_namespace(x).maximum, (x[place] for place in self._places()))
        return y, (x, y)

    def backward(self, grad_out: Array, cache: Cache) -> tuple[Array, Params]:
        """Give each gradient to the first pixel of its window that held the maximum."""
        x, y = cache
        self.check_gradient(grad_out, y.shape)
        xp = array_namespace(x)
        grad_in = xp.zeros_like(x)
        taken = xp.zeros_like(y, dtype=xp.bool)
        for place in self._places():
            chosen = (x[place] == y) & ~taken
            grad_in[place] = grad_out * xp.astype(chosen, grad_out.dtype)
            taken |= chosen
        return grad_in, {}


class AvgPool2D(_Pool2D):
    """The mean of each window of ``size`` x ``size`` pixels; windows do not overlap.

    ``y[n, c, i, j] = sum over p, q of x[n, c, i * size + p, j * size + q] / size^2``.

    References
    ----------
    LeCun, Bottou, Bengio, Haffner (1998), Gradient-based learning applied to document recognition, section II.B, where
    it is called sub-sampling.
    """

    def forward(self, x: Array, rng: np.random.Generator | None = None) -> tuple[Array, Cache]:
        """Map x (N, C, H, W) to (N, C, H // size, W // size)."""
        self._check(x)
        y = reduce(array_namespace(x).add, (x[place] for place in self._places())) / self.size**2
        return y, y.shape

    def backward(self, grad_out: Array, cache: Cache) -> tuple[Array, Params]:
        """Give every pixel of a window the same share, ``1 / size^2``, of its gradient."""
        self.check_gradient(grad_out, cache)
        xp = array_namespace(grad_out)
        rows = xp.repeat(grad_out / self.size**2, self.size, axis=2)
        return xp.repeat(rows, self.size, axis=3), {}
