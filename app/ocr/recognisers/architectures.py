"""From the card of a stored model to its network: each architecture has a name, and a function that builds it."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from string import ascii_lowercase
from typing import Any, get_type_hints

import numpy as np
from numpy.typing import NDArray

from app.errors import CorruptModel, InvalidInput, UnknownArchitecture
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
from app.ocr.alphabet import Alphabet
from app.ocr.recognisers.blocks import residual_block
from app.ocr.recognisers.row_network import row_resnet
from app.vision import GLYPH_SIZE

# What every glyph network takes, as a card says it.
GLYPH_INPUT = {"height": GLYPH_SIZE, "width": GLYPH_SIZE, "ink": 1.0, "paper": 0.0, "made_by": "normalise_glyph"}


def is_network(card: Mapping[str, Any]) -> bool:
    """Tell whether a model's card describes a network, of a kind that this version can build."""
    return card.get("architecture", {}).get("name") in _BUILDERS


def build_from_card(card: Mapping[str, Any], arrays: Mapping[str, NDArray[Any]]) -> tuple[Sequential, Alphabet, float]:
    """Build what the card of any network describes: the network with its weights, its alphabet, its temperature.

    Raises
    ------
    UnknownArchitecture : the card asks for a network that this version cannot build.
    CorruptModel : an entry of the card is missing or makes no sense.
    ShapeMismatch : the arrays are not those of that network.
    """
    try:
        alphabet = Alphabet(card["alphabet"])
        network = build_network(card["architecture"])
        temperature = float(card["calibration"]["temperature"])
    except UnknownArchitecture:
        raise
    except (KeyError, TypeError, ValueError, InvalidInput) as exc:
        raise CorruptModel(f"the card cannot be used: {type(exc).__name__} {exc}") from exc
    if not temperature > 0:
        raise CorruptModel(f"the card cannot be used: expected a temperature above 0, got {temperature}")
    network.load(arrays)
    return network, alphabet, temperature


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
    known = network_arguments(name)
    own = {*known, "classes"}
    for key in sorted(arguments.keys() - own):
        raise UnknownArchitecture(f"expected one of the keys {', '.join(known)}, got {key!r}")
    for key in sorted(own - arguments.keys()):
        raise UnknownArchitecture(f"expected the key {key!r}, got none")
    try:
        initialiser = zeros if rng is None else _INITIALISERS.get(name, he_normal)
        return _BUILDERS[name](**arguments, rng=rng, initialiser=initialiser)
    except (TypeError, ValueError) as exc:
        raise UnknownArchitecture(f"the arguments do not fit {name!r}: {exc}") from exc


def network_arguments(name: Any) -> dict[str, Any]:
    """Return a network's arguments other than its classes, each with its type; UnknownArchitecture if it is unknown."""
    if not isinstance(name, str) or name not in _BUILDERS:
        raise UnknownArchitecture(f"expected one of {', '.join(sorted(_BUILDERS))}, got {name!r}")
    kinds = get_type_hints(_BUILDERS[name])
    return {key: kind for key, kind in kinds.items() if key not in ("classes", "rng", "initialiser", "return")}


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
    return Sequential(layers | _head(channels * side * side, hidden, classes, dropout, rng, initialiser))


def glyph_resnet(
    classes: int,
    channels: Sequence[int],
    blocks: Sequence[int],
    hidden: int,
    dropout: float,
    *,
    rng: np.random.Generator | None,
    initialiser: Initialiser,
) -> Sequential:
    """Stages of a convolution with stride 2 and residual blocks behind it; then one hidden layer.

    Where `glyph_cnn` looks at every pixel and throws most of it away by pooling, this one takes every second step: it
    spends its arithmetic where images are small and channels many. From stage to stage four neighbouring pixels become
    one, which on a CPU is no more than a matrix product; looking around is the work of the blocks.

    Parameters
    ----------
    classes : outputs
    channels : of each stage; every stage halves the 32x32 glyph. The first convolution is 5x5, the others 2x2
    blocks : residual blocks of each stage, of two 3x3 convolutions
    hidden : units of the dense layer
    dropout : rate before the last layer

    References
    ----------
    He, Zhang, Ren, Sun (2016), Deep residual learning for image recognition, figure 2.
    """
    if not channels or len(channels) != len(blocks) or GLYPH_SIZE % 2 ** len(channels):
        raise UnknownArchitecture(f"expected up to 5 stages, got channels {channels} and blocks {blocks}")
    if not all(0 <= count <= len(ascii_lowercase) for count in blocks):
        raise UnknownArchitecture(f"expected stages of 0 to 26 blocks, got {blocks}")
    layers: dict[str, Layer] = {}
    before, side = 1, GLYPH_SIZE
    for number, (width, count) in enumerate(zip(channels, blocks, strict=True), 1):
        size, padding = (5, 2) if number == 1 else (2, 0)
        conv = Conv2D(before, width, size, rng, stride=2, padding=padding, initialiser=initialiser)
        layers |= {f"conv{number}": conv, f"norm{number}": BatchNorm(width), f"relu{number}": ReLU()}
        for letter in ascii_lowercase[:count]:
            block = residual_block(width, rng, initialiser)
            layers |= {f"block{number}{letter}": block, f"block{number}{letter}_relu": ReLU()}
        before, side = width, side // 2
    return Sequential(layers | _head(before * side * side, hidden, classes, dropout, rng, initialiser))


def _head(
    features: int,
    hidden: int,
    classes: int,
    dropout: float,
    rng: np.random.Generator | None,
    initialiser: Initialiser,
) -> dict[str, Layer]:
    """From feature maps to logits."""
    return {
        "flatten": Flatten(),
        "hidden": Dense(features, hidden, rng, initialiser),
        "hidden_norm": BatchNorm(hidden),
        "hidden_relu": ReLU(),
        "dropout": Dropout(dropout),
        "output": Dense(hidden, classes, rng, initialiser),
    }


def dense(classes: int, hidden: int, *, rng: np.random.Generator | None, initialiser: Initialiser) -> Sequential:
    """Two dense layers with a sigmoid between them: every hidden unit looks at the whole glyph.

    Parameters
    ----------
    classes : outputs
    hidden : units of the first layer, whose weights are as many pictures of the glyph's size
    """
    return Sequential(
        {
            "flatten": Flatten(),
            "hidden": Dense(GLYPH_SIZE * GLYPH_SIZE, hidden, rng, initialiser),
            "sigmoid": Sigmoid(),
            "output": Dense(hidden, classes, rng, initialiser),
        }
    )


_BUILDERS: dict[str, Callable[..., Sequential]] = {
    "dense": dense,
    "glyph-cnn": glyph_cnn,
    "glyph-resnet": glyph_resnet,
    "row-resnet": row_resnet,
}
# Initialisers of networks without ReLU, for which the usual `he_normal` is made.
_INITIALISERS: dict[str, Initialiser] = {"dense": glorot_uniform}
