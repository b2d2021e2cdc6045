"""The columns beyond images on their way through a network, if images lie within an endless blank.

Near an edge the blank is no longer blank after a layer that looks aside, and layers that follow look back from there.
So images get a halo: they grow by what each convolution can change, as long as whatever is out there can still be seen
from within, and shrink again. No column is computed that is blank or does not matter.

Two convolutions with 3x3 kernels and padding 1, for example: the first pads by 2 columns, so that its output is one
wider on either side, which is the halo; the second pads by none, and its output is as wide as the image again.
"""

from __future__ import annotations

from collections.abc import Iterator
from copy import copy

import numpy as np

from app.nn.conv import Conv2D
from app.nn.residual import Residual
from app.nn.sequential import Sequential
from app.nn.types import Array, Layer
from app.nn.windows import span


class Halo:
    """What lies beyond images between two layers of a network, while these are compiled one after the other.

    Parameters
    ----------
    network : the whole of it. Behind its last step along the row, convolutions keep the width, and there is one
    blank : (1, C, H, W), an image of which the middle is what lies beyond, and is not changed by its edges; None if
        images end where they end

    Attributes
    ----------
    blank : as the layers so far have made it
    margin : columns of the halo on either side at the moment
    first_px : pixels of blank that are to be added on either side before the first layer
    """

    def __init__(self, network: Sequential, blank: Array | None) -> None:
        self.blank = blank
        self.margin = self.first_px = 0
        self._fixed = 0  # convolutions to come that leave the margin as it is
        self._reach = 0  # columns that those behind them look to either side
        if blank is not None:
            self._plan([*_convolutions(network)])

    def _plan(self, layers: list[Conv2D]) -> None:
        """Up to the last layer with steps along the row, images keep the margin that all of these need together."""
        self._fixed = 1 + max((number for number, layer in enumerate(layers) if layer.stride[1] > 1), default=-1)
        left = right = 0  # pixels
        jump = 1  # pixels from one column to the next
        for layer in layers[: self._fixed]:
            left += layer.padding[1] * jump
            right += (span(layer.kernel_size, layer.dilation)[1] - 1 - layer.padding[1]) * jump
            jump *= layer.stride[1]
        self.margin = -(-max(left, right - jump + 1) // jump)
        self.first_px = self.margin * jump
        self._reach = sum(layer.padding[1] for layer in layers[self._fixed :])

    @property
    def column(self) -> Array | None:
        """(H, C), what is in each column beyond; None for zeros, and where images have become something else."""
        if self.blank is None or self.blank.ndim != 4:
            return None
        return np.ascontiguousarray(self.blank[0, :, :, self.blank.shape[3] // 2].T)

    def pass_through(self, layer: Layer) -> None:
        """Let the blank go through a layer."""
        if self.blank is not None:
            self.blank = layer.forward(self.blank)[0]

    def resized(self, layer: Conv2D) -> Conv2D:
        """Return a copy whose padding makes its output as much wider or narrower as the halo becomes by it."""
        if self.blank is None:
            return layer
        if self._fixed:
            self._fixed -= 1
            return layer
        layer, (down, across) = copy(layer), layer.padding
        self._reach -= across
        before, self.margin = self.margin, min(self.margin + across, self._reach)
        layer.padding = down, across + self.margin - before
        return layer


def _convolutions(layer: Layer) -> Iterator[Conv2D]:
    if isinstance(layer, Conv2D):
        yield layer
    elif isinstance(layer, Residual):
        yield from _convolutions(layer.body)
    elif isinstance(layer, Sequential):
        for inner in layer.layers.values():
            yield from _convolutions(inner)
