"""First values for weights.

An initialiser takes the shape, how many inputs feed one output (``fan_in``), how many outputs one input feeds
(``fan_out``) and a generator. The results are NumPy arrays whatever library computes later: then a seed means the same
weights everywhere.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeAlias

import numpy as np

from app.nn.types import Array

Initialiser: TypeAlias = Callable[[tuple[int, ...], int, int, np.random.Generator | None], Array]


def zeros(shape: tuple[int, ...], fan_in: int, fan_out: int, rng: np.random.Generator | None = None) -> Array:
    """Return zeros (float32): for biases, and for weights that are about to be loaded.

    Hidden weights that start at zero get equal gradients for ever, and so never learn to differ.
    """
    return np.zeros(shape, np.float32)


def glorot_uniform(shape: tuple[int, ...], fan_in: int, fan_out: int, rng: np.random.Generator | None) -> Array:
    """Return float32 weights from U(-a, a), a = sqrt(6 / (fan_in + fan_out)).

    Keeps the variance of activations and of gradients about equal through sigmoid and tanh layers.

    References
    ----------
    Glorot, Bengio (2010), Understanding the difficulty of training deep feedforward neural networks, eq. 16.
    """
    limit = np.sqrt(6.0 / (fan_in + fan_out))
    return _required(rng).uniform(-limit, limit, shape).astype(np.float32)


def he_normal(shape: tuple[int, ...], fan_in: int, fan_out: int, rng: np.random.Generator | None) -> Array:
    """Return float32 weights from N(0, 2 / fan_in), which keeps the variance through ReLU.

    References
    ----------
    He, Zhang, Ren, Sun (2015), Delving deep into rectifiers, eq. 10.
    """
    return _required(rng).normal(0.0, np.sqrt(2.0 / fan_in), shape).astype(np.float32)


def _required(rng: np.random.Generator | None) -> np.random.Generator:
    if rng is None:
        raise TypeError("random initialisers need an rng; use initialiser=zeros for weights that are loaded later")
    return rng
