"""Find where the first value that is not finite came from, once a loss has become infinite or NaN."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from functools import partial
from typing import TypeAlias

import numpy as np

from app.errors import TrainingDiverged
from app.nn import Array, Sequential, array_namespace
from app.training.epochs.device import CPU, Device
from app.training.epochs.step import Batch, Part, TrainingObjective

# Gives loss and gradient for logits.
Loss: TypeAlias = Callable[[Array], tuple[float, Array]]

_AT_ONCE = 64  # images that go through the network together; the output of every layer is kept


def diverged(what: str, lr: float, fault: str) -> TrainingDiverged:
    """Return the error to raise: what happened, at which learning rate, and the first value that is not finite."""
    return TrainingDiverged(f"{what}, at lr {lr:.2g}; first not finite: {fault}")


def fault_in_batch(network: Sequential, batch: Batch, objective: TrainingObjective, device: Device = CPU) -> str | None:
    """Carry a batch of training forward and back once more, and name the first value in it that is not finite.

    Returns
    -------
    str : a phrase as of `first_fault`; None if all is finite
    """
    for (images, truth), rng in zip(batch.parts, batch.rngs(), strict=True):
        if fault := first_fault(network, device.to_device(images), rng, partial(objective.loss, truth=truth)):
            return fault
    return None


def fault_in_inference(network: Sequential, parts: Sequence[Part], device: Device = CPU) -> str | None:
    """Carry images forward as in validation, and name the first value that is not finite; returns as `first_fault`."""
    for images, _ in parts:
        for start in range(0, len(images), _AT_ONCE):
            if fault := first_fault(network, device.to_device(images[start : start + _AT_ONCE])):
                return fault
    return None


def first_fault(
    network: Sequential, glyphs: Array, rng: np.random.Generator | None = None, loss: Loss | None = None
) -> str | None:
    """Carry images forward and back, layer by layer, and name the first value that is not finite.

    Parameters
    ----------
    glyphs : (N, 1, H, W)
    rng : as it was when the loss was computed; None for inference
    loss : its gradient is carried back as well; None looks at the way forward alone

    Returns
    -------
    str : a phrase such as ``the output of layer 'conv1a'``; None if all is finite
    """
    if not _finite(glyphs):
        return "the glyphs"
    # A gradient that is not finite spoils the weights of all layers before the one where it arose, so the last spoilt
    # layer is the nearest to that.
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
