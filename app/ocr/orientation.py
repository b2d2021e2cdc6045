"""Which way up a page is, and whether to make its strokes upright: as its rows can be read best, if that is clear.

A page that is read well as it stands is left alone. Of any other, some rows are shown to the network as they would
stand upside down, and turned by a quarter unless the letters' distances say that rows run across. Unless the page is
read clearly best as it stands, a language has its say: joined writing looks like letters upside down, too, but these
make no words.

Strokes that lean far, as few do that networks were trained on, are made upright if that helps as clearly.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import replace
from functools import cache, partial
from math import log
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from app.nn import Array
from app.vision import Hypothesis, RowOfInk, Segmentation, may_shear_back, stroke_slant

Certainty = NDArray[np.float64]
"""(S,) log-probabilities of the likeliest shape of each character that a network sees."""

# Geometric means over characters. As they stand, most pages have more than 0.9; upside down, 0.5 to 0.8.
_READ_WELL = log(0.86)
# As sure as the network is of a character that is none. Every mean has one of these beside the characters that were
# seen, so that few have to be surer than many: all that is seen of a row on its side may be one letter, and a sure one.
_NO_TEXT = log(0.6)
# In nats a character, by which another way up, or strokes made upright, must be better; and more where few characters
# tell, whose mean varies by about this over the square root of their number. A quarter more or less is no better
# (docs/notebook/turned.md).
_MARGIN, _DEVIATION = 0.06, 0.4
# Worse than this, or of fewer characters, nothing is text.
_LEAST, _FEWEST = log(0.5), 3
_LEAST_SLANT = 0.2  # tangent; four of five rows of the training lean by less
# The most columns, of which a character has about six, that the longest rows may have together which tell how well a
# page can be read: as it stands, where the network has seen them already; and another way up, first a few, which mostly
# tell, and then many.
_HERE_COLUMNS, _FEW_COLUMNS, _MANY_COLUMNS = 2000, 150, 600
# In heights of the writing, by which letters must be nearer to each other along rows than across.
_CLEARLY = 1.5


class Legibility(NamedTuple):
    """How well some rows can be read.

    Attributes
    ----------
    certainty : of their characters
    log_gain : tells by how much the rows become likelier by what a language knows, in nats; 0 without a language
    """

    certainty: Certainty
    log_gain: Callable[[], float] = lambda: 0.0


def is_read_well(certainty: Certainty) -> bool:
    """Whether the characters of a page leave no doubt that it is the right way up."""
    return _mean(certainty) > _READ_WELL


def is_read_better(certainty: Certainty, before: Certainty) -> bool:
    """Whether a page is clearly easier to read after something was done to it."""
    return _mean(certainty) - _mean(before) >= _margin(certainty) and _may_be_text(certainty)


def telling_rows(found: Segmentation) -> tuple[int, ...]:
    """Return the numbers of a page's longest rows: one at least, and no more than tell how well it can be read."""
    return _longest(found.rows, _HERE_COLUMNS)


def find_slant(found: Segmentation) -> float:
    """Return how far the strokes of a page's longest rows lean to the right, as a tangent; 0 if hardly at all.

    Also 0 where the page would become too large with its strokes upright.
    """
    slant = stroke_slant([found.rows[number].strip for number in _longest(found.rows, _MANY_COLUMNS)])
    return slant if abs(slant) >= _LEAST_SLANT and may_shear_back(found.ink.shape, slant) else 0.0


