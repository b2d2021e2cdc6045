"""Recover pen strokes from a drawn character: the centre lines of its ink."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray
from scipy.ndimage import distance_transform_edt, gaussian_filter1d
from skimage.morphology import skeletonize

_NEIGHBOURS = ((-1, 0), (0, -1), (0, 1), (1, 0), (-1, -1), (-1, 1), (1, -1), (1, 1))  # the nearer ones first
# A side branch that ends within the ink around its fork comes from a corner of the outline, and is not a stroke.
_SPUR = 1.3  # its largest length, in half widths of the ink at the fork
_SMOOTH_PX = 2.0  # as thinned lines are staircases
_STEP_PX = 3

Pixel = tuple[int, int]
Path = list[Pixel]


def trace_strokes(ink: NDArray[np.bool_]) -> list[NDArray[np.float32]]:
    """Thin ink to its centre lines and follow them.

    Parameters
    ----------
    ink : (H, W), a character some hundred pixels high, True where there is ink

    Returns
    -------
    list
        float32 (points, 2) as x, y in pixels, each from a fork or end to another one; a dot is a single point.

    References
    ----------
    Zhang, Suen (1984), A fast parallel algorithm for thinning digital patterns.
    """
    padded = np.pad(ink, 1)
    half_width = distance_transform_edt(padded)
    line = {(int(y), int(x)) for y, x in np.argwhere(skeletonize(padded))}
    for path in _paths(line):
        if _is_spur(path, line, half_width):
            line -= set(path[:-1])
    return [_smoothed(path) for path in _paths(line)]


def _around(pixel: Pixel, line: set[Pixel]) -> Path:
    """List the neighbours on the line; a diagonal one only if no nearer one leads there."""
    y, x = pixel
    found: Path = []
    for dy, dx in _NEIGHBOURS:
        is_diagonal = dy != 0 and dx != 0
        if (y + dy, x + dx) in line and not (is_diagonal and ((y + dy, x) in line or (y, x + dx) in line)):
            found.append((y + dy, x + dx))
    return found


def _paths(line: set[Pixel]) -> Iterator[Path]:
    """Yield every path between ends and forks, from an end if it has one; then rings, which have neither."""
    beside = {pixel: _around(pixel, line) for pixel in sorted(line)}
    followed: set[tuple[Pixel, Pixel]] = set()
    seen: set[Pixel] = set()
    nodes = sorted((pixel for pixel, near in beside.items() if len(near) != 2), key=lambda node: len(beside[node]))
    for start in [*nodes, *(pixel for pixel, near in beside.items() if len(near) == 2)]:
        if start in seen and len(beside[start]) == 2:  # inside a path that was followed before
            continue
        if not beside[start]:
            yield [start]
        for step in beside[start]:
            if (start, step) in followed:
                continue
            path = [start, step]
            while len(beside[path[-1]]) == 2 and path[-1] != start:
                ahead, other = beside[path[-1]]
                path.append(other if ahead == path[-2] else ahead)
            followed |= {(path[0], path[1]), (path[-1], path[-2])}
            seen.update(path)
            yield path


def _is_spur(path: Path, line: set[Pixel], half_width: NDArray[np.float64]) -> bool:
    is_branch = len(_around(path[0], line)) == 1 and len(_around(path[-1], line)) > 2
    return is_branch and len(path) - 1 < _SPUR * half_width[path[-1]]


def _smoothed(path: Path) -> NDArray[np.float32]:
    points = np.array(path, np.float32)[:, ::-1] - 1
    if len(points) < 3:
        return points
    is_ring = path[0] == path[-1]
    smooth = gaussian_filter1d(
        points[:-1] if is_ring else points, _SMOOTH_PX, axis=0, mode="wrap" if is_ring else "nearest"
    )
    if is_ring:
        smooth = np.concatenate([smooth, smooth[:1]])
    else:
        smooth[[0, -1]] = points[[0, -1]]
    kept = np.unique(np.append(np.arange(0, len(smooth), _STEP_PX), len(smooth) - 1))
    return smooth[kept]
