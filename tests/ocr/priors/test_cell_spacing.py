"""What was written into the cells of a form has spaces only where one was left empty."""

from __future__ import annotations

import numpy as np
import pytest

from app.ocr.line import Line
from app.ocr.priors.cell_spacing import space_between_cells
from app.ocr.priors.spacing import space_probabilities
from app.vision import Box, Cells

CELL, HEIGHT = 30, 20
CELLS = Cells(0.0, 24.0, np.arange(0.0, 10.5 * CELL, CELL))


def _line(middles, cells=(CELLS,), p_space=None):
    """A row of narrow characters whose middles are there, in cells."""
    boxes = [Box(2, round(at * CELL) - 4, 2 + HEIGHT, round(at * CELL) + 4) for at in middles]
    p_space = None if p_space is None else np.full(len(boxes) - 1, p_space)
    return Line(boxes, np.zeros((len(boxes), 2)), float(HEIGHT), p_space, cells=cells)


def _spaces(line):
    return (space_between_cells(line) > 0.5).tolist()


def test_only_behind_an_empty_cell_is_a_space():
    assert _spaces(_line([0.5, 1.5, 3.5, 4.5])) == [False, True, False]


def test_a_character_far_on_one_side_of_its_cell_makes_no_space():
    assert _spaces(_line([0.5, 0.9, 2.2, 3.5])) == [False, False, False]  # a stop that was written close


def test_cells_say_nothing_of_characters_beside_them():
    assert np.isnan(space_between_cells(_line([9.5, 10.5, 12.5]))).tolist() == [True, True]
    assert np.isnan(space_between_cells(_line([0.5, 1.5, 3.5], cells=()))).all()


def test_cells_say_nothing_where_somebody_wrote_freely_over_them():
    assert np.isnan(space_between_cells(_line(0.5 + 0.6 * np.arange(12)))).all()


def test_boxes_apart_are_two_rows_of_sides_and_both_count():
    left = CELLS._replace(sides=CELLS.sides[:4])
    right = CELLS._replace(sides=CELLS.sides[1:5] - 3)
    assert np.isnan(space_between_cells(_line([0.5, 1.5, 3.5], cells=(left, right)))).sum() == 0


@pytest.mark.parametrize("p_space", [None, 0.9])
def test_cells_decide_on_spaces_whatever_the_network_says(p_space):
    (spaces,) = space_probabilities([_line([0.5, 1.5, 3.5, 4.5], p_space=p_space)], np.zeros(2, bool))
    assert (spaces > 0.5).tolist() == [False, True, False]


def test_white_between_cells_says_nothing_of_the_spaces_of_other_rows():
    free = _line(0.5 + np.cumsum([0.0, 0.4, 0.4, 0.9, 0.4, 0.4]), cells=())
    comb = _line(np.arange(10) + 0.5)
    alone, *_ = space_probabilities([free], np.zeros(2, bool))
    beside, *_ = space_probabilities([free, comb, comb, comb], np.zeros(2, bool))
    np.testing.assert_array_equal(alone, beside)
