"""The writers of synthetic pages: people of a data set of pen strokes, or imagined ones."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple, TypeAlias, get_args

import numpy as np

from app.datasets.pens.pen_font import load_pen_font
from app.datasets.rows.shapes import AsWritten, Composed, Spacing, WrittenRow
from app.datasets.rows.source import load_row_writers
from app.datasets.sources.synthetic import synthesise
from app.datasets.splits import Split
from app.errors import InvalidInput

IMAGINED = "synthetic"  # the data set of writers that need no files
_MAX_DOUBT = 2  # the truth must be right, so doubtful labels are left out: six in a hundred of UNIPEN's
JOINED = "joined"  # the kind of page whose words are as somebody wrote them
_ENOUGH = 0.85  # share of the characters of a page that its writer must have; words with others are left out
_FEW = 8  # writers to choose from if nobody has enough
_SAMPLES = 2  # of each character by an imagined writer
_ROWS = (3, 8)  # on a page of words as somebody wrote them; the upper end excluded


class PageWriter(NamedTuple):
    """Somebody who writes a page."""

    name: str
    chars: str
    """All characters of this writer; the space is not one of them."""
    letters: Composed

    def write(self, text: str, spacing: Spacing, rng: np.random.Generator) -> WrittenRow:
        """Write a text of these characters and single spaces."""
        return self.letters.write_text(text, self.name, spacing, rng)


class ImaginedWriters:
    """Any number of writers who write in the pen font of Inkrow; each split has others."""

    writes_joined = False
    """Whether there are words as somebody wrote them."""

    def __init__(self, split: str) -> None:
        splits = get_args(Split)
        if split not in splits:
            raise InvalidInput(f"expected one of the splits {', '.join(splits)}, got {split!r}")
        self._split, self._splits = splits.index(split), len(splits)

    def choose(self, needed: str, rng: np.random.Generator) -> PageWriter:
        """Imagine a writer, who can write all characters of the pen font."""
        person = int(rng.integers(2**31)) * self._splits + self._split
        letters = Composed(synthesise(load_pen_font().chars, 1, _SAMPLES, person), ())
        ((name, chars),) = letters.known.items()
        return PageWriter(name, chars, letters)


class RealWriters:
    """The people of a data set.

    Parameters
    ----------
    letters : single characters
    words : words as somebody wrote them; None if there are none
    """

    def __init__(self, letters: Composed, words: AsWritten | None) -> None:
        self._letters, self._words = letters, words
        self._known = letters.known

    @property
    def writes_joined(self) -> bool:
        """Whether there are words as somebody wrote them."""
        return self._words is not None

    def choose(self, needed: str, rng: np.random.Generator) -> PageWriter:
        """Choose among the writers who have enough of the needed characters; if nobody has, among those with most."""
        share = {name: len(set(needed) & set(chars)) / len(set(needed)) for name, chars in self._known.items()}
        able = [name for name in share if share[name] >= _ENOUGH]
        able = able or sorted(share, key=lambda name: (-share[name], name))[:_FEW]
        name = _one_of(able, rng)
        return PageWriter(name, self._known[name], self._letters)

    def joined_rows(self, rng: np.random.Generator) -> tuple[str, list[WrittenRow]]:
        """Return a writer, and some rows of words as this writer wrote them; to be called if `writes_joined`."""
        assert self._words is not None
        writers = self._words.writing.writers[self._words.sound]
        name = _one_of(np.unique(writers).tolist(), rng)
        own = self._words.sound[writers == name]
        rows = (rng.choice(own, rng.integers(1, 4)).tolist() for _ in range(rng.integers(*_ROWS)))
        return name, [self._words.row(indices, rng) for indices in rows]


PageWriters: TypeAlias = ImaginedWriters | RealWriters


def load_page_writers(data: str, split: str, root: Path) -> PageWriters:
    """Return the writers of pages.

    Parameters
    ----------
    data : ``synthetic`` for imagined writers, or the name or path of a data set of pen strokes
    split : of the writers; no writer is in two splits
    root : folder of all data sets

    Raises
    ------
    DatasetNotFound, DamagedDataset, InvalidInput : as of `load_row_writers`
    """
    if data == IMAGINED:
        return ImaginedWriters(split)
    kinds = load_row_writers(data, split, root, _MAX_DOUBT)
    letters, words = kinds["chars"], kinds.get("words")
    assert isinstance(letters, Composed)
    return RealWriters(letters, words if isinstance(words, AsWritten) else None)


def _one_of(names: Sequence[str], rng: np.random.Generator) -> str:
    return str(names[int(rng.integers(len(names)))])
