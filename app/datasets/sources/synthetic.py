"""Characters by imagined writers, in the pen font of Inkrow: a data set that needs no download.

It lets a new machine train at once. But these writers differ less than people do, so a model that was trained on them
alone reads real pages worse than one that was trained on real hands.
"""

from __future__ import annotations

from dataclasses import fields
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from app.datasets.pens.hand import Hand, write_row
from app.datasets.pens.pen_font import load_pen_font
from app.datasets.pens.strokes import StrokeSet, stack_strokes
from app.datasets.splits import Split
from app.errors import InvalidInput

SOURCE = "Inkrow's own pen font, written by imagined writers"
LICENCE = "MIT"

# Seed, number of writers, and samples of each class. Each split has a seed of its own, hence other writers.
SPLITS = {"train": (101, 40, 40), "valid": (102, 10, 10), "test": (103, 10, 10)}
_UNITS_PER_EM = 1000.0
# The k-th variant of a character is k ** -1.5 times as frequent as the first: of two variants, 74 and 26 per cent. Set
# by eye.
_ZIPF_EXPONENT = 1.5


def load_synthetic(split: Split) -> StrokeSet:
    """Write one split, all of printable ASCII, in the numbers of `SPLITS`.

    A process writes it only once; the arrays are shared by all callers, and cannot be changed.
    """
    return _write_split(*SPLITS[split])


# A split takes one to four seconds to write, and less than a megabyte to keep. The inspection of models needs it again
# and again.
@lru_cache(maxsize=len(SPLITS))
def _write_split(seed: int, writers: int, per_class: int) -> StrokeSet:
    samples = synthesise(load_pen_font().chars, writers, per_class, seed)
    for field in fields(samples):
        getattr(samples, field.name).flags.writeable = False
    return samples


def synthesise(alphabet: str, writers: int, per_class: int, seed: int) -> StrokeSet:
    """Let imagined writers write every character of an alphabet.

    Parameters
    ----------
    alphabet : printable ASCII, each character once
    writers : how many; the samples of a class are divided evenly among them
    per_class : samples of each character
    seed : the same seed gives the same samples, another one gives other writers

    Returns
    -------
    StrokeSet of len(alphabet) * per_class samples, a capital being 1000 units high

    Raises
    ------
    InvalidInput : the pen font lacks a character, or there are no characters, writers or samples.
    """
    if not alphabet or min(writers, per_class) < 1:
        raise InvalidInput(
            f"expected characters, writers and samples, got {alphabet!r}, {writers} writers, {per_class} of each"
        )
    people = [_Writer(np.random.default_rng([seed, writer, 1])) for writer in range(writers)]
    # A class begins with the writer after the last one of the class before, so that even one sample a class uses many
    # writers.
    turns = [(char, (k * per_class + i) % writers) for k, char in enumerate(alphabet) for i in range(per_class)]
    samples = [people[writer].write(char) for char, writer in turns]
    extents = [np.ptp(np.concatenate(sample), axis=0).max() for sample in samples]
    return stack_strokes(
        [char for char, _ in turns],
        [f"synthetic-{seed}-{writer}" for _, writer in turns],
        (np.array(extents) / _UNITS_PER_EM).astype(np.float32),
        samples,
    )


class _Writer:
    """A writer who is less careful than `Hand.random`, and may use rare variants and sizes."""

    def __init__(self, rng: np.random.Generator) -> None:
        font = load_pen_font()
        ways = {}
        for char in font.chars:
            share = np.arange(1.0, len(font.ways(char)) + 1) ** -_ZIPF_EXPONENT
            ways[char] = int(rng.choice(len(share), p=share / share.sum()))
        self._hand = Hand(
            slant_deg=float(np.clip(rng.normal(4.0, 7.0), -12.0, 18.0)),
            aspect=float(np.exp(rng.normal(0.0, 0.16))),
            roundness=float(rng.uniform(0.0, 0.08)),
            jitter=float(rng.uniform(0.015, 0.05)),
            size_variation=float(rng.uniform(0.02, 0.1)),
            habit=int(rng.integers(2**31)),
            variants=ways,
        )
        # People differ in the sizes of their small letters and their marks relative to their capitals.
        self._small, self._marks = np.exp(rng.normal(0.05, (0.1, 0.2)))
        self._rng = rng

    def write(self, char: str) -> list[NDArray[np.int16]]:
        """Return the strokes of one character, with every third point of the font: about 0.06 em apart."""
        size = self._small if char.islower() else 1.0 if char.isalnum() else self._marks
        row = write_row(char, self._hand, self._rng, height_px=_UNITS_PER_EM * float(size))
        return [np.concatenate([s.points[:-1:3], s.points[-1:]]).round().astype(np.int16) for s in row]
