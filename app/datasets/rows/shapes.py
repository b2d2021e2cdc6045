"""Rows of writing as pen strokes, each by one hand: composed from single characters, or as somebody wrote them.

Lengths are in em, the height of a capital: cap line 0, baseline 1; x to the right, y downwards.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import cache
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from app.datasets.pens.pen_font import char_extents, load_pen_font
from app.datasets.pens.strokes import StrokeSet
from app.datasets.rows.text import ImaginedText, imagine_text
from app.datasets.sources.writing import Writing
from app.errors import InvalidInput

# Characters whose lower end is in this range stand on the baseline; others hang below it, or are marks above it.
_ON_BASELINE = (0.9, 1.15)
_FIRMNESS = 0.03  # standard deviation of a letter's vertical position
_LEAST_KNOWN = 5  # different characters of a writer; with fewer, rows would all be alike
_LENT = 0.3  # share of free hands that take some of their characters from a second writer
_HALF_LEVELLED = 5.0  # heights of its ink: a sample of this length is levelled by half of its slope
LONGEST_TEXT = 48  # characters of an imagined row, at most


class WrittenRow(NamedTuple):
    """A row with its text."""

    text: str
    strokes: list[NDArray[np.float32]]
    """Each (points, 2) as x, y in em."""
    style: str
    """PRINTED, MIXED, CURSIVE, or empty if it is not known."""
    spans: Sequence[tuple[int, int]] = ()
    """For each stroke, which part of the text it writes: ``text[start:stop]``. Empty if that is not known."""
    at_random: bool = False
    """See `ImaginedText`."""


class Spacing(NamedTuple):
    """White in a row, in em."""

    gap: float
    """Between letters; below 0 they may touch."""
    space: float
    """Between words."""
    wide: float = 0.06
    """Probability that a space is several times as wide, as between columns."""


class Composed:
    """Rows set from single characters of one writer.

    Parameters
    ----------
    samples : characters
    vocabulary : words that may be written
    freedom : standard deviation of three changes to each character of a row: the logarithm of its aspect ratio, its
        shear, and its turn in radians. A free hand may also mix characters of two writers. With 0, each row has the
        characters of one writer as they are

    Raises
    ------
    InvalidInput : no writer has five different characters.
    """

    def __init__(self, samples: StrokeSet, vocabulary: Sequence[str], freedom: float = 0.0) -> None:
        self.samples = samples
        self.vocabulary = vocabulary
        self.freedom = freedom
        labels = samples.labels
        people = [np.flatnonzero(samples.writers == writer) for writer in np.unique(samples.writers)]
        people = [own for own in people if len(np.unique(labels[own])) >= _LEAST_KNOWN]
        self._names = [str(samples.writers[own[0]]) for own in people]
        if not people:
            raise InvalidInput(f"expected somebody who wrote {_LEAST_KNOWN} different characters or more, got nobody")
        self._by_writer = [
            {char: own[labels[own] == char] for char in np.unique(labels[own]).tolist()} for own in people
        ]
        share = np.sqrt([len(own) for own in people])
        self._share = share / share.sum()
        self._usual_size = {char: float(np.median(samples.relative_size[labels == char])) for char in samples.alphabet}

    def fingerprint(self) -> str:
        """Return ``sha256:...`` of the characters."""
        return self.samples.fingerprint()

    @property
    def known(self) -> dict[str, str]:
        """The characters that each writer has written, by writer."""
        return {name: "".join(own) for name, own in zip(self._names, self._by_writer, strict=True)}

    def write(self, rng: np.random.Generator) -> WrittenRow:
        """Compose a row of characters that its writer has written."""
        own = self._hand(rng)
        imagined = next(filter(None, (self._text(rng, own) for _ in range(8))), None)
        if imagined is None:
            imagined = ImaginedText("".join(rng.choice(list(own), rng.integers(1, 12))), at_random=True)
        row = self._set(imagined.text, own, _draw_spacing(imagined.text, rng), rng)
        return row._replace(at_random=imagined.at_random)

    def write_text(self, text: str, writer: str, spacing: Spacing, rng: np.random.Generator) -> WrittenRow:
        """Set a text of characters in ``known[writer]`` and single spaces, in the hand of this writer."""
        return self._set(text, self._by_writer[self._names.index(writer)], spacing, rng)

    def _hand(self, rng: np.random.Generator) -> Mapping[str, NDArray[np.intp]]:
        """Return the samples of each character for one hand."""
        own = self._someone(rng)
        if not self.freedom or rng.uniform() > _LENT:
            return own
        lent = {char: samples for char, samples in self._someone(rng).items() if char not in own or rng.uniform() < 0.5}
        return {**own, **lent}

    def _someone(self, rng: np.random.Generator) -> Mapping[str, NDArray[np.intp]]:
        return self._by_writer[rng.choice(len(self._by_writer), p=self._share)]

    def _text(self, rng: np.random.Generator, own: Mapping[str, NDArray[np.intp]]) -> ImaginedText | None:
        """Imagine a text without the characters that a writer lacks; None if these are more than a fifth."""
        text, at_random = imagine_text(rng, self.vocabulary, "".join(own))
        text = text[:LONGEST_TEXT]
        written = " ".join("".join(char for char in text if char in own or char == " ").split())
        return ImaginedText(written, at_random) if len(written) >= 0.8 * len(text) else None

    def _set(
        self, text: str, own: Mapping[str, NDArray[np.intp]], spacing: Spacing, rng: np.random.Generator
    ) -> WrittenRow:
        strokes: list[NDArray[np.float32]] = []
        spans: list[tuple[int, int]] = []
        right = 0.0
        # At most two samples of each character are used in a row, as people repeat their shapes.
        drawn: dict[str, NDArray[np.intp]] = {}
        bends: dict[str, NDArray[np.float64]] = {}
        for place, char in enumerate(text):
            if char == " ":
                wider = rng.uniform(1.0, 5.0) if rng.uniform() < spacing.wide else 1.0
                right += spacing.space * wider - spacing.gap + rng.normal(0, 0.05)
                continue
            chosen = drawn.setdefault(char, rng.choice(own[char], 2))
            if self.freedom and char not in bends:
                bends[char] = self._bend(rng)
            shape = self._shape(char, int(rng.choice(chosen)), bends.get(char), rng)
            left = min(float(stroke[:, 0].min()) for stroke in shape)
            width = max(float(stroke[:, 0].max()) for stroke in shape) - left
            strokes += [stroke + np.array([right - left, 0], np.float32) for stroke in shape]
            spans += [(place, place + 1)] * len(shape)
            right += max(width, 0.08) + spacing.gap + rng.normal(0, 0.035)
        return WrittenRow(text, strokes, "", spans)

    def _bend(self, rng: np.random.Generator) -> NDArray[np.float64]:
        """Return a linear map (2, 2) of points: aspect, shear and turn."""
        aspect, shear, turn = self.freedom * rng.standard_normal(3)
        cos, sin = np.cos(turn), np.sin(turn)
        return np.array([[cos, sin], [-sin, cos]]) @ np.array([[np.exp(aspect), 0.0], [shear, 1.0]])

    def _shape(
        self, char: str, sample: int, bend: NDArray[np.float64] | None, rng: np.random.Generator
    ) -> list[NDArray[np.float32]]:
        """Return the strokes of one character at its size and vertical position in the row."""
        strokes: Sequence[NDArray[np.floating]] = self.samples.strokes(sample)
        if bend is not None:
            strokes = [stroke @ bend for stroke in strokes]
        points = np.concatenate(strokes)
        low, high = points.min(axis=0), points.max(axis=0)
        usual, size = self._usual_size[char], float(self.samples.relative_size[sample])
        if not 0.6 < size / usual < 1.6:
            size = usual
        scale = size * np.exp(rng.normal(0, 0.05)) / max(float((high - low).max()), 1.0)
        top, bottom = _extents()[char]
        height = float(high[1] - low[1]) * scale
        on_baseline = _ON_BASELINE[0] < bottom < _ON_BASELINE[1] and top < 0.6
        y = (bottom - height if on_baseline else (top + bottom - height) / 2) + rng.normal(0, _FIRMNESS)
        corner = np.array([low[0], low[1] - y / scale])
        return [((stroke - corner) * scale).astype(np.float32) for stroke in strokes]


class AsWritten:
    """Words or rows as somebody wrote them; several words of one writer may be set side by side.

    Parameters
    ----------
    writing : words or rows
    sound : indices of the samples to use
    most : samples that are set side by side, at most
    longest : characters of a sample, at most

    Attributes
    ----------
    sound : (M,) indices of the samples that are not too long

    Raises
    ------
    InvalidInput : all samples are too long.
    """

    def __init__(self, writing: Writing, sound: NDArray[np.intp], most: int = 1, longest: int = LONGEST_TEXT) -> None:
        self.writing = writing
        self.most = most
        self.sound = sound[np.char.str_len(writing.labels[sound]) <= longest]
        if not len(self.sound):
            raise InvalidInput(f"expected words or rows of at most {longest} characters, got none among {len(sound)}")
        order = self.sound[np.argsort(writing.writers[self.sound], kind="stable")]
        writers, starts = np.unique(writing.writers[order], return_index=True)
        self._of_writer = dict(zip(writers.tolist(), np.split(order, starts[1:]), strict=True))

    def fingerprint(self) -> str:
        """Return ``sha256:...`` of the words or rows."""
        return self.writing.fingerprint()

    def write(self, rng: np.random.Generator) -> WrittenRow:
        """Set a random sample, followed by others of the same writer."""
        first = int(rng.choice(self.sound))
        count = int(rng.integers(1, self.most + 1))
        others = rng.choice(self._of_writer[str(self.writing.writers[first])], count - 1)
        return self.row([first, *others.tolist()], rng)

    def row(self, indices: Sequence[int], rng: np.random.Generator) -> WrittenRow:
        """Set samples side by side."""
        strokes: list[NDArray[np.float32]] = []
        spans: list[tuple[int, int]] = []
        text = ""
        right, space = 0.0, rng.uniform(0.3, 1.0)
        for index in indices:
            label = str(self.writing.labels[index])
            shape = _placed(self.writing.strokes(index), label)
            left = min(float(stroke[:, 0].min()) for stroke in shape)
            strokes += [stroke + np.array([right - left, rng.normal(0, _FIRMNESS)], np.float32) for stroke in shape]
            right = max(float(stroke[:, 0].max()) for stroke in strokes) + space * np.exp(rng.normal(0, 0.2))
            start = len(text) + (text != "")
            text = " ".join([*text.split(), *label.split()])
            spans += [(start, len(text))] * len(shape)
        return WrittenRow(text, strokes, str(self.writing.styles[indices[0]]), spans)


def _draw_spacing(text: str, rng: np.random.Generator) -> Spacing:
    """Draw how far apart the letters and words of a row stand."""
    spaced = rng.uniform() < 0.08 and " " not in text
    gap = rng.uniform(0.35, 1.0) if spaced else rng.uniform(-0.06, 0.14) + 0.2 * rng.uniform() ** 2
    apart = all(len(word) == 1 for word in text.split())  # then only the white tells that they are not one word
    return Spacing(gap, gap + (rng.uniform(0.8, 2.5) if apart else rng.uniform(0.3, 0.9)))


def _placed(strokes: list[NDArray[np.float32]], label: str) -> list[NDArray[np.float32]]:
    """Level a sample, and scale it from the top of its highest character to the bottom of its lowest one."""
    chars = [char for char in label if char != " "]
    top = min(_extents()[char][0] for char in chars)
    bottom = max(_extents()[char][1] for char in chars)
    for _ in range(2):  # twice, as the estimate of the slope depends on the height of the levelled ink
        slope = _slope(strokes)
        strokes = [(stroke - np.outer(stroke[:, 0], [0, slope])).astype(np.float32) for stroke in strokes]
    points = np.concatenate(strokes)
    low, high = points[:, 1].min(), points[:, 1].max()
    scale = max(bottom - top, 0.3) / max(float(high - low), 1.0)
    return [((stroke - [0, low]) * scale + [0, top]).astype(np.float32) for stroke in strokes]


def _slope(strokes: Sequence[NDArray[np.float32]]) -> float:
    """Return the slope of a row's ink, by ridge regression: the shorter the row, the closer to 0."""
    steps = [stroke for stroke in strokes if len(stroke) > 1]
    if not steps:
        return 0.0
    length = np.concatenate([np.hypot(*np.diff(stroke, axis=0).T) for stroke in steps])
    if not length.any():  # only dots
        return 0.0
    middle = np.concatenate([(stroke[1:] + stroke[:-1]) / 2 for stroke in steps])
    x, y = (middle - np.average(middle, axis=0, weights=length)).T
    height = np.ptp(np.concatenate(strokes)[:, 1])
    return float(
        np.average(x * y, weights=length) / (np.average(x * x, weights=length) + (_HALF_LEVELLED * height) ** 2 / 12)
    )


@cache
def _extents() -> Mapping[str, tuple[float, float]]:
    """Return top and bottom of every character."""
    return char_extents(load_pen_font().chars)
