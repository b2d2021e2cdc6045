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
    alternatives : most other characters to list for each glyph, 0 to MOST_ALTERNATIVES
    alphabet : the only characters that may come out; None for all that the model knows. Their probabilities are scaled
        up to make up for the others, so no glyph is lost
    reader : ``glyphs`` and ``rows`` let that network read alone. With ``auto`` the row network reads, and the glyph
        network is asked about rows that it is not sure of; without a row network ``auto`` is ``glyphs``
    pages : which pages of a file are read
    pattern : what every row looks like, as a regular expression (`app.ocr.patterns.syntax` has the subset); None for
        anything. A row that no fitting text explains well keeps its free reading, and a notice says so
    language : the language whose words help to tell look-alikes apart, or ``none``. Without a model of words ``en``
        is the same as ``none``
    abstain_below : a glyph of less confidence comes out as ``?`` and is listed in the page's review; 0 to 1
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
    """Which of the alphabet's characters may come out, bool (K,), and the pattern of every row; None for any."""

    chars: NDArray[np.bool_] | None
    pattern: Pattern | None
