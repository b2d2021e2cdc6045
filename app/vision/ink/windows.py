"""The highest or the lowest value around each place of an array."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
from numpy.typing import NDArray


def extreme_within(
    values: NDArray[Any], reach: int, choose: Callable[[NDArray[Any], NDArray[Any]], NDArray[Any]]
) -> NDArray[Any]:
    """As `ndimage.maximum_filter` or `minimum_filter` of size 2 * `reach` + 1, but about ten times as fast.

    The window doubles at each step: the maximum of two windows that overlap, or touch, is that of both together.

    Parameters
    ----------
    values : (H, W)
    choose : `np.maximum` or `np.minimum`
    """
    size = 2 * reach + 1
    for _ in range(2):  # down, then across
        seen = 1
        chosen = np.pad(values.T, ((0, 0), (reach, reach)), mode="edge")
        while seen < size:
            step = min(seen, size - seen)
            chosen = choose(chosen[:, step:], chosen[:, :-step])
            seen += step
        values = chosen
    return values
