"""Who writes synthetic pages: people out of a data set of pen strokes, or imagined ones."""

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
_MAX_DOUBT = 2  # truth must be true, so labels that the shape contradicts are left out: of UNIPEN six of a hundred
JOINED = "joined"  # the kind of page whose words are as somebody wrote them
_ENOUGH = 0.85  # of the characters that a page needs; words with others are left out
_FEW = 8  # writers to choose from where nobody knows enough
_SAMPLES = 2  # of each character by an imagined writer
_ROWS = (3, 8)  # of words as written, on a page


class PageWriter(NamedTuple):
    """Somebody who writes a page."""

    name: str
    chars: str
    """What he or she can write, the space left out."""
    letters: Composed

    def write(self, text: str, spacing: Spacing, rng: np.random.Generator) -> WrittenRow:
        """Write a text of these characters and single spaces."""
        return self.letters.write_text(text, self.name, spacing, rng)


class ImaginedWriters:
    """Any number of writers of our own pen font, other ones in each split."""

    writes_joined = False
    """Whether there are words as somebody wrote them."""

    def __init__(self, split: str) -> None:
        splits = get_args(Split)
        if split not in splits:
            raise InvalidInput(f"expected one of the splits {', '.join(splits)}, got {split!r}")
        self._split, self._splits = splits.index(split), len(splits)

    def choose(self, needed: str, rng: np.random.Generator) -> PageWriter:
        """Imagine somebody, who can write all that is needed, and everything else."""
        person = int(rng.integers(2**31)) * self._splits + self._split
        letters = Composed(synthesise(load_pen_font().chars, 1, _SAMPLES, person), ())
        ((name, chars),) = letters.known.items()
        return PageWriter(name, chars, letters)

    def joined_rows(self, rng: np.random.Generator) -> tuple[str, list[WrittenRow]]:
        raise InvalidInput("imagined writers join no letters; expected a data set with words, such as unipen")


class RealWriters:
    """The people of a data set.

    Parameters
    ----------
    letters : single characters
    words : words as they were written, None if there are none
    """

    def __init__(self, letters: Composed, words: AsWritten | None) -> None:
        self._letters, self._words = letters, words
        self._known = letters.known

    @property
    def writes_joined(self) -> bool:
        """Whether there are words as somebody wrote them."""
        return self._words is not None

    def choose(self, needed: str, rng: np.random.Generator) -> PageWriter:
        """Choose among all who know enough of it; where nobody does, among those who know most."""
        share = {name: len(set(needed) & set(chars)) / len(set(needed)) for name, chars in self._known.items()}
        able = [name for name in share if share[name] >= _ENOUGH]
        able = able or sorted(share, key=lambda name: (-share[name], name))[:_FEW]
        name = _one_of(able, rng)
        return PageWriter(name, self._known[name], self._letters)

    def joined_rows(self, rng: np.random.Generator) -> tuple[str, list[WrittenRow]]:
        """Return who wrote them, and some rows of words as they were written."""
        if self._words is None:
            raise InvalidInput("this data set has no words as somebody wrote them")
        writers = self._words.writing.writers[self._words.sound]
        name = _one_of(np.unique(writers).tolist(), rng)
        own = self._words.sound[writers == name]
        rows = (rng.choice(own, rng.integers(1, 4)).tolist() for _ in range(rng.integers(*_ROWS)))
        return name, [self._words.row(indices, rng) for indices in rows]


PageWriters: TypeAlias = ImaginedWriters | RealWriters


def load_page_writers(data: str, split: str, root: Path) -> PageWriters:
    """Find who writes pages.

    Parameters
    ----------
    data : ``synthetic`` for imagined writers, or the name or path of a data set of pen strokes
    split : part of it; no writer is in two
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
