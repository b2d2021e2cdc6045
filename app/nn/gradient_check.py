"""Proof that a `backward` belongs to its `forward`."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from app.nn.types import Array, Layer

# Near the cube root of float64's precision: with a longer step the function bends, with a shorter one it is rounded.
_STEP = 1e-6


def numerical_gradient(function: Callable[[], float], array: Array) -> Array:
    """Return d function / d array by central differences, one entry at a time.

    Parameters
    ----------
    function : reads `array` and returns a scalar
    array : float64; each entry is moved a little both ways and put back
    """
    gradient = np.zeros_like(array)
    for index in np.ndindex(array.shape):
        kept = array[index]
        array[index] = kept + _STEP
        above = function()
        array[index] = kept - _STEP
        below = function()
        array[index] = kept
        gradient[index] = (above - below) / (2 * _STEP)
    return gradient


def gradient_check(layer: Layer, x: Array, *, seed: int | None = 0) -> dict[str, float]:
    """Compare `layer.backward` with central differences, in float64.

    The loss is the output weighted by fixed random numbers. Works for any layer and for whole networks.

    Parameters
    ----------
    layer : not changed; a float64 copy is checked
    x : ndarray, a small input
    seed : every forward pass gets a fresh generator of this seed, so that dropout repeats itself; None checks the
        layer as it is in inference

    Returns
    -------
    dict : for ``input`` and each parameter, the largest difference of the two gradients over the largest gradient.
        Below 1e-6 is right; a wrong factor or sign shows as 0.1 or more.
    """
    layer, x = layer.astype(np.float64), x.astype(np.float64)

    def generator() -> np.random.Generator | None:
        return None if seed is None else np.random.default_rng(seed)

    y, cache = layer.forward(x, generator())
    weights = np.random.default_rng(0 if seed is None else seed).normal(size=y.shape)
    grad_in, grads = layer.backward(weights, cache)

    def loss() -> float:
        return float((layer.forward(x, generator())[0] * weights).sum())

    pairs = {"input": (x, grad_in)} | {name: (layer.params[name], grad) for name, grad in grads.items()}
    # A gradient may be zero in truth (a bias ahead of batch normalisation): then only rounding is left to compare, and
    # that is small beside the gradients of the rest.
    floor = 1e-3 * max(float(np.abs(gradient).max()) for _, gradient in pairs.values())
    return {
        name: _relative_error(gradient, numerical_gradient(loss, array), floor)
        for name, (array, gradient) in pairs.items()
    }


def _relative_error(a: Array, b: Array, floor: float) -> float:
    scale = max(float(np.abs(a).max()), float(np.abs(b).max()), floor, 1e-8)
    return float(np.abs(a - b).max()) / scale
