"""Convolution as one matrix product."""

from __future__ import annotations

from math import prod

import numpy as np

from app.errors import ShapeMismatch
from app.nn import winograd
from app.nn.initialisers import Initialiser, he_normal, zeros
from app.nn.layout import channels_first, channels_last, column_sums, to_rows
from app.nn.namespace import array_namespace
from app.nn.types import Array, Cache, Layer, Params
from app.nn.windows import Pair, add_windows, pair, span, steps, windows

# Input channels from which `app.nn.winograd` pays: with fewer, its transforms cost as much as its products save. With 8
# to 128 channels, at 8x8 and 16x16 pixels, inference was measured 1.1 to 1.9 times as fast as by `im2col`.
CHANNELS_FOR_TILES = 8


def im2col(images: Array, kernel_size: int | Pair, stride: int | Pair, dilation: int | Pair = 1) -> Array:
    """Unroll every receptive field into one row, so that convolution becomes a matrix product.

    Parameters
    ----------
    images : ndarray of shape (N, C, H, W), any float dtype; fastest if memory lies as (N, H, W, C)
    kernel_size : (KH, KW), pixels
    stride : pixels from one field to the next
    dilation : pixels from one pixel of a field to the next
        Each of the three is a pair (down, across), or one number for both.

    Returns
    -------
    ndarray of shape (N * OH * OW, KH * KW * C), same dtype; OH = (H - (KH - 1) * dilation - 1) // stride + 1
        Rows run over N, then OH, then OW. Pixels past the last whole window are ignored. For images with one
        channel, memory lies column after column. For kernels of one pixel with stride 1 the result is a view of
        `images`, if their memory layout allows that.

    Raises
    ------
    ShapeMismatch : the kernel is larger than the image.

    References
    ----------
    Chellapilla, Puri, Simard (2006), High performance CNNs for document processing.
    """
    _, c, height, width = images.shape
    (kh, kw), dilation = pair(kernel_size), pair(dilation)
    smallest = span((kh, kw), dilation)
    if smallest[0] > height or smallest[1] > width:
        raise ShapeMismatch(f"im2col expects images of at least {smallest}, got {(height, width)}")
    xp = array_namespace(images)
    fields = windows(channels_last(images), (kh, kw), pair(stride), dilation)
    size = kh * kw * c
    if c == 1:  # with each field as a column, memory is copied in long stretches instead of value by value
        columns = xp.reshape(xp.permute_dims(fields, (3, 4, 5, 0, 1, 2)), (size, -1))
        return xp.permute_dims(columns, (1, 0))
    return xp.reshape(fields, (-1, size))


def col2im(
    fields: Array,
    shape: tuple[int, int, int, int],
    kernel_size: int | Pair,
    stride: int | Pair,
    dilation: int | Pair = 1,
) -> Array:
    """Add every field back to the pixels it came from: the transpose of `im2col`.

    Parameters
    ----------
    fields : ndarray of shape (N * OH * OW, KH * KW * C)
    shape : (N, C, H, W) of the images
    kernel_size, stride, dilation : as of `im2col`

    Returns
    -------
    ndarray of that shape; pixels seen by several fields hold the sum
    """
    n, c, height, width = shape
    kernel_size, stride, dilation = pair(kernel_size), pair(stride), pair(dilation)
    outputs = steps((height, width), kernel_size, stride, dilation)
    values = array_namespace(fields).reshape(fields, (n, *outputs, *kernel_size, c))
    return channels_first(add_windows(values, (n, height, width, c), stride, dilation))


