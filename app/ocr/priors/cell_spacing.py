"""Where words end that were written into places, one for each character: white between two places is no space.

Forms have such places, and squared paper where somebody writes one character into each square.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from app.ocr.line import Line

_SURE = 0.99  # that somebody who left no place empty wrote no space
# The middles of two characters with an empty place between them are so many places apart, however they stand in theirs.
_LEAST_APART = 1.5
_ALONE = 0.75  # places in use, for each character: where somebody wrote freely, more have to share one
# Squares of paper are seen by the steps from each character to the next: one square or several whole ones, by the mean
# cosine of their phases. Of 51 drawn pages with a character a square 47 have 0.77 and more; of 99 others, with writing
# across squares, none has more than 0.67. Few steps may be even by chance.
_EVEN, _FEWEST_STEPS = 0.75, 10
_BETWEEN = 0.25  # in squares: a step that is farther from a whole number of them, as between words, says nothing
_PITCHES = np.linspace(0.8, 1.25, 46)  # of squares that are looked at, in the median step


def space_between_cells(line: Line) -> NDArray[np.float64]:
    """Return how likely there is a space after each character but the last, (N - 1,): behind it is an empty place.

    It is not a number where one of the two is in no place, or where they were not written into places.
    """
    sides = np.array(line.boxes, np.float64)
    middles = (sides[:, 1] + sides[:, 3]) / 2
    p_space = np.full(len(middles) - 1, np.nan)
    for cells in line.cells:
        edges = cells.sides
        place = np.interp(middles, edges, np.arange(len(edges)), left=np.nan, right=np.nan)
        number = np.floor(place[~np.isnan(place)])
        if len(np.unique(number)) < _ALONE * len(number):
            continue
        empty = (np.diff(np.floor(place)) > 1) & (np.diff(place) > _LEAST_APART)
        known = ~np.isnan(np.diff(place))
        p_space[known] = np.where(empty, _SURE, 1 - _SURE)[known]
    return p_space


def space_between_squares(lines: Sequence[Line]) -> list[NDArray[np.float64]]:
    """Return how likely there is a space after each character but the last, (N - 1,) for each row of a page.

    They are not numbers where the characters were not written into even squares, one into each, nor at a
    step that is no whole number of them.
    """
    steps = [np.diff([(box.left + box.right) / 2 for box in line.boxes]) for line in lines]
    every = np.concatenate([np.zeros(0), *steps])
    if len(every) >= _FEWEST_STEPS:
        pitches = max(float(np.median(every)), 1.0) * _PITCHES
        even = np.cos(2 * np.pi * every / pitches[:, None]).mean(axis=1)
        pitch = pitches[np.argmax(even)]
        if even.max() >= _EVEN:
            return [_between_squares(own / pitch) for own in steps]
    return [np.full(len(own), np.nan) for own in steps]


def _between_squares(steps: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return how likely there is a space in each step (N,) of so many squares."""
    p_space = np.where(steps > _LEAST_APART, _SURE, 1 - _SURE)
    return np.where(np.abs(steps - np.rint(steps)) > _BETWEEN, np.nan, p_space)
