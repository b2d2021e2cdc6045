"""Layers in figures: how large their weights are, and which units do nothing."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from app.inspection.trace import each_layer, trace
from app.nn import Array, Layer, ReLU, Sequential, Sigmoid, Tanh

_ACTIVATIONS = (ReLU, Sigmoid, Tanh)
_FLAT = 0.1  # of the largest derivative; below it hardly anything is learnt
_FULL_COLOUR = 0.98  # quantile: a few weights far larger than the rest would leave these too faint to see


@dataclass(frozen=True)
class WeightStatistics:
    """The weight of a layer, bias left out.

    Attributes
    ----------
    shape : as `app.nn` has it: (outputs, inputs, KH, KW) of a convolution, (inputs, outputs) of a dense layer
    norm : Euclidean
    moved : how far training moved it, in norms of where it began; None where that is not known
    scale : at which a picture has its full colour, the same before and after training
    """

    shape: tuple[int, ...]
    norm: float
    mean: float
    std: float
    smallest: float
    largest: float
    moved: float | None
    scale: float


@dataclass(frozen=True)
class ActivationStatistics:
    """What an activation makes of a probe.

    Attributes
    ----------
    units : channels, or features
    dead : of these, those that give the same whatever comes
    saturated : share of outputs at which the derivative is under a tenth of the largest: for ReLU, those that are 0
    """

    units: int
    dead: int
    saturated: float


def weighted_layers(network: Sequential) -> dict[str, Layer]:
    """Return the layers that have a ``weight``, by name, first to last."""
    return {name: layer for name, layer in each_layer(network) if "weight" in layer.params}


def weight_statistics(weight: Array, initial: Array | None = None, trained: Array | None = None) -> WeightStatistics:
    """Describe a weight of any shape.

    Parameters
    ----------
    weight : the one to describe: either of the others, where these are known
    initial, trained : before and after training
    """
    known = [array for array in (initial, trained) if array is not None] or [weight]
    moved = None
    if initial is not None and trained is not None:
        moved = float(np.linalg.norm(trained - initial)) / (float(np.linalg.norm(initial)) or 1.0)
    return WeightStatistics(
        shape=weight.shape,
        norm=float(np.linalg.norm(weight)),
        mean=float(weight.mean()),
        std=float(weight.std()),
        smallest=float(weight.min()),
        largest=float(weight.max()),
        moved=moved,
        scale=full_colour(*known),
    )


def full_colour(*arrays: Array) -> float:
    """Return the value that is drawn in full colour, for all arrays the same; 1 if they are all 0."""
    return float(np.quantile(np.abs(np.concatenate([array.ravel() for array in arrays])), _FULL_COLOUR)) or 1.0


def activation_statistics(network: Sequential, probe: Array) -> dict[str, ActivationStatistics]:
    """Describe the activations of a network, by their layers' names.

    Parameters
    ----------
    probe : (N, ...) of the network's inputs; what is dead on them may live on others
    """
    return {name: _describe(layer, y) for name, layer, y in trace(network, probe) if isinstance(layer, _ACTIVATIONS)}


def _describe(layer: Layer, y: Array) -> ActivationStatistics:
    by_unit = np.moveaxis(y, 1, 0).reshape(y.shape[1], -1)
    steepest = _derivative(layer, layer.forward(np.full(1, 1e-6, y.dtype))[0]).item()
    return ActivationStatistics(
        units=len(by_unit),
        dead=int((np.ptp(by_unit, axis=1) == 0).sum()),
        saturated=float((_derivative(layer, y) < _FLAT * steepest).mean()),
    )


def _derivative(layer: Layer, y: Array) -> Array:
    """Return the slope of an activation where it gave y, which is all that its `backward` needs."""
    return layer.backward(np.ones_like(y), y)[0]


def layer_kinds(network: Sequential) -> Mapping[str, str]:
    """Return the class of each layer by its name."""
    return {name: type(layer).__name__ for name, layer in each_layer(network)}
