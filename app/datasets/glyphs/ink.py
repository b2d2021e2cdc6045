"""Draw samples in ink, each bent a little, as they might stand on a page.

Strokes are bent point by point, which is exact and cheap; images are bent as a mesh. The arithmetic on points is done
for a whole batch at once, as the overhead of NumPy's calls for each glyph would take most of the time.
"""

from __future__ import annotations

from collections.abc import Iterator
from itertools import pairwise
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from app.datasets.glyphs.augment import Augmentation
from app.datasets.glyphs.draw import draw_strokes
from app.datasets.pens.strokes import StrokeSet
from app.datasets.pens.warp import Warps

_LONGEST = 0.15  # relative to the size of the glyph: longer pieces of a stroke are divided before they are bent
_MESH = 4  # quadrilaterals along each side of an image, so small that a warp hardly changes within one
_ROOM = 0.3  # relative to the size of the glyph: margin on each side of a bent image


class _Batch(NamedTuple):
    """The strokes of n glyphs."""

    points: NDArray[np.float64]
    """(points, 2) as x, y."""
    strokes: NDArray[np.intp]
    """(strokes + 1,) index of the first point of each stroke, and at the end the number of points."""
    glyphs: NDArray[np.int32]
    """(n + 1,) index of the first stroke of each glyph, and at the end the number of strokes."""

    @property
    def begins(self) -> NDArray[np.intp]:
        """(n + 1,) index of the first point of each glyph, and at the end the number of points."""
        return self.strokes[self.glyphs]

    @property
    def owner(self) -> NDArray[np.intp]:
        """(points,) index of the glyph of each point."""
        return np.repeat(np.arange(len(self.glyphs) - 1), np.diff(self.begins))

    def box(self) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
        """Return the upper left corner and the extent of each glyph, both (n, 2) as x, y."""
        low = np.minimum.reduceat(self.points, self.begins[:-1])
        return low, np.maximum.reduceat(self.points, self.begins[:-1]) - low


def ink_of_strokes(
    samples: StrokeSet,
    capital_px: NDArray[np.float64],
    pen: NDArray[np.float64],
    augmentation: Augmentation,
    rng: np.random.Generator,
) -> Iterator[NDArray[np.uint8]]:
    """Draw n samples with a round pen whose pressure varies.

    Parameters
    ----------
    capital_px, pen : (n,) height of a capital, and the width of the pen relative to that

    Yields
    ------
    uint8 ndarray (H, W) of each sample, 255 for full ink and 0 for paper
    """
    batch = _bend(samples, augmentation, rng)
    owner, (low, extent) = batch.owner, batch.box()
    # Sizes in the data are not always comparable, so outliers are clipped to what a page could show.
    size_px = capital_px * np.clip(samples.relative_size, 0.02, 2.0)
    scale = size_px / np.maximum(extent.max(axis=1), 1e-6)
    pen_px = capital_px * pen
    # Room for round ends, for blur, and for the margin that normalisation looks at.
    border = pen_px * np.exp(augmentation.pressure) / 2 + 2 + size_px / 20
    placed = ((batch.points - low[owner]) * scale[owner, None] + border[owner, None]).astype(np.float32)
    shapes = np.ceil(extent[:, ::-1] * scale[:, None] + 2 * border[:, None]).astype(int).tolist()
    widths = pen_px[owner] * _pressure(batch, augmentation.pressure, rng)
    ends = batch.strokes.tolist()
    for glyph, (first, last) in enumerate(pairwise(batch.glyphs.tolist())):
        spans = list(pairwise(ends[first : last + 1]))
        height, width = shapes[glyph]
        pens = [widths[a:b] for a, b in spans] if augmentation.pressure else float(pen_px[glyph])
        yield draw_strokes([placed[a:b] for a, b in spans], (height, width), pens)


def _bend(samples: StrokeSet, augmentation: Augmentation, rng: np.random.Generator) -> _Batch:
    """Warp every glyph, and displace its strokes against each other."""
    batch = _Batch(samples.points.astype(np.float64), samples.point_ptr.astype(np.intp), samples.stroke_ptr)
    low, extent = batch.box()
    size = np.maximum(extent.max(axis=1), 1.0)
    batch = batch._replace(points=(batch.points - low[batch.owner]) / size[batch.owner, None])
    if augmentation.elastic:
        batch = _part(batch)
    shift = augmentation.jitter * rng.standard_normal((len(batch.strokes) - 1, 2))
    moved = batch.points + np.repeat(shift, np.diff(batch.strokes), axis=0)
    return batch._replace(points=Warps(len(samples), augmentation, rng)(moved, batch.owner))


