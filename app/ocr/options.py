"""How a caller may want pages to be read."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal, NamedTuple, TypeAlias

import numpy as np
from numpy.typing import NDArray

from app.errors import InvalidInput
from app.ocr.patterns.automaton import Pattern
from app.vision import ALL_PAGES, PageRange

MOST_ALTERNATIVES = 10
ReaderName: TypeAlias = Literal["auto", "glyphs", "rows"]
LanguageName: TypeAlias = Literal["en", "none"]


@dataclass(frozen=True)
class ReadOptions:
    """What a caller may ask for.

    Attributes
    ----------
    alternatives : how many other characters are listed for each glyph, 0 to MOST_ALTERNATIVES
    alphabet : the only characters to be read; None for all that the model knows. Probabilities are shared out anew
        among them, so that no glyph is lost
    reader : which networks read: the one for ``glyphs``, the one for ``rows``, or both, which is ``auto``: that for
        glyphs then has a say in the rows of which the other is not sure. Without a network for rows ``auto`` is
        ``glyphs``
    pages : which of a file are read
    pattern : what every row is, in a subset of regular expressions (`app.ocr.patterns.syntax`); None for anything. A
        row that nothing fits well keeps its reading, and a notice tells so
    language : what the words are thought to be of, where look-alikes have to be told apart: English, or anything, which
        is ``none``. Without a model of words ``en`` is ``none``
    abstain_below : a glyph whose confidence is below this is read as ``?`` and listed in the page's review; 0 to 1
    """

    alternatives: int = 3
    alphabet: str | None = None
    reader: ReaderName = "auto"
    pages: PageRange = ALL_PAGES
    abstain_below: float = 0.0
    pattern: str | None = None
    language: LanguageName = "en"

    def __post_init__(self) -> None:
        if not 0 <= self.alternatives <= MOST_ALTERNATIVES:
            raise InvalidInput(f"alternatives: expected 0 to {MOST_ALTERNATIVES}, got {self.alternatives}")
        if not 0 <= self.abstain_below <= 1:
            raise InvalidInput(f"abstain_below: expected 0 to 1, got {self.abstain_below}")


class Permitted(NamedTuple):
    """What may come out: some of the alphabet's K characters, bool (K,), and rows of some form; None for all."""

    chars: NDArray[np.bool_] | None
    pattern: Pattern | None
