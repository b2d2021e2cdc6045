"""Layers that behave one way in training and another afterwards."""

from __future__ import annotations

import numpy as np

from app.errors import ShapeMismatch
from app.nn.layout import column_sums, from_rows, to_rows
from app.nn.namespace import array_namespace
from app.nn.types import Array, Cache, Layer, Params


class BatchNorm(Layer):
    """``y = scale * (x - mean) / sqrt(variance + epsilon) + shift`` per channel (axis 1).

    In training mean and variance are the batch's; afterwards they are the running averages in ``state``, and the
    layer is one multiplication and one addition that `app.nn.fold_batch_norm` moves into the layer before.

    References
    ----------
    Ioffe, Szegedy (2015), Batch normalization.
    """

    def __init__(self, channels: int, momentum: float = 0.1, epsilon: float = 1e-5) -> None:
        super().__init__()
        self.check_sizes(1, channels=channels)
        self.channels = channels
        self.momentum = momentum
        self.epsilon = epsilon
        self.params = {"scale": np.ones(channels, np.float32), "shift": np.zeros(channels, np.float32)}
        self.state = {"mean": np.zeros(channels, np.float32), "variance": np.ones(channels, np.float32)}

    @property
    def differs_in_training(self) -> bool:
        """In training the statistics are the batch's own."""
        return True

    def forward(self, x: Array, rng: np.random.Generator | None = None) -> tuple[Array, Cache]:
        """Map x (N, channels) or (N, channels, H, W) to y of the same shape."""
        if x.ndim not in (2, 4) or x.shape[1] != self.channels:
            raise ShapeMismatch(f"BatchNorm expects (N, {self.channels}) or (N, {self.channels}, H, W), got {x.shape}")
        rows = to_rows(x)
        mean, variance = (self.state["mean"], self.state["variance"]) if rng is None else _moments(rows)
        inverse = 1 / (variance + self.epsilon) ** 0.5
        normed = rows - mean
        normed *= inverse
        y = normed * self.params["scale"]
        y += self.params["shift"]
        return from_rows(y, x.shape), (normed, inverse, mean, variance, x.shape, rng is not None)

    def backward(self, grad_out: Array, cache: Cache) -> tuple[Array, Params]:
        """Ioffe and Szegedy's chain rule, collected.

        ``grad_x = scale / std * (grad_y - mean(grad_y) - normed * mean(grad_y * normed))``; the two means are absent
        when the running statistics were used, since these do not depend on x.
        """
        normed, inverse, _, _, shape, from_batch = cache
        self.check_gradient(grad_out, shape)
        rows = to_rows(grad_out)
        product = rows * normed
        grads = {"scale": column_sums(product), "shift": column_sums(rows)}
        if from_batch:
            count = rows.shape[0]
            grad_in = rows - grads["shift"] / count
            grad_in -= normed * (grads["scale"] / count)
            grad_in *= self.params["scale"] * inverse
        else:
            grad_in = rows * (self.params["scale"] * inverse)
        return from_rows(grad_in, shape), grads

    def next_state(self, cache: Cache) -> Params:
        """Move the running averages a step of ``momentum`` towards the batch's statistics."""
        normed, _, mean, variance, *_ = cache
        count = normed.shape[0]
        batch = {"mean": mean, "variance": variance * (count / max(count - 1, 1))}  # unbiased, as the paper has it
        return {name: old + self.momentum * (batch[name] - old) for name, old in self.state.items()}


class Dropout(Layer):
    """Set each value to zero with probability ``rate`` while training, and scale the rest to keep the mean.

    References
    ----------
    Srivastava et al. (2014), Dropout: a simple way to prevent neural networks from overfitting.
    """

    def __init__(self, rate: float) -> None:
        super().__init__()
        if not 0 <= rate < 1:
            raise ValueError(f"Dropout expects a rate in [0, 1), got {rate}")
        self.rate = rate

    @property
    def differs_in_training(self) -> bool:
        """In training it draws what to drop."""
        return True

    def forward(self, x: Array, rng: np.random.Generator | None = None) -> tuple[Array, Cache]:
        """Map x of any shape to y of the same; the identity when `rng` is None."""
        if rng is None:
            return x, (x.shape, None)
        xp = array_namespace(x)
        kept = xp.asarray(rng.random(x.shape, np.float32) >= self.rate)
        keep = xp.astype(kept, x.dtype) / (1 - self.rate)
        return x * keep, (x.shape, keep)

    def backward(self, grad_out: Array, cache: Cache) -> tuple[Array, Params]:
        """Let the gradient through where the value went through."""
        shape, keep = cache
        self.check_gradient(grad_out, shape)
        return (grad_out if keep is None else grad_out * keep), {}


def _moments(rows: Array) -> tuple[Array, Array]:
    """Return mean and variance (C,) of (M, C); NaN if there is no row."""
    count = rows.shape[0] or float("nan")
    mean = column_sums(rows) / count
    centred = rows - mean
    return mean, column_sums(centred * centred) / count