def find_orientation(
    found: Segmentation,
    seen: Sequence[Array],
    predict: Callable[[Sequence[RowOfInk]], Sequence[Array]],
    legibility: Callable[[Sequence[RowOfInk], Sequence[Array]], Legibility],
    turned: Callable[[int], Segmentation],
    direction: float,
) -> Segmentation:
    """Find the way up in which a page can be read best; left alone where no other is clearly better.

    A few rows rule most ways up out and more rows others; a language decides between those that remain.

    Parameters
    ----------
    found : the page as it stands
    seen : what a network has seen of each of its rows
    predict : shows rows to that network
    legibility : says how well rows can be read, by what is seen of them
    turned : finds the rows again, with the orientation in degrees as of `segment`
    direction : where the letters of the page say that rows run, see `row_direction`. Those of `found` would say
        nothing where strokes were made upright that lie on their side

    Returns
    -------
    Segmentation : `found` itself if the page stays
    """
    rows = {180: _upside_down(found.rows)}  # by the degrees of each other way up
    turned = cache(turned)
    if direction < _CLEARLY:
        rows |= {90: list(turned(90).rows), 270: _upside_down(turned(90).rows)}
    known = telling_rows(found)
    here = legibility([found.rows[number] for number in known], [seen[number] for number in known])
    seen_there: dict[int, dict[int, Array]] = {degrees: {} for degrees in rows}

    @cache  # a few rows of a page may be all that there are
    def legibility_of(degrees: int, numbers: tuple[int, ...]) -> Legibility:
        own, seen_of = rows[degrees], seen_there[degrees]
        new = [number for number in numbers if number not in seen_of]
        seen_of.update(zip(new, predict([own[number] for number in new]), strict=True))
        return legibility([own[number] for number in numbers], [seen_of[number] for number in numbers])

    possible = list(rows)  # ways up that may still turn out to be better
    for columns, margins in ((_FEW_COLUMNS, 2), (_MANY_COLUMNS, 1)):
        there = {degrees: legibility_of(degrees, _longest(rows[degrees], columns)) for degrees in possible}
        possible = [degrees for degrees in possible if not _is_worse(there[degrees].certainty, here.certainty, margins)]
        if not possible:
            return found
    scores = {degrees: _mean(there[degrees].certainty, there[degrees].log_gain()) for degrees in possible}
    best = max(scores, key=scores.__getitem__)
    lead, certainty = scores[best] - _mean(here.certainty, here.log_gain()), there[best].certainty
    if lead < _margin(certainty) or not _may_be_text(certainty):
        return found
    return turned(best)


def _mean(certainty: Certainty, log_gain: float = 0.0) -> float:
    """Mean log-probability of S characters and one of no text, ``(sum + log_gain + log 0.6) / (S + 1)``."""
    return float(certainty.sum() + log_gain + _NO_TEXT) / (len(certainty) + 1)


def _margin(certainty: Certainty) -> float:
    return max(_MARGIN, _DEVIATION / float(np.sqrt(max(len(certainty), 1))))


def _is_worse(certainty: Certainty, than: Certainty, margins: int) -> bool:
    return _mean(certainty) < _mean(than) - margins * _margin(certainty)


def _may_be_text(certainty: Certainty) -> bool:
    return len(certainty) >= _FEWEST and _mean(certainty) >= _LEAST


def _longest(rows: Sequence[RowOfInk], most_columns: int) -> tuple[int, ...]:
    """Return the numbers of the longest rows that have at most `most_columns` together; of one at least."""
    chosen: list[int] = []
    columns = 0
    for number in sorted(range(len(rows)), key=lambda number: -rows[number].strip.columns):
        added = rows[number].strip.columns
        if not chosen or columns + added <= most_columns:
            chosen.append(number)
            columns += added
    return tuple(chosen)


def _upside_down(rows: Iterable[RowOfInk]) -> list[RowOfInk]:
    """Return rows as networks see them when the page is turned by half; where they are on the page does not change."""
    return [
        replace(
            row,
            strip=replace(row.strip, pixels=np.ascontiguousarray(row.strip.pixels[::-1, ::-1])),
            cut=partial(_glyphs_upside_down, row),
        )
        for row in rows
    ]


def _glyphs_upside_down(row: RowOfInk, hypotheses: Sequence[Hypothesis]) -> NDArray[np.float32]:
    return np.ascontiguousarray(row.cut(hypotheses)[..., ::-1, ::-1])
