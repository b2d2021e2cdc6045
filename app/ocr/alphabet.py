"""The classes that a model knows."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from app.errors import InvalidInput

APOSTROPHE = "'"
"""A mark that is part of a word, unlike all others."""

_SAME_SHAPE = ("0Oo", "1Il|")  # no i: its dot shows
# A wider circle: each group of `_SAME_SHAPE`, and both cases of any letter, are within one of these groups.
_LOOK_ALIKES = ("0Oo", "1Iil|", "2Zz", "5Ss", "6bB8", "9gGqQ", "UuVv")


@dataclass(frozen=True)
class Alphabet:
    """Characters in the order of a network's outputs."""

    chars: str

    def __post_init__(self) -> None:
        if not self.chars or len(set(self.chars)) != len(self.chars):
            raise InvalidInput(f"an alphabet needs at least one character, each once; got {self.chars!r}")

    def __len__(self) -> int:
        return len(self.chars)

    @cached_property
    def _index(self) -> dict[str, int]:
        return {char: index for index, char in enumerate(self.chars)}

    def encode(self, labels: Iterable[str]) -> NDArray[np.int64]:
        """Return the class of each label.

        Raises
        ------
        InvalidInput : a label is not in the alphabet.
        """
        labels = list(labels)
        unknown = sorted({label for label in labels if label not in self._index})
        if unknown:
            raise InvalidInput(f"expected characters out of {self.chars!r}, got {''.join(unknown)!r} as well")
        return np.array([self._index[label] for label in labels], np.int64)

    def mask(self, allowed: str) -> NDArray[np.bool_]:
        """Return bool (K,), True for the classes in `allowed`.

        Raises
        ------
        InvalidInput : `allowed` is empty or holds a character that the model does not know.
        """
        if not allowed:
            raise InvalidInput("alphabet: expected at least one character, got none")
        if unknown := "".join(sorted(set(allowed) - set(self.chars))):
            raise InvalidInput(f"alphabet: expected characters out of {self.chars}, got {unknown!r} as well")
        mask = np.zeros(len(self), bool)
        mask[self.encode(allowed)] = True
        return mask


def shape_groups(alphabet: Alphabet) -> NDArray[np.float32]:
    """Return (K, G), 1 where a class has a shape: c and C have one, so have 0, O and o, or 1, I, l and |."""
    return _groups([_shape(char, _SAME_SHAPE) for char in alphabet.chars])


def parting_marks(alphabet: Alphabet) -> NDArray[np.bool_]:
    """Return (K,), True for marks that end a word: all but the apostrophe."""
    return np.array([not char.isalnum() and char != APOSTROPHE for char in alphabet.chars])


def look_alike_groups(alphabet: Alphabet) -> NDArray[np.float32]:
    """Return (K, G), 1 where a class is in a group of characters easily taken for each other, such as 5, S and s."""
    return _groups([_shape(char, _LOOK_ALIKES) for char in alphabet.chars])


def _shape(char: str, alike: Iterable[str]) -> str:
    return next((chars for chars in alike if char in chars), char.upper())


def _groups(names: Sequence[str]) -> NDArray[np.float32]:
    groups = sorted(set(names))
    member = np.zeros((len(names), len(groups)), np.float32)
    member[np.arange(len(names)), [groups.index(name) for name in names]] = 1
    return member
