"""Rows in scripts that nobody writes: what stands for all those that a reader does not know.

No script is imitated letter by letter, but four ways of building letters are, which many scripts share: squares filled
with strokes, letters that hang from a line, letters that flow along one with dots above and below, and separate letters
of bent and turned strokes. The strokes are those of real pens, or drawn as these go.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

from app.datasets.pens.strokes import StrokeSet
from app.datasets.rows.shapes import WrittenRow

Strokes: TypeAlias = list[NDArray[np.float64]]
"""Each (points, 2) as x, y; y downwards, the cap line at 0, the baseline at 1."""
_Box: TypeAlias = tuple[float, float, float, float]
"""Left, top, right, bottom."""

_LETTERS = (2, 22)  # of a row
_INVENTORY = 9  # letters that a row chooses from: a text repeats its letters
_MARK = 0.09  # size of a dot
_WORD = (2, 6)  # letters


class Foreign:
    """Writes rows in made-up scripts.

    Parameters
    ----------
    samples : characters, whose strokes are taken apart
    """

    def __init__(self, samples: StrokeSet) -> None:
        self._samples = samples

    def write(self, rng: np.random.Generator) -> WrittenRow:
        """Make up a script, and write a row in it."""
        ways: list[Callable[[np.random.Generator], Strokes]] = [self._filled, self._hung, _flowing, self._apart]
        strokes = ways[int(rng.integers(len(ways)))](rng)
        return WrittenRow("", [(stroke + rng.normal(0, 0.01, 2)).astype(np.float32) for stroke in strokes], "")

    def _filled(self, rng: np.random.Generator) -> Strokes:
        """Squares side by side, each divided and filled: as Chinese and Korean are built."""
        crowded = float(rng.uniform(0.3, 1.0))
        letters = [self._square(rng, crowded) for _ in range(_INVENTORY)]
        pitch = float(rng.uniform(1.05, 1.35))
        return [
            stroke * rng.normal(1, 0.03, 2) + [place * pitch, 0]
            for place in range(int(rng.integers(*_LETTERS)))
            for stroke in letters[int(rng.integers(_INVENTORY))]
        ]

    def _square(self, rng: np.random.Generator, crowded: float) -> Strokes:
        boxes: list[_Box] = [(0.0, 0.0, 1.0, 1.0)]
        for _ in range(int(rng.integers(1, 3 + round(3 * crowded)))):
            boxes.sort(key=lambda box: (box[2] - box[0]) * (box[3] - box[1]))
            boxes += _divided(boxes.pop(), float(rng.uniform(0.3, 0.7)))
        strokes: Strokes = []
        for box in boxes:
            strokes += _placed(self._part(rng), box)
        if rng.uniform() < 0.2:
            strokes.append(_path((0, 1), (0, 0), (1, 0), (1, 1)) * 1.15 - 0.08)
        return strokes

    def _part(self, rng: np.random.Generator) -> Strokes:
        """Something in the unit square: bars, a cross, a box, a ring, falling strokes, or a real stroke."""
        kind = int(rng.integers(7))
        if kind == 0:
            return [_path((0, y), (1, y - 0.05)) for y in np.linspace(0, 1, int(rng.integers(2, 4)))]
        if kind == 1:
            x, y = rng.uniform(0.3, 0.7, 2).tolist()
            return [_path((0, y), (1, y)), _path((x, 0), (x, 1))]
        if kind == 2:
            bars = [_path((0, 0.5), (1, 0.5))] if rng.uniform() < 0.6 else []
            return [_path((0, 0), (0, 1)), _path((0, 0), (1, 0), (1, 1)), _path((0, 1), (1, 1)), *bars]
        if kind == 3:
            return [_ring(0.5, 0.5, 0.5)]
        if kind == 4:
            return [_path((0.5, 0), (0.4, 0.5), (0, 1)), _path((0.5, 0.3), (0.7, 0.7), (1, 1))]
        if kind == 5:
            return [_path((0, 0), (1, 0), (0.9, 0.6)), _path((0.5, 0), (0.4, 0.6), (0, 1))]
        return self._strokes(rng, 2)

    def _strokes(self, rng: np.random.Generator, most: int) -> Strokes:
        """Up to so many strokes of one character, turned or mirrored, in the unit square."""
        character = self._samples.strokes(int(rng.integers(len(self._samples.labels))))
        strokes = [stroke.astype(np.float64) for stroke in character[:most]]
        points = np.concatenate(strokes)
        low, side = points.min(axis=0), max(float(np.ptp(points, axis=0).max()), 1e-6)
        turn = _TURNS[int(rng.integers(len(_TURNS)))]
        return [((stroke - low) / side - 0.5) @ turn + 0.5 for stroke in strokes]

    def _hung(self, rng: np.random.Generator) -> Strokes:
        """Words of letters that hang from a line: as Devanagari and Bengali are built."""
        letters = [self._hanging(rng) for _ in range(_INVENTORY)]
        strokes: Strokes = []
        x = 0.0
        for _ in range(int(rng.integers(1, 4))):
            start = x
            for _ in range(int(rng.integers(*_WORD))):
                width = float(rng.uniform(0.65, 0.85))
                strokes += [stroke * [width, 1] + [x, 0] for stroke in letters[int(rng.integers(_INVENTORY))]]
                if rng.uniform() < 0.3:
                    y = -0.35 if rng.uniform() < 0.6 else 1.05
                    strokes += _placed(self._strokes(rng, 1), (x + 0.2, y, x + 0.6, y + 0.3))
                x += width
            strokes.append(_path((start - 0.1, 0), (x + 0.05, rng.normal(0, 0.02))))
            x += float(rng.uniform(0.35, 0.7))
        return strokes

    def _hanging(self, rng: np.random.Generator) -> Strokes:
        stem = [_path((0.85, 0), (0.85, 1))] if rng.uniform() < 0.7 else []
        return stem + _placed(self._strokes(rng, 2), (0.1, 0.15, 0.85, float(rng.uniform(0.7, 1.0))))

    def _apart(self, rng: np.random.Generator) -> Strokes:
        """Letters one by one, each of strokes of two characters and with a loop or a mark: as Thai and Amharic are."""
        letters = [self._letter(rng) for _ in range(_INVENTORY)]
        gap, strokes, x = float(rng.uniform(0.05, 0.25)), Strokes(), 0.0
        for _ in range(int(rng.integers(*_LETTERS))):
            strokes += [stroke + [x, 0] for stroke in letters[int(rng.integers(_INVENTORY))]]
            x = max(float(stroke[:, 0].max()) for stroke in strokes) + gap
            x += 0.5 if rng.uniform() < 0.12 else 0.0
        return strokes

    def _letter(self, rng: np.random.Generator) -> Strokes:
        width = float(rng.uniform(0.5, 0.9))
        letter = _placed(self._strokes(rng, 2), (0, 0, width, 1))
        other = int(rng.integers(4))
        if other < 2:
            left, top = rng.uniform(0, 0.4, 2).tolist()
            letter += _placed(self._strokes(rng, 1), (left * width, top, width, top + 0.6))
        if other > 0:
            end = letter[0][0 if rng.uniform() < 0.5 else -1]
            letter.append(_ring(float(end[0]), float(end[1]), float(rng.uniform(0.08, 0.16))))
        if rng.uniform() < 0.35:
            y = -0.4 if rng.uniform() < 0.7 else 1.1
            letter += _placed(self._strokes(rng, 1), (0.1, y, width, y + 0.28))
        return letter


def _flowing(rng: np.random.Generator) -> Strokes:
    """Joined letters along a line, with bowls below it and dots: as Arabic is built."""
    strokes: Strokes = []
    x = 0.0
    for _ in range(int(rng.integers(2, 6))):
        run = [np.array([[x, 1.0]])]
        for _ in range(int(rng.integers(1, 6))):
            shape = _LETTER_SHAPES[int(rng.integers(len(_LETTER_SHAPES)))] * rng.normal(1, 0.12, 2)
            run.append(shape + [x, 1.0])
            middle, width = x + float(shape[:, 0].mean()), float(np.ptp(shape[:, 0]))
            if rng.uniform() < 0.5:
                y = float(rng.choice([0.35, 1.5]))
                for number in range(int(rng.integers(1, 4))):
                    strokes.append(_dot(middle + 0.2 * (number - 1), y - 0.15 * (number == 1), rng))
            x += max(width, 0.15)
        strokes.append(_smooth(np.concatenate(run)))
        x += float(rng.uniform(0.15, 0.5))
    return strokes


def _smooth(points: NDArray[np.float64]) -> NDArray[np.float64]:
    """Round the corners of a line: Chaikin's algorithm, twice."""
    for _ in range(2):
        near, far = 0.75 * points[:-1] + 0.25 * points[1:], 0.25 * points[:-1] + 0.75 * points[1:]
        points = np.concatenate([points[:1], np.stack([near, far], axis=1).reshape(-1, 2), points[-1:]])
    return points


