"""What reading a page gives: rows of words of glyphs, each with its box and its confidence.

Boxes are in pixels of the image as uploaded, after its EXIF orientation; confidences are probabilities in [0, 1].
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from itertools import groupby
from math import exp, log
from operator import attrgetter
from statistics import fmean
from typing import Literal, TypeAlias

from app.vision import Box, View


@dataclass(frozen=True)
class Alternative:
    """Another reading of a glyph and its probability."""

    char: str
    confidence: float


@dataclass(frozen=True)
class Break:
    """What lies between a glyph and the next one of its row, and how sure that is.

    ``gap_px`` is the free distance (negative where boxes overlap), ``p_space`` the probability of a word space.
    """

    kind: Literal["none", "space", "row"]
    gap_px: float
    p_space: float


@dataclass(frozen=True)
class Glyph:
    """One written character. ``alternatives`` run from likely to unlikely and leave ``char`` itself out."""

    char: str
    confidence: float
    box: Box
    break_after: Break
    alternatives: tuple[Alternative, ...] = ()


@dataclass(frozen=True)
class Word:
    """Glyphs without a space between them; ``calibrated`` as in `Row`."""

    glyphs: tuple[Glyph, ...]
    calibrated: float | None = None

    @cached_property
    def text(self) -> str:
        return "".join(glyph.char for glyph in self.glyphs)

    @cached_property
    def box(self) -> Box:
        return Box.around(glyph.box for glyph in self.glyphs)

    @cached_property
    def confidence(self) -> float:
        """Probability that the word is right; where that is not known, the geometric mean over its glyphs."""
        return (
            self.calibrated
            if self.calibrated is not None
            else _geometric_mean([glyph.confidence for glyph in self.glyphs])
        )


@dataclass(frozen=True)
class Row:
    """Words from left to right; ``calibrated`` is the probability that all is right, None if that is not known.

    Rows that follow one another and have the same ``block`` stand below each other in one column of the page.
    """

    words: tuple[Word, ...]
    calibrated: float | None = None
    block: int = 0

    @cached_property
    def text(self) -> str:
        return " ".join(word.text for word in self.words)

    @cached_property
    def box(self) -> Box:
        return Box.around(word.box for word in self.words)

    @cached_property
    def confidence(self) -> float:
        """Probability that the row is right; where that is not known, the geometric mean over all its glyphs."""
        return (
            self.calibrated
            if self.calibrated is not None
            else _geometric_mean([glyph.confidence for word in self.words for glyph in word.glyphs])
        )


@dataclass(frozen=True)
class Block:
    """Rows below each other: a column of text, or what stands above, between or below columns."""

    rows: tuple[Row, ...]

    @cached_property
    def box(self) -> Box:
        return Box.around(row.box for row in self.rows)

    @cached_property
    def text(self) -> str:
        return "\n".join(row.text for row in self.rows)


NoticeCode: TypeAlias = Literal[
    "no-text",
    "unsupported-script",
    "struck-out",
    "joined-writing",
    "pattern-mismatch",
    "pattern-fewer-glyphs",
    "too-much-ink",
]


@dataclass(frozen=True)
class Notice:
    """Something that the sender should know about the page or a region of it."""

    code: NoticeCode
    detail: str
    box: Box | None = None


@dataclass(frozen=True)
class Doubt:
    """A glyph that was not sure enough to be told, by its numbers from 0, and what it was read as."""

    row: int
    word: int
    glyph: int
    char: str
    confidence: float
    box: Box


@dataclass(frozen=True)
class Page:
    """One image, read. ``width`` and ``height`` are the upload's; ``timing_ms`` has one entry per stage.

    ``view`` tells how the page was looked at for these rows, and ``angle_deg`` how far they are turned against the
    clock beside its ``orientation_deg``. ``review`` lists what a person should look at, least sure first: the glyphs
    that are ``?`` because they are less sure than was asked for.
    """

    width: int
    height: int
    angle_deg: float
    rows: tuple[Row, ...]
    warnings: tuple[Notice, ...] = ()
    timing_ms: Mapping[str, float] = field(default_factory=dict)
    review: tuple[Doubt, ...] = ()
    view: View = field(default_factory=View)

    @property
    def total_angle_deg(self) -> float:
        """Degrees by which rows are turned against the clock, above -180 and at most 180."""
        return 180 - (180 - self.view.orientation_deg - self.angle_deg) % 360

    @cached_property
    def text(self) -> str:
        return "\n".join(row.text for row in self.rows)

    @cached_property
    def blocks(self) -> tuple[Block, ...]:
        """The rows as they stand together: one block, or several where there are columns."""
        return tuple(Block(tuple(rows)) for _, rows in groupby(self.rows, key=attrgetter("block")))


def _geometric_mean(values: list[float]) -> float:
    return exp(fmean(map(log, values))) if all(values) else 0.0  # the product of many would be 0, too
