"""Decides which way up a page is, and whether to make its strokes upright, by how well its rows can be read.

A page that is read well as it stands is left alone. Of any other page, some rows are shown to the network upside down.
They are also shown turned by a quarter, unless the distances between letters say that rows run across the page. The
page is turned only if its rows are read clearly better another way up. Where this is open, a language helps to decide:
joined writing looks like letters upside down, too, but these make no words.

Strokes that lean far, as few do in the training data, are made upright if the page is then read clearly better.
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
"""(S,) log-probability of the likeliest shape of each character that a network sees in some rows."""

# The mean log-probability from which a page counts as read well. As a geometric mean of probabilities, most pages have
# more than 0.9 the right way up and 0.5 to 0.8 upside down.
_READ_WELL = log(0.86)
# How sure the network is on average where there is no text. One such character is added to every mean, so that a page
# with few characters needs surer ones: of a row on its side the network may see a single letter, and be sure of it.
_NO_TEXT = log(0.6)
# Nats a character by which the page must be read better after a change: at least _MARGIN, and _DEVIATION over the
# square root of the number of characters, which is about how much the mean of a few varies by chance. Margins a quarter
# larger or smaller were measured to be no better (docs/notebook/turned.md).
_MARGIN, _DEVIATION = 0.06, 0.4
# With a smaller mean, or fewer characters, rows are not taken for text.
_LEAST, _FEWEST = log(0.5), 3
_LEAST_SLANT = 0.2  # tangent; four of five training rows lean by less
# How well a page can be read is judged by its longest rows, which have at most so many columns together (a character
# has about six). _HERE_COLUMNS is for the page as it stands, whose rows the network has seen anyway. Another way up,
# the network is first shown _FEW_COLUMNS, which mostly suffice to rule it out, and only then _MANY_COLUMNS.
_HERE_COLUMNS, _FEW_COLUMNS, _MANY_COLUMNS = 2000, 150, 600
# From this value of `row_direction` on, rows surely run across the page as it stands, and quarter turns are not tried.
_CLEARLY = 1.5


class Legibility(NamedTuple):
    """How well some rows can be read.

    Attributes
    ----------
    certainty : of the rows' characters
    log_gain : computes by how many nats a language makes the rows likelier; 0 without a language. It is called only if
        it is needed, since it takes long
    """

    certainty: Certainty
    log_gain: Callable[[], float] = lambda: 0.0


def is_read_well(certainty: Certainty) -> bool:
    """Whether the characters of a page are so sure that it must be the right way up."""
    return _mean(certainty) > _READ_WELL


def is_read_better(certainty: Certainty, before: Certainty) -> bool:
    """Whether a page is read clearly better after a change than before it."""
    return _mean(certainty) - _mean(before) >= _margin(certainty) and _may_be_text(certainty)


def telling_rows(found: Segmentation, *, few: bool = False) -> tuple[int, ...]:
    """Return the numbers of the longest rows, by which to judge how well a page can be read; at least one.

    Parameters
    ----------
    few : whether the network has to be shown these rows first, so that there should not be many
    """
    return _longest(found.rows, _MANY_COLUMNS if few else _HERE_COLUMNS)


def find_slant(found: Segmentation) -> float:
    """Return how far the strokes of a page's longest rows lean to the right, as a tangent.

    It is 0 if they hardly lean, or if the page would become too large with its strokes upright.
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
    """Find the way up in which a page can be read best; it is turned only if another one is clearly better.

    A few rows are enough to rule out most other ways up, and more rows rule out others. A language helps to decide
    between those that remain and the page as it stands.

    Parameters
    ----------
    found : the page as it stands
    seen : what a network saw in each of its rows
    predict : shows rows to that network and returns what it sees
    legibility : tells how well rows can be read, given what the network saw in them
    turned : finds the rows of the page turned by some degrees, see `orientation` of `segment`
    direction : `row_direction` of the page as it was uploaded. It cannot be found from `found`, whose strokes may have
        been made upright although they lie on their side

    Returns
    -------
    Segmentation : `found` itself if the page is not turned
    """
    rows = {180: _upside_down(found.rows)}  # the rows of the page in other ways up, by degrees
    turned = cache(turned)
    if direction < _CLEARLY:
        rows |= {90: list(turned(90).rows), 270: _upside_down(turned(90).rows)}
    known = telling_rows(found)
    here = legibility([found.rows[number] for number in known], [seen[number] for number in known])
    seen_there: dict[int, dict[int, Array]] = {degrees: {} for degrees in rows}

    @cache  # on a page with few rows both rounds ask for the same ones
    def legibility_of(degrees: int, numbers: tuple[int, ...]) -> Legibility:
        own, seen_of = rows[degrees], seen_there[degrees]
        new = [number for number in numbers if number not in seen_of]
        seen_of.update(zip(new, predict([own[number] for number in new]), strict=True))
        return legibility([own[number] for number in numbers], [seen_of[number] for number in numbers])

    possible = list(rows)  # degrees that are not ruled out
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
    """Return ``(sum + log_gain + _NO_TEXT) / (S + 1)``, the mean over S characters and one where there is no text."""
    return float(certainty.sum() + log_gain + _NO_TEXT) / (len(certainty) + 1)


def _margin(certainty: Certainty) -> float:
    """Return the nats a character by which a page must be read better after a change."""
    return max(_MARGIN, _DEVIATION / float(np.sqrt(max(len(certainty), 1))))


def _is_worse(certainty: Certainty, than: Certainty, margins: int) -> bool:
    """Whether rows are read worse than others, by more than so many margins."""
    return _mean(certainty) < _mean(than) - margins * _margin(certainty)


def _may_be_text(certainty: Certainty) -> bool:
    return len(certainty) >= _FEWEST and _mean(certainty) >= _LEAST


def _longest(rows: Sequence[RowOfInk], most_columns: int) -> tuple[int, ...]:
    """Return the numbers of the longest rows, with at most `most_columns` together; at least one row."""
    chosen: list[int] = []
    columns = 0
    for number in sorted(range(len(rows)), key=lambda number: -rows[number].strip.columns):
        added = rows[number].strip.columns
        if not chosen or columns + added <= most_columns:
            chosen.append(number)
            columns += added
    return tuple(chosen)


def _upside_down(rows: Iterable[RowOfInk]) -> list[RowOfInk]:
    """Return rows as networks see them when the page is turned by half; their boxes remain those of the page before."""
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
