"""Where numbers ceased to be numbers: asked only after it has happened."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TypeAlias

import numpy as np

from app.nn import Array, Sequential, array_namespace

# Gives loss and gradient for logits.
Loss: TypeAlias = Callable[[Array], tuple[float, Array]]


def first_fault(
    network: Sequential, glyphs: Array, rng: np.random.Generator | None = None, loss: Loss | None = None
) -> str | None:
    """Carry a batch forward and back once more, layer by layer, and name the first value that is not finite.

    Parameters
    ----------
    glyphs : the batch (N, 1, H, W)
    rng : as it was when the batch was computed; None if that was inference
    loss : also carry its gradient back; None looks at the way forward alone

    Returns
    -------
    str : a phrase such as ``the output of layer 'conv1a'``; None if all is finite
    """
    if not _finite(glyphs):
        return "the glyphs"
    # A gradient spoils the layers it has still to pass on its way back: the last of these is where that began.
    for name, layer in reversed(network.layers.items()):
        if not all(map(_finite, (layer.params | layer.state).values())):
            return f"the weights of layer {name!r}"
    x, caches = glyphs, {}
    for name, layer in network.layers.items():
        x, caches[name] = layer.forward(x, rng)
        if not _finite(x):
            return f"the output of layer {name!r}"
    if loss is None:
        return None
    value, grad = loss(x)
    if not np.isfinite(value) or not _finite(grad):
        return "the loss"
    return _fault_on_the_way_back(network, grad, caches)


def _fault_on_the_way_back(network: Sequential, grad: Array, caches: Mapping[str, object]) -> str | None:
    for name, layer in reversed(network.layers.items()):
        grad, own = layer.backward(grad, caches[name])
        if not all(map(_finite, [grad, *own.values()])):
            return f"the gradient of layer {name!r}"
    return None


def _finite(array: Array) -> bool:
    xp = array_namespace(array)
    return bool(xp.all(xp.isfinite(array)))
