"""Where the words of a form end: it has a place for each character, and white between two places is no space."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from app.ocr.line import Line

_SURE = 0.99  # that somebody who left no place empty wrote no space
# The middles of two characters with an empty place between them are so many places apart, however they stand in theirs.
_LEAST_APART = 1.5
_ALONE = 0.75  # places in use, for each character: where somebody wrote freely, more have to share one


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
