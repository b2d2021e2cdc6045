"""Which way up a page is: that in which its rows can be read best, if that is clear.

A page that is read well as it stands is not asked. Of any other, some rows are shown to the network as they would stand
upside down, and turned by a quarter unless the letters' distances say that rows run across.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import replace
from functools import partial
from math import inf, log

import numpy as np
from numpy.typing import NDArray

from app.vision import RowOfInk, Segmentation, row_direction

Certainty = NDArray[np.float64]
"""(S,) log-probabilities of the likeliest shape of each character that a network sees."""

# Geometric means over characters. As they stand, most pages have more than 0.9; upside down, 0.5 to 0.8.
_READ_WELL = log(0.86)
# In nats a character, by which another way up must be better: upside down, where most still looks like text, and on its
# side, where the difference is large if there is any; and more where few characters tell, whose mean varies by about
# this over the square root of their number.
_MARGIN, _MARGIN_ON_SIDE, _SPREAD = 0.06, 0.12, 0.4
# Worse than this, or of fewer characters, nothing is text.
_LEAST, _FEWEST = log(0.5), 3
_SAMPLE_COLUMNS = 600  # of strips: about a hundred characters
# In heights of the writing, by which letters must be nearer to each other one way than the other.
_CLEARLY = 1.5


def is_read_well(certainty: Certainty) -> bool:
    """Whether the characters of a page leave no doubt that it is the right way up."""
    return bool(len(certainty) and certainty.mean() > _READ_WELL)


def find_orientation(
    found: Segmentation,
    certainty: Callable[[Sequence[RowOfInk]], Certainty],
    turned: Callable[[int], Segmentation],
) -> Segmentation:
    """Find the way up in which a page can be read best; left alone where no other is clearly better.

    Parameters
    ----------
    found : the page as it stands
    certainty : asks a network how well it can read rows
    turned : finds the rows again, with the orientation in degrees as of `segment`

    Returns
    -------
    Segmentation : `found` itself if the page stays
    """
    direction = row_direction(found.components)
    ways: dict[int, Segmentation] = {}
    rows: dict[int, Sequence[RowOfInk]] = {}
    if direction < _CLEARLY:
        ways[90] = turned(90)
        rows |= {90: ways[90].rows, 270: _upside_down(ways[90].rows)}
    if direction > -_CLEARLY:
        rows[180] = _upside_down(found.rows)
    here = certainty(_sample(found.rows))
    seen = {degrees: certainty(_sample(turned_rows)) for degrees, turned_rows in rows.items()}
    best = max(seen, key=lambda degrees: _mean(seen[degrees]))
    there = seen[best]
    least = _MARGIN if best == 180 else _MARGIN_ON_SIDE
    margin = max(least, _SPREAD / np.sqrt(max(len(there), 1)))
    if len(there) < _FEWEST or _mean(there) < max(_LEAST, _mean(here) + margin):
        return found
    return ways.get(best) or turned(best)


def _mean(certainty: Certainty) -> float:
    return float(certainty.mean()) if len(certainty) else -inf


def _sample(rows: Sequence[RowOfInk]) -> list[RowOfInk]:
    """Return the longest rows, about as many as tell enough."""
    chosen: list[RowOfInk] = []
    columns = 0
    for row in sorted(rows, key=lambda row: -row.strip.columns):
        if not chosen or columns + row.strip.columns <= _SAMPLE_COLUMNS:
            chosen.append(row)
            columns += row.strip.columns
    return chosen


def _upside_down(rows: Iterable[RowOfInk]) -> list[RowOfInk]:
    """Return rows as networks see them when the page is turned by half: the same rows, to be looked at alone."""
    return [
        replace(
            row,
            strip=replace(row.strip, pixels=np.ascontiguousarray(row.strip.pixels[::-1, ::-1])),
            cut=partial(_glyphs_upside_down, row),
        )
        for row in rows
    ]


def _glyphs_upside_down(row: RowOfInk) -> NDArray[np.float32]:
    return np.ascontiguousarray(row.glyphs[..., ::-1, ::-1])
