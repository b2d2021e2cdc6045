"""Convolution with 3x3 kernels and stride 1 in a quarter of the multiplications.

A tile of 4x4 outputs depends on 6x6 pixels, linearly in the pixels and linearly in the kernel. Winograd's identity
brings both into a space of 36 values where the convolution is a product value by value (equation 10 of Lavin and Gray,
with the matrices of their F(4x4, 3x3)):

    Y = A^T [ (G g G^T) * (B^T d B) ] A

Summed over input channels, each of the 36 places is one matrix product: 36 multiplications for 16 outputs where the
definition takes 144. The products with B and A are made for all tiles and channels at once, one axis after the other,
so all of it is a few large matrix products. Every step is linear; `convolve_back` is the same chain, transposed.

Rounding: in float32 about ten times that of the definition, some 1e-5 of the output's size.

References
----------
Lavin, Gray (2016), Fast algorithms for convolutional neural networks, section 4.
"""

from __future__ import annotations

import numpy as np

from app.nn.namespace import array_namespace
from app.nn.types import Array
from app.nn.windows import add_windows, windows

KERNEL = 3
TILE = 4  # outputs of a tile along each axis
FIELD = TILE + KERNEL - 1  # pixels that they depend on
PLACES = FIELD**2

_B = np.array(
    [
        [4, 0, 0, 0, 0, 0],
        [0, -4, 4, -2, 2, 4],
        [-5, -4, -4, -1, -1, 0],
        [0, 1, -1, 2, -2, -5],
        [1, 1, 1, 1, 1, 0],
        [0, 0, 0, 0, 0, 1],
    ]
)
_G = np.array([[6, 0, 0], [-4, -4, -4], [-4, 4, -4], [1, 2, 4], [1, -2, 4], [0, 0, 24]]) / 24
_A = np.array([[1, 0, 0, 0], [1, 1, 1, 1], [1, -1, 1, -1], [1, 2, 4, 8], [1, -2, 4, -8], [0, 0, 0, 1]])
# Along one axis: from pixels and from a kernel to places, and from places to outputs.
FROM_PIXELS, _FROM_KERNEL, TO_OUTPUTS = _B.T, _G, _A.T  # (6, 6), (6, 3), (4, 6)


def kernels_to_places(weight: Array) -> Array:
    """Transform kernels (O, C, 3, 3) to (36, C, O)."""
    xp = array_namespace(weight)
    out_channels, channels = weight.shape[:2]
    places = _both_axes(_FROM_KERNEL, xp.permute_dims(weight, (2, 3, 1, 0)))
    return xp.reshape(places, (PLACES, channels, out_channels))


def kernels_to_row_places(weight: Array) -> Array:
    """Transform kernels (O, C, KH, 3) along their last axis alone, to (6, KH * C, O).

    There 6 multiplications give 4 outputs, where the definition takes 12.
    """
    xp = array_namespace(weight)
    out_channels, channels, height, _ = weight.shape
    flat = xp.reshape(xp.permute_dims(weight, (3, 2, 1, 0)), (KERNEL, height * channels * out_channels))
    return xp.reshape(_like(_FROM_KERNEL, weight) @ flat, (FIELD, height * channels, out_channels))


def gradient_to_kernels(grad_places: Array) -> Array:
    """Transpose of `kernels_to_places`: the gradient (36, C, O) as one of kernels (O, C, 3, 3)."""
    xp = array_namespace(grad_places)
    _, channels, out_channels = grad_places.shape
    grad = _both_axes(_FROM_KERNEL.T, xp.reshape(grad_places, (FIELD, FIELD, channels, out_channels)))
    return xp.permute_dims(xp.reshape(grad, (KERNEL, KERNEL, channels, out_channels)), (3, 2, 0, 1))


