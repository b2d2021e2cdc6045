"""What was written into the cells of a form has spaces only where one was left empty."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from app.ocr.line import Line
from app.ocr.priors.cell_spacing import space_between_cells, space_between_squares
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


NO_MARKS = np.zeros(2, bool)


def _in_squares(*places, p_space=None):
    """Rows with a character in each of some squares, a little off the middle."""
    off = np.random.default_rng(0).normal(0.5, 0.06, 100)
    return [_line(np.array(row) + off[: len(row)], cells=(), p_space=p_space) for row in places]


@pytest.mark.parametrize("p_space", [None, 0.6])
def test_on_squared_paper_a_space_is_an_empty_square(p_space):
    lines = _in_squares([0, 1, 2, 4, 5], [0, 1, 3, 5, 6, 7], [0, 1, 2, 3, 4])
    spaces = space_between_squares(lines)
    assert [(row > 0.5).tolist() for row in spaces] == [
        (np.diff([b.left for b in r.boxes]) > 45).tolist() for r in lines
    ]


def test_figures_that_fill_their_squares_have_no_space_whatever_the_network_says_of_some():
    lines = _in_squares(range(9), range(7))
    doubtful = [np.where(np.arange(n) % 3 == 0, 0.9, 0.2) for n in (8, 6)]
    lines = [replace(line, p_space=p_space) for line, p_space in zip(lines, doubtful, strict=True)]
    assert not any((row > 0.5).any() for row in space_probabilities(lines, NO_MARKS))


@pytest.mark.parametrize("apart", [1.4, 1.5, 1.6])
def test_of_even_figures_those_that_are_no_whole_number_of_squares_apart_are_left_to_the_network(apart):
    lines = _in_squares([*range(8), *(7 + apart + np.arange(6))], range(7), p_space=0.05)
    spaces = np.where(np.arange(13) == 7, 0.95, 0.05)
    lines[0] = replace(lines[0], p_space=spaces)
    found = space_probabilities(lines, NO_MARKS)
    assert [np.flatnonzero(row > 0.5).tolist() for row in found] == [[7], []]


def test_characters_that_all_have_spaces_behind_them_stand_for_themselves():
    lines = _in_squares(range(9), range(7), p_space=0.95)
    assert all((row > 0.5).all() for row in space_probabilities(lines, NO_MARKS))


def test_uneven_steps_are_no_squares(rng):
    free = [_line(np.cumsum(rng.uniform(0.5, 1.2, 12)), cells=()) for _ in range(3)]
    assert np.isnan(np.concatenate(space_between_squares(free))).all()


def test_a_few_even_steps_are_no_squares():
    assert np.isnan(np.concatenate(space_between_squares(_in_squares([0, 1, 2, 4, 5])))).all()


@pytest.mark.parametrize("lines", [[], [_line([0.5], cells=())]], ids=["no row", "one character"])
def test_no_page_is_too_short_for_squares(lines):
    assert [len(row) for row in space_between_squares(lines)] == [0] * len(lines)
