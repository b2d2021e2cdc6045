"""What networks for glyphs and for rows are both built from."""

from __future__ import annotations

import numpy as np

from app.errors import UnknownArchitecture
from app.nn import BatchNorm, Conv2D, Initialiser, ReLU, Residual, Sequential


def residual_block(channels: int, rng: np.random.Generator | None, initialiser: Initialiser) -> Residual:
    """Two 3x3 convolutions and a way around them (He, Zhang, Ren, Sun 2016, figure 2)."""

    def conv() -> Conv2D:
        return Conv2D(channels, channels, 3, rng, padding=1, initialiser=initialiser)

    layers = {"conv1": conv(), "norm1": BatchNorm(channels), "relu1": ReLU()}
    return Residual(Sequential(layers | {"conv2": conv(), "norm2": BatchNorm(channels)}))


def check_widths(*widths: int) -> None:
    """Raise UnknownArchitecture unless every layer has something in it."""
    if min(widths) < 1:
        raise UnknownArchitecture(f"expected at least 1 unit or channel in every layer, got {min(widths)}")
