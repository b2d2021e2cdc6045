"""What networks for glyphs and for rows are both built from."""

from __future__ import annotations

import numpy as np

from app.nn import BatchNorm, Conv2D, Initialiser, ReLU, Residual, Sequential


def residual_block(channels: int, rng: np.random.Generator | None, initialiser: Initialiser) -> Residual:
    """Two 3x3 convolutions and a way around them (He, Zhang, Ren, Sun 2016, figure 2)."""

    def conv() -> Conv2D:
        return Conv2D(channels, channels, 3, rng, padding=1, initialiser=initialiser)

    layers = {"conv1": conv(), "norm1": BatchNorm(channels), "relu1": ReLU()}
    return Residual(Sequential(layers | {"conv2": conv(), "norm2": BatchNorm(channels)}))
