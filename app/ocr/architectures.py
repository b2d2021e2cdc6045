"""Networks by name, as a card describes them."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from string import ascii_lowercase
from typing import Any

import numpy as np

from app.errors import UnknownArchitecture
from app.nn import (
    BatchNorm,
    Conv2D,
    Dense,
    Dropout,
    Flatten,
    Initialiser,
    Layer,
    MaxPool2D,
    ReLU,
    Sequential,
    Sigmoid,
    glorot_uniform,
    he_normal,
    zeros,
)
from app.vision import GLYPH_SIZE

# What every glyph network takes, as a card says it.
GLYPH_INPUT = {"height": GLYPH_SIZE, "width": GLYPH_SIZE, "ink": 1.0, "paper": 0.0, "made_by": "normalise_glyph"}


def build_network(architecture: Mapping[str, Any], rng: np.random.Generator | None = None) -> Sequential:
    """Build the network that a card describes.

    Parameters
    ----------
    architecture : ``{"name": ..., **arguments}``
    rng : draws the first weights; None leaves zeros, for weights that are loaded next

    Raises
    ------
    UnknownArchitecture : no such name, or arguments that do not fit it.
    """
    arguments = dict(architecture)
    name = arguments.pop("name", None)
    if name not in _BUILDERS:
        raise UnknownArchitecture(f"expected one of {sorted(_BUILDERS)}, got {name!r}")
    try:
        initialiser = zeros if rng is None else _INITIALISERS.get(name, he_normal)
        return _BUILDERS[name](**arguments, rng=rng, initialiser=initialiser)
    except (TypeError, ValueError) as exc:
        raise UnknownArchitecture(f"the arguments {arguments} do not fit {name!r}: {exc}") from exc


def glyph_cnn(
    classes: int,
    stages: Sequence[Sequence[int]],
    hidden: int,
    dropout: float,
    *,
    rng: np.random.Generator | None,
    initialiser: Initialiser,
) -> Sequential:
    """Convolutions of 3x3 in stages, each stage ended by pooling; then one hidden layer.

    Parameters
    ----------
    classes : outputs
    stages : for each stage the channels of its convolutions; every stage halves the 32x32 glyph
    hidden : units of the dense layer
    dropout : rate before the last layer
    """
    if GLYPH_SIZE % 2 ** len(stages) or not all(1 <= len(stage) <= len(ascii_lowercase) for stage in stages):
        raise UnknownArchitecture(f"expected up to 5 stages of 1 to 26 convolutions, got {stages}")
    layers: dict[str, Layer] = {}
    channels, side = 1, GLYPH_SIZE
    for number, stage in enumerate(stages, 1):
        for letter, out_channels in zip(ascii_lowercase, stage, strict=False):
            place = f"{number}{letter}"
            layers[f"conv{place}"] = Conv2D(channels, out_channels, 3, rng, padding=1, initialiser=initialiser)
            layers[f"norm{place}"] = BatchNorm(out_channels)
            layers[f"relu{place}"] = ReLU()
            channels = out_channels
        layers[f"pool{number}"] = MaxPool2D()
        side //= 2
    layers["flatten"] = Flatten()
    layers["hidden"] = Dense(channels * side * side, hidden, rng, initialiser)
    layers["hidden_norm"] = BatchNorm(hidden)
    layers["hidden_relu"] = ReLU()
    layers["dropout"] = Dropout(dropout)
    layers["output"] = Dense(hidden, classes, rng, initialiser)
    return Sequential(layers)


def dense(classes: int, hidden: int, *, rng: np.random.Generator | None, initialiser: Initialiser) -> Sequential:
    """Two dense layers with a sigmoid between them: every hidden unit looks at the whole glyph.

    Parameters
    ----------
    classes : outputs
    hidden : units of the first layer, whose weights are as many pictures of the glyph's size
    """
    if hidden < 1:
        raise UnknownArchitecture(f"expected at least 1 hidden unit, got {hidden}")
    return Sequential(
        {
            "flatten": Flatten(),
            "hidden": Dense(GLYPH_SIZE * GLYPH_SIZE, hidden, rng, initialiser),
            "sigmoid": Sigmoid(),
            "output": Dense(hidden, classes, rng, initialiser),
        }
    )


_BUILDERS: dict[str, Callable[..., Sequential]] = {"dense": dense, "glyph-cnn": glyph_cnn}
# How first weights are drawn where the nonlinearity is not ReLU, for which `he_normal` is made.
_INITIALISERS: dict[str, Initialiser] = {"dense": glorot_uniform}
