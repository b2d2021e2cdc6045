"""Pictures without writing: what a camera sees when nobody has written anything.

Each is a background with a few things on it, of kinds whose edges and textures come out of binarisation like strokes:
leaves, hair, bricks, windows, shelves, grain, stains, cables. They are drawn to be misread, not to be looked at.

No network is trained with these, see `app.datasets.negatives.clutter`.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageDraw, ImageFilter

from app.vision import Strip, segment

Canvas: TypeAlias = NDArray[np.float32]
"""(H, W) grey, 0 to 255."""

_SIDE_PX = (280, 900)
_THINGS = (1, 7)
_BLUR_PX = (0.0, 2.5)
_NOISE = (0.0, 9.0)  # of 255


def find_nothing(rng: np.random.Generator) -> list[Strip]:
    """Draw a picture that nothing is written on, and return what is taken for rows all the same, from the top."""
    return [row.strip for row in segment(draw_textless(rng)).rows]


def draw_textless(rng: np.random.Generator) -> NDArray[np.uint8]:
    """Draw a grey picture (H, W) that nothing is written on."""
    height, width = rng.integers(*_SIDE_PX, 2).tolist()
    picture = _ground(height, width, rng)
    for _ in range(int(rng.integers(*_THINGS))):
        _paste(picture, _THING_KINDS[int(rng.integers(len(_THING_KINDS)))], rng)
    soft = Image.fromarray(_grey(picture)).filter(ImageFilter.GaussianBlur(float(rng.uniform(*_BLUR_PX))))
    noise = rng.uniform(*_NOISE) * rng.standard_normal((height, width), np.float32)
    return _grey(np.asarray(soft, np.float32) + noise)


def _paste(picture: Canvas, draw: Callable[[Canvas, np.random.Generator], None], rng: np.random.Generator) -> None:
    """Draw a thing somewhere on the picture, in a rectangle, an ellipse, or all over it."""
    height, width = picture.shape
    if rng.uniform() < 0.3:
        draw(picture, rng)
        return
    h, w = (int(side * rng.uniform(0.15, 0.8)) for side in (height, width))
    top, left = int(rng.integers(height - h)), int(rng.integers(width - w))
    patch = picture[top : top + h, left : left + w]
    before = patch.copy()
    draw(patch, rng)
    if rng.uniform() < 0.5:
        y, x = np.ogrid[-1 : 1 : h * 1j, -1 : 1 : w * 1j]
        outside = x**2 + y**2 > 1
        patch[outside] = before[outside]


def _ground(height: int, width: int, rng: np.random.Generator) -> Canvas:
    """Light that falls off to one side over clouds of some size."""
    x, y = np.linspace(-1, 1, width, dtype=np.float32), np.linspace(-1, 1, height, dtype=np.float32)[:, None]
    fall = rng.uniform(-50, 50, 2)
    ground = rng.uniform(50, 220) + fall[0] * x + fall[1] * y
    return np.asarray(ground + rng.uniform(0, 30) * fractal(height, width, float(rng.uniform(1, 2.4)), rng), np.float32)


def fractal(height: int, width: int, roughness: float, rng: np.random.Generator) -> Canvas:
    """Noise (H, W) whose amplitude falls with the frequency to this power; mean 0, standard deviation 1.

    References
    ----------
    Voss (1985), Random fractal forgeries: spectral synthesis.
    """
    fy, fx = np.fft.fftfreq(height)[:, None], np.fft.rfftfreq(width)
    frequency = np.hypot(fy, fx)
    frequency[0, 0] = np.inf
    spectrum = np.fft.rfft2(rng.standard_normal((height, width))) * frequency**-roughness
    noise = np.fft.irfft2(spectrum, (height, width))
    return np.asarray((noise - noise.mean()) / max(float(noise.std()), 1e-9), np.float32)


def _grey(values: NDArray[np.floating]) -> NDArray[np.uint8]:
    return np.clip(values, 0, 255).astype(np.uint8)


def _with_pen(patch: Canvas, draw: Callable[[ImageDraw.ImageDraw], None]) -> None:
    """Let Pillow draw on a patch, in place."""
    image = Image.fromarray(_grey(patch))
    draw(ImageDraw.Draw(image))
    patch[:] = np.asarray(image)


def _stains(patch: Canvas, rng: np.random.Generator) -> None:
    """Blobs, darker or lighter: where fractal noise is high."""
    height, width = patch.shape
    noise = fractal(height, width, float(rng.uniform(1.0, 2.2)), rng)
    patch[noise > rng.uniform(0.3, 1.8)] += np.float32(rng.uniform(15, 120) * rng.choice([-1, 1]))


def _grain(patch: Canvas, rng: np.random.Generator) -> None:
    """Wood, cloth, water: rings of stretched noise."""
    height, width = patch.shape
    stretch = int(rng.integers(2, 12))
    noise = fractal(height, width // stretch + 2, float(rng.uniform(1.2, 2.2)), rng)
    drawn = np.asarray(Image.fromarray(noise).resize((width, height), Image.Resampling.BICUBIC))
    if rng.uniform() < 0.5 and abs(height - width) < min(height, width):
        drawn = np.asarray(Image.fromarray(np.ascontiguousarray(drawn.T)).resize((width, height)))
    patch += np.float32(rng.uniform(10, 60)) * np.sin(np.float32(rng.uniform(2, 14)) * drawn)


def _scatter(patch: Canvas, rng: np.random.Generator) -> None:
    """Leaves, gravel, a crowd: many small ellipses and flecks."""
    height, width = patch.shape
    size = float(np.exp(rng.uniform(np.log(3), np.log(30))))
    count = int(rng.uniform(0.1, 1.0) * height * width / size**2)
    places = rng.uniform(0, 1, (min(count, 4000), 2)) * [width, height]
    sides = size * np.exp(rng.normal(0, 0.4, (len(places), 2)))
    base, spread = rng.uniform(40, 220), rng.uniform(15, 70)
    greys = np.clip(rng.normal(base, spread, len(places)), 0, 255).astype(int).tolist()
    is_round = rng.uniform() < 0.6

    def draw(pen: ImageDraw.ImageDraw) -> None:
        for (x, y), (w, h), grey in zip(places.tolist(), sides.tolist(), greys, strict=True):
            if is_round:
                pen.ellipse((x, y, x + w, y + h), fill=grey)
            else:
                pen.polygon([(x, y), (x + w, y + h / 3), (x + w / 2, y + h), (x - w / 3, y + h / 2)], fill=grey)

    _with_pen(patch, draw)


def _hair(patch: Canvas, rng: np.random.Generator) -> None:
    """Hair, grass, twigs, scratches: many lines of much the same direction."""
    height, width = patch.shape
    length = float(np.exp(rng.uniform(np.log(8), np.log(150))))
    direction, spread = rng.uniform(0, np.pi), rng.uniform(0.05, 1.5)
    base, contrast, thick = rng.uniform(20, 235), rng.uniform(10, 80), rng.uniform(1, 4.5)
    strands = []
    for _ in range(min(int(rng.uniform(0.2, 1.5) * height * width / (length * 12)), 1500)):
        angle, turn = direction + spread * rng.standard_normal(), rng.normal(0, 0.15)
        steps = np.cumsum([[np.cos(angle + turn * k), np.sin(angle + turn * k)] for k in range(6)], axis=0) * length / 6
        points = steps + rng.uniform(0, 1, 2) * [width, height]
        strands.append((points.ravel().tolist(), int(np.clip(rng.normal(base, contrast), 0, 255))))

    def draw(pen: ImageDraw.ImageDraw) -> None:
        for points, grey in strands:
            pen.line(points, fill=grey, width=max(1, round(thick)))

    _with_pen(patch, draw)


def _grid(patch: Canvas, rng: np.random.Generator) -> None:
    """Windows, bricks, shelves, keys: rectangles in rows, each a little different."""
    height, width = patch.shape
    h, w = np.exp(rng.uniform(np.log(10), np.log(90), 2)).tolist()
    gap, shift = rng.uniform(0.08, 0.7), rng.choice([0.0, 0.5])
    base, spread = float(rng.uniform(20, 230)), float(rng.uniform(2, 40))
    missing, framed = rng.uniform(0, 0.5), rng.uniform() < 0.4

    def draw(pen: ImageDraw.ImageDraw) -> None:
        for number, y in enumerate(np.arange(0, height, h * (1 + gap))):
            for x in np.arange(-w * shift * (number % 2), width, w * (1 + gap)):
                if rng.uniform() < missing:
                    continue
                grey = int(np.clip(rng.normal(base, spread), 0, 255))
                box = (float(x), float(y), float(x + w), float(y + h))
                pen.rectangle(box, outline=grey, width=max(1, round(w / 12)), fill=None if framed else grey)
                if framed and rng.uniform() < 0.7:
                    pen.line((x + w / 2, y, x + w / 2, y + h), fill=grey, width=max(1, round(w / 15)))

    _with_pen(patch, draw)


def _shapes(patch: Canvas, rng: np.random.Generator) -> None:
    """Faces, furniture, roofs: a few large ellipses and polygons, filled or outlined, with smaller ones on them."""
    height, width = patch.shape

    def draw(pen: ImageDraw.ImageDraw) -> None:
        for _ in range(int(rng.integers(2, 25))):
            reach = np.exp(rng.uniform(np.log(0.03), np.log(0.6)))
            x, y = rng.uniform(0, 1, 2) * [width, height]
            w, h = reach * np.array([width, height]) * rng.uniform(0.3, 1, 2)
            grey, thick = int(rng.integers(256)), int(rng.integers(1, 8))
            is_filled = rng.uniform() < 0.6
            if rng.uniform() < 0.5:
                box = (x - w / 2, y - h / 2, x + w / 2, y + h / 2)
                pen.ellipse(box, fill=grey if is_filled else None, outline=grey, width=thick)
            else:
                corners = rng.uniform(-0.5, 0.5, (int(rng.integers(3, 7)), 2)) * [w, h] + [x, y]
                outline = [tuple(corner) for corner in corners.tolist()]
                pen.polygon(outline, fill=grey if is_filled else None, outline=grey, width=thick)

    _with_pen(patch, draw)


def _cables(patch: Canvas, rng: np.random.Generator) -> None:
    """Edges of a sheet or a table, cables, branches, cracks: a few long lines, straight or wandering."""
    height, width = patch.shape
    wander = rng.choice([0.0, 0.02, 0.08, 0.3])

    def draw(pen: ImageDraw.ImageDraw) -> None:
        for _ in range(int(rng.integers(1, 14))):
            angle = rng.uniform(0, 2 * np.pi) + np.cumsum(wander * rng.standard_normal(60))
            steps = np.stack([np.cos(angle), np.sin(angle)], axis=1) * max(height, width) / rng.uniform(20, 120)
            points = np.cumsum(steps, axis=0) + rng.uniform(0, 1, 2) * [width, height]
            pen.line(points.ravel().tolist(), fill=int(rng.integers(256)), width=int(rng.integers(1, 9)))

    _with_pen(patch, draw)


def _steps(patch: Canvas, rng: np.random.Generator) -> None:
    """Blinds, stairs, fences, the folds of a curtain: stripes of light, fading."""
    height, width = patch.shape
    y, x = np.mgrid[:height, :width].astype(np.float32)
    angle = rng.choice([0.0, np.pi / 2]) + rng.normal(0, 0.2)
    wave = np.sin(2 * np.pi * (x * np.cos(angle) + y * np.sin(angle)) / rng.uniform(8, 80) + rng.uniform(0, 7))
    fade = np.clip(fractal(height, width, 2.0, rng) + rng.uniform(-0.5, 1.5), 0, 1)
    patch += np.float32(rng.uniform(20, 90)) * np.tanh(np.float32(rng.uniform(0.5, 8)) * wave) * fade


_THING_KINDS = [_stains, _grain, _scatter, _hair, _grid, _shapes, _cables, _steps]