def _divided(box: _Box, share: float) -> list[_Box]:
    """Cut a box across its longer side, a little white between the halves."""
    left, top, right, bottom = box
    if right - left >= bottom - top:
        cut, white = left + share * (right - left), 0.08 * (right - left)
        return [(left, top, cut - white, bottom), (cut + white, top, right, bottom)]
    cut, white = top + share * (bottom - top), 0.08 * (bottom - top)
    return [(left, top, right, cut - white), (left, cut + white, right, bottom)]


def _placed(strokes: Strokes, box: _Box) -> Strokes:
    """Move strokes from the unit square into a box."""
    left, top, right, bottom = box
    return [stroke * [right - left, bottom - top] + [left, top] for stroke in strokes]


def _path(*points: tuple[float, float]) -> NDArray[np.float64]:
    return np.array(points, np.float64)


def _ring(x: float, y: float, radius: float) -> NDArray[np.float64]:
    angle = np.linspace(0, 2 * np.pi, 17)
    return np.stack([x + radius * np.cos(angle), y + radius * np.sin(angle)], axis=1)


def _dot(x: float, y: float, rng: np.random.Generator) -> NDArray[np.float64]:
    return np.array([[x, y], [x, y] + rng.normal(0, _MARK, 2)])


_TURNS = [
    np.array(turn, np.float64) for turn in ([[0, 1], [-1, 0]], [[0, -1], [1, 0]], [[-1, 0], [0, -1]], [[1, 0], [0, -1]])
]
# A tooth, a loop, a tall stem, a bowl below the line, a long flat, a hook; each from the line and back to it.
_LETTER_SHAPES = [
    _path((0, 0), (0.12, -0.25), (0.2, 0), (0.3, 0)),
    _path((0, 0), (0.3, -0.35), (0.1, -0.4), (0.1, -0.1), (0.4, 0)),
    _path((0, 0), (0.05, -0.95), (0.12, 0), (0.25, 0)),
    _path((0, 0), (0.1, 0.35), (0.45, 0.4), (0.6, 0), (0.65, -0.1), (0.7, 0)),
    _path((0, 0), (0.7, -0.02)),
    _path((0, 0), (0.45, -0.35), (0.05, -0.3), (0.1, 0.3), (0.5, 0.35), (0.6, 0)),
]
