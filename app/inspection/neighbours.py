"""Which known glyphs a network takes for most alike: by what its last hidden layer makes of them."""

from __future__ import annotations

from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from app.inspection.trace import trace
from app.nn import Array, Sequential

_AT_ONCE = 128


def hidden_features(network: Sequential, glyphs: Array) -> Array:
    """Return what the last layer that has weights is given (N, F) for inputs (N, ...), laid out in one row each."""
    last = [name for name, layer in network.layers.items() if layer.params][-1]
    parts = [_given_to(last, network, glyphs[i : i + _AT_ONCE]) for i in range(0, max(len(glyphs), 1), _AT_ONCE)]
    return np.concatenate(parts)


def _given_to(layer: str, network: Sequential, x: Array) -> Array:
    steps = ((name, y) for name, _, y in trace(network, x))
    given = next((before for (_, before), (name, _) in pairwise(steps) if name == layer), x)
    return given.reshape(len(x), -1)


def nearest(known: Array, features: Array, count: int) -> tuple[NDArray[np.intp], Array]:
    """Return which of some features (N, F) are most alike to others (F,), and how alike: the cosine of their angle.

    Returns
    -------
    indices, similarity : (min(N, count),) both, the most alike first
    """
    lengths = np.linalg.norm(known, axis=1) * np.linalg.norm(features)
    similarity = known @ features / np.where(lengths > 0, lengths, 1)
    order = np.argsort(-similarity, kind="stable")[:count]
    return order, similarity[order]