def tiles_along(side: int, padding: int) -> int:
    """Count the tiles that cover the outputs of an image `side` pixels long; the last may reach beyond them."""
    return -(-(side + 2 * padding - KERNEL + 1) // TILE)


def padded_shape(shape: tuple[int, int, int, int], padding: int) -> tuple[int, int, int, int]:
    """Return the shape that images (N, H, W, C) have with their border of zeros, up to whole tiles."""
    n, height, width, channels = shape
    down, across = (TILE * tiles_along(side, padding) + KERNEL - 1 for side in (height, width))
    return n, down, across, channels


def fields(padded: Array) -> Array:
    """Return the fields of all tiles, place by place: (6, 6, N, TH, TW, C); see `windows`."""
    return array_namespace(padded).permute_dims(windows(padded, (FIELD, FIELD), (TILE, TILE)), (3, 4, 0, 1, 2, 5))


def convolve(pixels: Array, kernels: Array, padding: int) -> tuple[Array, Array]:
    """Cross-correlate images with kernels.

    Parameters
    ----------
    pixels : (N, H, W, C)
    kernels : (36, C, O), of `kernels_to_places`
    padding : zeros added on each side

    Returns
    -------
    y : (N, OH, OW, O), OH = H + 2 padding - 2
    places : (36, N * TH * TW, C), the transformed fields, for `convolve_back`
    """
    xp = array_namespace(pixels)
    n, height, width, channels = pixels.shape
    padded = xp.zeros(padded_shape(pixels.shape, padding), dtype=pixels.dtype)
    padded[:, padding : padding + height, padding : padding + width, :] = pixels
    down, across = (tiles_along(side, padding) for side in (height, width))
    tiles = n * down * across
    places = xp.reshape(_both_axes(FROM_PIXELS, fields(padded)), (PLACES, tiles, channels))
    out_channels = kernels.shape[2]
    outputs = _both_axes(TO_OUTPUTS, xp.reshape(places @ kernels, (FIELD, FIELD, tiles, out_channels)))
    y = from_tiles(xp.reshape(outputs, (TILE, TILE, n, down, across, out_channels)))
    return y[:, : height + 2 * padding - KERNEL + 1, : width + 2 * padding - KERNEL + 1, :], places


def convolve_back(
    grad_y: Array, places: Array, kernels: Array, shape: tuple[int, int, int, int], padding: int
) -> tuple[Array, Array]:
    """Carry a gradient (N, OH, OW, O) back: `convolve`, transposed.

    Parameters
    ----------
    places : as `convolve` returned them
    shape : (N, H, W, C) of the images

    Returns
    -------
    grad_pixels, grad_kernels : of the shapes of `pixels` and `kernels`
    """
    xp = array_namespace(grad_y)
    n, height, width, channels = shape
    grad_products = _products_gradient(grad_y, shape, padding)
    grad_places = grad_products @ xp.permute_dims(kernels, (0, 2, 1))
    gathered = _both_axes(FROM_PIXELS.T, xp.reshape(grad_places, (FIELD, FIELD, -1)))
    down, across = (tiles_along(side, padding) for side in (height, width))
    by_place = xp.reshape(gathered, (FIELD, FIELD, n, down, across, channels))
    by_tile = xp.permute_dims(by_place, (2, 3, 4, 0, 1, 5))
    grad_padded = add_windows(by_tile, padded_shape(shape, padding), (TILE, TILE))
    grad_pixels = grad_padded[:, padding : padding + height, padding : padding + width, :]
    return grad_pixels, xp.permute_dims(places, (0, 2, 1)) @ grad_products


def kernels_gradient(grad_y: Array, places: Array, shape: tuple[int, int, int, int], padding: int) -> Array:
    """Return the second of what `convolve_back` gives."""
    xp = array_namespace(grad_y)
    return xp.permute_dims(places, (0, 2, 1)) @ _products_gradient(grad_y, shape, padding)


def _products_gradient(grad_y: Array, shape: tuple[int, int, int, int], padding: int) -> Array:
    """Gradient (36, N * TH * TW, O) of the products of places and kernels."""
    xp = array_namespace(grad_y)
    n, height, width, _ = shape
    _, oh, ow, out_channels = grad_y.shape
    down, across = (tiles_along(side, padding) for side in (height, width))
    if (oh, ow) != (TILE * down, TILE * across):
        whole = xp.zeros((n, TILE * down, TILE * across, out_channels), dtype=grad_y.dtype)
        whole[:, :oh, :ow, :] = grad_y
        grad_y = whole
    grad_products = _both_axes(TO_OUTPUTS.T, to_tiles(grad_y))
    return xp.reshape(grad_products, (PLACES, n * down * across, out_channels))


def from_tiles(outputs: Array) -> Array:
    """Lay outputs (4, 4, N, TH, TW, O) out as images (N, 4 TH, 4 TW, O)."""
    xp = array_namespace(outputs)
    _, _, n, down, across, channels = outputs.shape
    tiled = xp.permute_dims(outputs, (2, 3, 0, 4, 1, 5))
    return xp.reshape(tiled, (n, TILE * down, TILE * across, channels))


def to_tiles(images: Array) -> Array:
    """Undo `from_tiles`."""
    xp = array_namespace(images)
    n, height, width, channels = images.shape
    tiled = xp.reshape(images, (n, height // TILE, TILE, width // TILE, TILE, channels))
    return xp.permute_dims(tiled, (2, 4, 0, 1, 3, 5))


def _both_axes(matrix: Array, values: Array) -> Array:
    """Multiply the first two axes of values (K, K, ...) by a matrix (M, K) each, to (M, M, R).

    Each axis in small products, one for every index of the other axis: OpenBLAS takes products of up to a million
    multiplications as they lie in memory. Of larger ones it copies the factors first, which takes longer than these.
    """
    xp, k = array_namespace(values), matrix.shape[1]
    matrix = _like(matrix, values)
    half = matrix @ xp.permute_dims(xp.reshape(values, (k, k, -1)), (1, 0, 2))
    return matrix @ xp.permute_dims(half, (1, 0, 2))


def _like(matrix: Array, x: Array) -> Array:
    """`matrix` as an array of x's library and dtype."""
    return array_namespace(x).asarray(matrix, dtype=x.dtype)
