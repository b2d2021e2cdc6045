"""The network that reads a whole row: for each image column, the probability of each character, without any cuts."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from string import ascii_lowercase
from typing import Any

import numpy as np

from app.errors import UnknownArchitecture
from app.nn import BatchNorm, Columns, Conv2D, Dropout, Initialiser, Layer, ReLU, Residual, Sequential
from app.ocr.recognisers.blocks import residual_block
from app.vision import COLUMN_PX, STRIP_HEIGHT

RECEPTIVE_COLUMNS = 40
"""No row network looks farther than this to either side, so rows that are so far apart do not affect each other."""

# What every row network takes, as a card says it.
ROW_INPUT = {"height": STRIP_HEIGHT, "column": COLUMN_PX, "ink": 1.0, "paper": 0.0, "made_by": "normalise_strip"}

_STEM_STRIDE = COLUMN_PX // 2


def spells_rows(card: Mapping[str, Any]) -> bool:
    """Tell whether a model's card describes a network for rows."""
    return str(card.get("architecture", {}).get("name", "")).startswith("row-")


def row_resnet(
    classes: int,
    channels: Sequence[int],
    blocks: Sequence[int],
    width: int,
    dilations: Sequence[int],
    dropout: float,
    *,
    rng: np.random.Generator | None,
    initialiser: Initialiser,
) -> Sequential:
    """Map strips (N, 1, STRIP_HEIGHT, W) to logits (N, W / COLUMN_PX, classes).

    Three stages look at shapes, with residual blocks of 3x3 convolutions as in `glyph_resnet`. The first takes steps of
    three pixels both ways, so that the details of a high strip cost little; the second halves both ways, the third the
    height alone. Then the height is summed up into one vector a column, and residual convolutions along the row,
    dilated so that a column hears of its word, make of it what is written there.

    Parameters
    ----------
    classes : outputs, the blank included
    channels : of the three stages
    blocks : residual blocks of each stage, of two 3x3 convolutions
    width : channels along the row
    dilations : of each convolution along the row
    dropout : rate before the convolutions along the row, and before the output

    References
    ----------
    He, Zhang, Ren, Sun (2016), Deep residual learning for image recognition. Yu, Koltun (2016), Multi-scale context
    aggregation by dilated convolutions. Bluche, Messina (2017) and Coquenet et al. (2020) read rows by convolutions
    alone.
    """
    if len(channels) != 3 or len(blocks) != 3 or not all(0 <= count <= len(ascii_lowercase) for count in blocks):
        raise UnknownArchitecture(f"expected three stages of 0 to 26 blocks, got {channels} and {blocks}")
    # Two columns for the strip's steps, one for each 3x3 convolution, one to sum up the height.
    reach = 3 + 2 * sum(blocks) + sum(dilations)
    if reach > RECEPTIVE_COLUMNS:
        raise UnknownArchitecture(f"expected a network that sees {RECEPTIVE_COLUMNS} columns or fewer, got {reach}")
    layers: dict[str, Layer] = {}
    steps = (((7, 7), (_STEM_STRIDE, _STEM_STRIDE), 2), ((2, 2), (2, 2), 0), ((2, 1), (2, 1), 0))
    before, height = 1, STRIP_HEIGHT
    for number, (after, count, (kernel_size, stride, padding)) in enumerate(
        zip(channels, blocks, steps, strict=True), 1
    ):
        conv = Conv2D(before, after, kernel_size, rng, stride=stride, padding=padding, initialiser=initialiser)
        layers |= {f"conv{number}": conv, f"norm{number}": BatchNorm(after), f"relu{number}": ReLU()}
        for letter in ascii_lowercase[:count]:
            block = residual_block(after, rng, initialiser)
            layers |= {f"block{number}{letter}": block, f"block{number}{letter}_relu": ReLU()}
        before, height = after, height // (_STEM_STRIDE if number == 1 else 2)
    layers |= {
        "collapse": Conv2D(before, width, (height, 3), rng, padding=(0, 1), initialiser=initialiser),
        "collapse_norm": BatchNorm(width),
        "collapse_relu": ReLU(),
        "collapse_dropout": Dropout(dropout),
    }
    for number, dilation in enumerate(dilations, 1):
        layers[f"along{number}"] = _along(width, dilation, rng, initialiser)
    layers |= {
        "dropout": Dropout(dropout),
        "output": Conv2D(width, classes, 1, rng, initialiser=initialiser),
        "columns": Columns(),
    }
    return Sequential(layers)


def _along(width: int, dilation: int, rng: np.random.Generator | None, initialiser: Initialiser) -> Residual:
    conv = Conv2D(width, width, (1, 3), rng, padding=(0, dilation), dilation=(1, dilation), initialiser=initialiser)
    return Residual(Sequential({"conv": conv, "norm": BatchNorm(width), "relu": ReLU()}))