def _part(batch: _Batch) -> _Batch:
    """Insert points into long straight pieces, so that these can be bent."""
    steps = np.diff(batch.points, axis=0)
    parts = np.maximum(1, np.ceil(np.hypot(steps[:, 0], steps[:, 1]) / _LONGEST)).astype(np.intp)
    parts[batch.strokes[1:-1] - 1] = 1  # between two strokes the pen is in the air
    moved_to = np.concatenate([[0], np.cumsum(parts)])  # new indices of the given points
    along = (np.arange(moved_to[-1]) - np.repeat(moved_to[:-1], parts)) / np.repeat(parts, parts)
    between = np.repeat(batch.points[:-1], parts, axis=0) + along[:, None] * np.repeat(steps, parts, axis=0)
    return batch._replace(
        points=np.concatenate([between, batch.points[-1:]]),
        strokes=np.append(moved_to[batch.strokes[:-1]], moved_to[-1] + 1),
    )


def _pressure(batch: _Batch, most: float, rng: np.random.Generator) -> NDArray[np.float64]:
    """Return the relative width of the pen at every point (points,): a slow wave along each glyph."""
    change, turns, phase = rng.uniform(size=(3, len(batch.glyphs) - 1))
    owner, begins = batch.owner, batch.begins
    along = (np.arange(len(batch.points)) - begins[owner]) / np.diff(begins)[owner]
    wave = np.sin(2 * np.pi * (phase[owner] + (0.5 + turns[owner]) * along))
    return np.asarray(np.exp(most * change[owner] * wave))


def ink_of_images(
    images: NDArray[np.uint8], capital_px: NDArray[np.float64], augmentation: Augmentation, rng: np.random.Generator
) -> Iterator[NDArray[np.uint8]]:
    """Warp n images (n, H, W), the larger side of each ink becoming `capital_px` (n,) long.

    Yields
    ------
    uint8 ndarray (H', W') of each image, 255 for full ink and 0 for paper
    """
    sources = [_trim(image) for image in images]
    sides = np.array([source.shape[::-1] for source in sources])  # W, H
    scales = capital_px / sides.max(axis=1)
    sizes = np.ceil(sides * scales[:, None] + 2 * _ROOM * capital_px[:, None])  # of the bent images
    steps = np.linspace(0.0, 1.0, _MESH + 1)
    nodes = np.rint(np.stack(np.meshgrid(steps, steps), axis=-1) * sizes[:, None, None])  # (n, row, column, x and y)
    # The mesh says where each pixel comes from, so it is the inverse of the warp, which is as good as any other warp.
    places = (nodes - sizes[:, None, None] / 2) / capital_px[:, None, None, None] + 0.5
    owner = np.repeat(np.arange(len(images)), (_MESH + 1) ** 2)
    origins = Warps(len(images), augmentation, rng)(places.reshape(-1, 2), owner).reshape(places.shape) - 0.5
    for number, source in enumerate(sources):
        # Pillow's mesh interpolates between four pixels only, so that much too large images are reduced first; it does
        # not look beyond the edge, so paper is put around the ink.
        shrink = max(1, int(1 / scales[number]))
        paper = np.pad(source, 2 * shrink)
        origin = origins[number] * (capital_px[number] / scales[number]) + np.array(paper.shape[::-1]) / 2
        yield _transform(Image.fromarray(paper).reduce(shrink), nodes[number].astype(int), origin / shrink)


def _trim(image: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """Cut the paper around the ink away; an image without ink stays as it is."""
    rows, columns = (np.flatnonzero(image.any(axis=axis)) for axis in (1, 0))
    return image[rows[0] : rows[-1] + 1, columns[0] : columns[-1] + 1] if len(rows) else image


def _transform(source: Image.Image, nodes: NDArray[np.intp], origin: NDArray[np.float64]) -> NDArray[np.uint8]:
    """Return the image whose pixels `nodes` (row, column, x and y) show the places `origin` of the source."""
    boxes = np.concatenate([nodes[:-1, :-1], nodes[1:, 1:]], axis=2).reshape(-1, 4).tolist()
    # Corners counter-clockwise, as Pillow wants them.
    around = [origin[:-1, :-1], origin[1:, :-1], origin[1:, 1:], origin[:-1, 1:]]
    quads = np.concatenate(around, axis=2).reshape(-1, 8).tolist()
    mesh = [(tuple(box), tuple(quad)) for box, quad in zip(boxes, quads, strict=True)]
    return np.asarray(source.transform(tuple(nodes[-1, -1]), Image.Transform.MESH, mesh, Image.Resampling.BILINEAR))
