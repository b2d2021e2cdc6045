"""Pictures without any writing: surfaces, edges and things, in which rows are found all the same.

Networks for rows learn from these to say nothing. What is to judge them has its own, in
`app.datasets.negatives.textless`: of what a network was trained with it is surer than of anything else, so the two
share nothing.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageDraw, ImageFilter

_SIDES_PX = (120, 420)
_GRAIN_PX = (3.0, 60.0)  # size of what a surface is made of
_MOST_THINGS = 14
_NOISE = 8.0  # largest standard deviation, in greys


def draw_clutter(rng: np.random.Generator) -> NDArray[np.uint8]:
    """Draw a grey picture (H, W) of a surface, with things before it or none, as a camera would see it."""
    height, width = (int(side) for side in rng.integers(*_SIDES_PX, 2))
    scene = _surface(height, width, rng)
    image = Image.fromarray(scene)
    pen = ImageDraw.Draw(image)
    if rng.uniform() < 0.3:
        _draw_panes(pen, width, height, rng)
    for _ in range(rng.integers(_MOST_THINGS)):
        _draw_thing(pen, width, height, rng)
    image = image.filter(ImageFilter.GaussianBlur(float(rng.uniform(0, 1.5))))
    noise = rng.uniform(0, _NOISE) * rng.standard_normal((height, width))
    return np.clip(np.asarray(image) + noise, 0, 255).astype(np.uint8)


def _surface(height: int, width: int, rng: np.random.Generator) -> NDArray[np.uint8]:
    """Two sizes of smooth noise, stretched like wood or not."""
    grey = np.full((height, width), rng.uniform(40, 220))
    for _ in range(2):
        across, down = np.exp(rng.uniform(np.log(_GRAIN_PX[0]), np.log(_GRAIN_PX[1]), 2))
        coarse = rng.standard_normal((int(height / down) + 2, int(width / across) + 2)).astype(np.float32)
        smooth = Image.fromarray(coarse).resize((width, height), Image.Resampling.BICUBIC)
        grey += rng.uniform(0, 40) * np.asarray(smooth)
    return np.clip(grey, 0, 255).astype(np.uint8)


def _draw_panes(pen: ImageDraw.ImageDraw, width: int, height: int, rng: np.random.Generator) -> None:
    """A lattice of boxes, as windows, shelves and tables have."""
    left, top, across, down = rng.uniform((0, 0, 12, 12), (width / 2, height / 2, 60, 60))
    fill = int(rng.integers(256)) if rng.uniform() < 0.6 else None
    line, share = int(rng.integers(256)), rng.uniform(0.4, 1.0)
    for row in range(rng.integers(1, 6)):
        for column in range(rng.integers(1, 9)):
            x, y = left + column * across, top + row * down
            pen.rectangle((x, y, x + share * across, y + share * down), fill=fill, outline=line)


def _draw_thing(pen: ImageDraw.ImageDraw, width: int, height: int, rng: np.random.Generator) -> None:
    """A patch, a disc, an arc or a crooked line anywhere."""
    grey, thick = int(rng.integers(256)), int(rng.integers(1, 7))
    x, y = rng.uniform((0, 0), (width, height))
    reach = rng.uniform(4, 0.4 * height, 2)
    box = (x - reach[0], y - reach[1], x + reach[0], y + reach[1])
    kind = rng.integers(4)
    if kind == 0:
        pen.ellipse(box, fill=grey)
    elif kind == 1:
        start, stop = sorted(rng.uniform(0, 360, 2))
        pen.arc(box, start, stop, fill=grey, width=thick)
    else:
        around = np.sort(rng.uniform(0, 2 * np.pi, rng.integers(3, 9)))
        if kind == 3:
            rng.shuffle(around)
        corners = np.array([x, y]) + reach * rng.uniform(0.3, 1.0, (len(around), 1)) * np.stack(
            [np.cos(around), np.sin(around)], axis=1
        )
        points = [(float(px), float(py)) for px, py in corners]
        if kind == 2:
            pen.polygon(points, fill=grey)
        else:
            pen.line(points, fill=grey, width=thick)
