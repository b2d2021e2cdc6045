"""The columns beside an image that must be computed along with it, if it lies on endless blank paper.

A convolution looks to the side, so the ink near the edge of an image changes some columns beyond the edge, and the next
convolution sees these from within the image. An image therefore carries a halo: the columns on either side that layers
so far have changed and that layers to come still look at. It grows at first and shrinks towards the end. Everything
beyond it is blank, the same in every column, and is not computed.

Two convolutions with 3x3 kernels and padding 1, for example: the first pads by 2 columns, so that its output is one
column wider on either side, which is the halo. The second does not pad, and its output is as wide as the image again.
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
    """Keeps track of the halo while the layers of a network are compiled one after the other.

    Parameters
    ----------
    network : all layers. At least one convolution must follow the last one with a stride along the row, and all that
        follow it must keep the width
    blank : (1, C, H, W), blank paper, so wide that no layer sees an edge from its middle column; None if images have no
        halo and are padded with zeros

    Attributes
    ----------
    blank : what the layers compiled so far make of blank paper
    margin : columns of the halo on either side, behind the layers compiled so far
    first_px : pixels of blank paper to add on either side before the first layer
    """

    def __init__(self, network: Sequential, blank: Array | None) -> None:
        self.blank = blank
        self.margin = self.first_px = 0
        self._fixed = 0  # how many of the next convolutions leave the margin as it is
        self._reach = 0  # columns to either side that all later ones together look at
        if blank is not None:
            self._plan([*_convolutions(network)])

    def _plan(self, layers: list[Conv2D]) -> None:
        """Choose the margin that all layers up to the last stride along the row need together; it stays until there."""
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
        """(H, C), the values of each column beyond the halo; None for zeros, and once layers no longer give images."""
        if self.blank is None or self.blank.ndim != 4:
            return None
        return np.ascontiguousarray(self.blank[0, :, :, self.blank.shape[3] // 2].T)

    def pass_through(self, layer: Layer) -> None:
        """Compute what a layer makes of blank paper."""
        if self.blank is not None:
            self.blank = layer.forward(self.blank)[0]

    def resized(self, layer: Conv2D) -> Conv2D:
        """Return a copy of a convolution whose padding gives its output the halo it should have, and note its size."""
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
