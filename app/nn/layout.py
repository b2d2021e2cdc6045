"""How images lie in memory.

Everything outside this package sees images as (N, C, H, W). Inside, their memory is laid out as (N, H, W, C), because
then a receptive field is a few long stretches of memory, a convolution is one large matrix product for the whole
batch, and what happens per channel happens along the last axis. The two differ by a transpose that copies nothing.
"""

from __future__ import annotations

from app.nn.namespace import array_namespace
from app.nn.types import Array


def channels_last(x: Array) -> Array:
    """View images (N, C, H, W) as (N, H, W, C)."""
    return array_namespace(x).permute_dims(x, (0, 2, 3, 1))


def channels_first(x: Array) -> Array:
    """View images (N, H, W, C) as (N, C, H, W)."""
    return array_namespace(x).permute_dims(x, (0, 3, 1, 2))


def to_rows(x: Array) -> Array:
    """Lay out (N, C) or (N, C, H, W) with one row of C values for each sample or pixel; a view where memory allows."""
    if x.ndim == 2:
        return x
    return array_namespace(x).reshape(channels_last(x), (-1, x.shape[1]) if x.size else (0, x.shape[1]))


def from_rows(rows: Array, shape: tuple[int, ...]) -> Array:
    """Undo `to_rows` for an array of `shape`."""
    if len(shape) == 2:
        return rows
    n, c, height, width = shape
    return channels_first(array_namespace(rows).reshape(rows, (n, height, width, c)))


def column_sums(rows: Array) -> Array:
    """Sum (M, C) over M: as a product with ones, which BLAS does several times faster than a sum along an axis."""
    xp = array_namespace(rows)
    return xp.ones(rows.shape[0], dtype=rows.dtype) @ rows