class Conv2D(Layer):
    """Cross-correlation, as is usual under this name, with weight (out_channels, in_channels, KH, KW).

    ``y[n, o, i, j] = bias[o] + sum over c, p, q of weight[o, c, p, q] * x[n, c, row, column]`` with
    ``row = i * stride + p * dilation``, ``column = j * stride + q * dilation``, x padded by ``padding`` zeros on each
    side. Each of ``kernel_size``, ``stride``, ``padding`` and ``dilation`` is a pair (down, across), or one number for
    both; the layer keeps pairs. Kernels of 3x3 with stride and dilation 1 and the same padding both ways are computed
    by `app.nn.winograd`, if there are channels enough to pay for its transforms, all others by `im2col`.
    """

    def __init__(
        self,
        in_channels: int,
        out_channels: int,
        kernel_size: int | Pair,
        rng: np.random.Generator | None = None,
        *,
        stride: int | Pair = 1,
        padding: int | Pair = 0,
        dilation: int | Pair = 1,
        initialiser: Initialiser = he_normal,
    ) -> None:
        super().__init__()
        self.in_channels = in_channels
        self.out_channels = out_channels
        self.kernel_size = pair(kernel_size)
        self.stride = pair(stride)
        self.padding = pair(padding)
        self.dilation = pair(dilation)
        self.check_sizes(1, in_channels=in_channels, out_channels=out_channels, kernel_size=self.kernel_size)
        self.check_sizes(1, stride=self.stride, dilation=self.dilation)
        self.check_sizes(0, padding=self.padding)
        fan_in, fan_out = in_channels * prod(self.kernel_size), out_channels * prod(self.kernel_size)
        self.params = {
            "weight": initialiser((out_channels, in_channels, *self.kernel_size), fan_in, fan_out, rng),
            "bias": zeros((out_channels,), fan_in, fan_out),
        }

    def forward(self, x: Array, rng: np.random.Generator | None = None) -> tuple[Array, Cache]:
        """Map x (N, in_channels, H, W) to (N, out_channels, OH, OW).

        OH = (H + 2 padding - (KH - 1) dilation - 1) // stride + 1, and OW likewise.
        """
        n, oh, ow, out_channels = self.output_shape(x)
        shape = n, out_channels, oh, ow
        if self.in_tiles:
            kernels = winograd.kernels_to_places(self.params["weight"])
            y, places = winograd.convolve(channels_last(x), kernels, self.padding[0])
            return channels_first(y + self.params["bias"]), (shape, places, channels_last(x).shape, kernels)
        padded = _pad(x, self.padding)
        fields = im2col(padded, self.kernel_size, self.stride, self.dilation)
        y = fields @ self.matrix()
        y += self.params["bias"]
        y = array_namespace(x).reshape(y, (n, oh, ow, out_channels))
        return channels_first(y), (shape, fields, padded.shape)

    def backward(self, grad_out: Array, cache: Cache) -> tuple[Array, Params]:
        """Two products: ``grad_weight = fields.T @ grad_y`` and ``grad_fields = grad_y @ weight.T``."""
        self.check_gradient(grad_out, cache[0])
        if self.in_tiles:
            _, places, pixels, kernels = cache
            grad_y = channels_last(grad_out)
            grad_pixels, grad_kernels = winograd.convolve_back(grad_y, places, kernels, pixels, self.padding[0])
            return channels_first(grad_pixels), self._tiled_gradients(grad_out, grad_kernels)
        *_, padded_shape = cache
        return self._grad_in(grad_out, padded_shape), self.param_gradients(grad_out, cache)

    def param_gradients(self, grad_out: Array, cache: Cache) -> Params:
        """See `backward`."""
        self.check_gradient(grad_out, cache[0])
        if self.in_tiles:
            _, places, pixels, _ = cache
            grad_kernels = winograd.kernels_gradient(channels_last(grad_out), places, pixels, self.padding[0])
            return self._tiled_gradients(grad_out, grad_kernels)
        _, fields, _ = cache
        xp = array_namespace(grad_out)
        flat = to_rows(grad_out)
        grad_weight = xp.reshape(xp.permute_dims(fields, (1, 0)) @ flat, (*self.kernel_size, self.in_channels, -1))
        return {"weight": xp.permute_dims(grad_weight, (3, 2, 0, 1)), "bias": column_sums(flat)}

    @property
    def in_tiles(self) -> bool:
        """Whether the layer is computed by `app.nn.winograd`."""
        geometry = self.kernel_size, self.stride, self.dilation, self.padding
        tiled = pair(winograd.KERNEL), (1, 1), (1, 1), pair(self.padding[0])
        return geometry == tiled and self.in_channels >= CHANNELS_FOR_TILES

    def output_shape(self, x: Array) -> tuple[int, int, int, int]:
        """Return (N, OH, OW, out_channels) for x (N, in_channels, H, W), or raise ShapeMismatch."""
        (down, across), (high, wide) = self.padding, span(self.kernel_size, self.dilation)
        height, width = max(high - 2 * down, 1), max(wide - 2 * across, 1)
        if x.ndim != 4 or x.shape[1] != self.in_channels or x.shape[2] < height or x.shape[3] < width:
            expected = f"(N, {self.in_channels}, H, W) with H >= {height} and W >= {width}"
            raise ShapeMismatch(f"Conv2D expects {expected}, got {x.shape}")
        sides = x.shape[2] + 2 * down, x.shape[3] + 2 * across
        return x.shape[0], *steps(sides, self.kernel_size, self.stride, self.dilation), self.out_channels

    def matrix(self) -> Array:
        """Return the weight as (KH * KW * in_channels, out_channels), the order of the rows of `im2col`."""
        weight = self.params["weight"]
        xp = array_namespace(weight)
        return xp.reshape(xp.permute_dims(weight, (2, 3, 1, 0)), (-1, self.out_channels))

    def _tiled_gradients(self, grad_out: Array, grad_kernels: Array) -> Params:
        return {"weight": winograd.gradient_to_kernels(grad_kernels), "bias": column_sums(to_rows(grad_out))}

    def _grad_in(self, grad_out: Array, padded_shape: tuple[int, int, int, int]) -> Array:
        xp = array_namespace(grad_out)
        n, _, height, width = padded_shape
        down, across = self.padding
        height, width = height - 2 * down, width - 2 * across
        high, wide = span(self.kernel_size, self.dilation)
        margin = high - 1 - down, wide - 1 - across
        if self.stride == (1, 1) and 0 <= margin[0] <= down and 0 <= margin[1] <= across:
            # The gradient of a pixel is gathered from all outputs that saw it: a convolution with the kernel turned
            # round. Compared with `col2im` below, this was measured as fast with 192 channels and four times as fast
            # with 4. Where pixels outnumber outputs it would take more products than `col2im`.
            turned = xp.permute_dims(xp.flip(self.params["weight"], axis=(2, 3)), (2, 3, 0, 1))
            matrix = xp.reshape(turned, (-1, self.in_channels))
            grad_in = im2col(_pad(grad_out, margin), self.kernel_size, 1, self.dilation) @ matrix
            return channels_first(xp.reshape(grad_in, (n, height, width, self.in_channels)))
        grad_fields = to_rows(grad_out) @ xp.permute_dims(self.matrix(), (1, 0))
        grad_padded = col2im(grad_fields, padded_shape, self.kernel_size, self.stride, self.dilation)
        return grad_padded[:, :, down : down + height, across : across + width]


def _pad(x: Array, padding: Pair) -> Array:
    """Add zeros on each side of images (N, C, H, W), memory channels last."""
    if padding == (0, 0):
        return x
    xp = array_namespace(x)
    n, c, height, width = x.shape
    down, across = padding
    padded = xp.zeros((n, height + 2 * down, width + 2 * across, c), dtype=x.dtype)
    padded[:, down : down + height, across : across + width, :] = channels_last(x)
    return channels_first(padded)
