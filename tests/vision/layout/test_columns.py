"""Blocks of writing beside each other, and rows that only look like it."""

from __future__ import annotations

import numpy as np
import pytest

from app.datasets.pens.hand import Hand
from app.vision import deslanted, segment
from app.vision.affine import rotated_back
from app.vision.layout.columns import find_columns
from tests.vision.conftest import write_page

LEFT = ["THE FIRST COLUMN", "HAS FIVE LINES OF", "ITS OWN AND IS", "READ TO ITS END", "BEFORE ANY OTHER"]
RIGHT = ["WHAT IS BESIDE IT", "COMES AFTERWARDS", "WHEREVER ITS OWN", "LINES MAY STAND"]


def _column(lines):
    return write_page(lines).grey


def _beside(left, right, *, lower=0, white=40):
    """Put pages beside each other, the second lower by some pixels."""
    height = max(left.shape[0], right.shape[0] + lower)
    page = np.full((height, left.shape[1] + white + right.shape[1]), 255, np.uint8)
    page[: left.shape[0], : left.shape[1]] = left
    page[lower : lower + right.shape[0], left.shape[1] + white :] = right
    return page


def _widths(page):
    """How many letters each row has, in the order in which the rows are read."""
    return [len(row.pieces) for row in segment(page).rows]


def _letters(lines):
    return [len(line.replace(" ", "")) for line in lines]


@pytest.mark.parametrize("lower", [15, 30])
def test_columns_are_read_one_after_the_other_wherever_their_lines_stand(lower):
    page = _beside(_column(LEFT), _column(RIGHT), lower=lower)
    assert _widths(page) == _letters(LEFT) + _letters(RIGHT)
    assert [row.block for row in segment(page).rows] == [0] * len(LEFT) + [1] * len(RIGHT)


def test_long_lines_are_those_of_columns_though_they_stand_at_one_height():
    left, right = [f"{line} AND ON IT GOES" for line in LEFT], [f"{line} AND ON IT GOES" for line in RIGHT]
    assert _widths(_beside(_column(left), _column(right))) == _letters(left) + _letters(right)


@pytest.mark.parametrize("lower", [(25, 50), (30, 5)])
def test_three_columns_are_three(lower):
    page = _beside(_beside(_column(LEFT), _column(RIGHT), lower=lower[0]), _column(LEFT[::-1]), lower=lower[1])
    assert _widths(page) == _letters(LEFT) + _letters(RIGHT) + _letters(LEFT[::-1])


def test_what_stands_over_columns_and_under_them_is_read_before_and_after():
    heading, footer = _column(["A HEADING OVER BOTH OF THE COLUMNS"]), _column(["AND A LINE BELOW THEM BOTH"])
    body = _beside(_column(LEFT), _column(RIGHT), lower=20)
    wide = max(part.shape[1] for part in (heading, body, footer))
    parts = [np.pad(part, ((0, 0), (0, wide - part.shape[1])), constant_values=255) for part in (heading, body, footer)]
    lines = ["A HEADING OVER BOTH OF THE COLUMNS", *LEFT, *RIGHT, "AND A LINE BELOW THEM BOTH"]
    assert _widths(np.concatenate(parts)) == _letters(lines)


@pytest.mark.parametrize(
    "over, under", [("Minimum, in it.", '"One, in it," it is'), ("(No. 12; or so,", "- i, j: ii!")]
)
def test_marks_of_a_heading_and_of_what_follows_stay_with_them(over, under):
    wide = [f"{line} as well as it may" for line in (over, under)]
    heading, footer = (_column([line, line]) for line in wide)
    body = _beside(_column(LEFT), _column(RIGHT), lower=20)
    width = max(part.shape[1] for part in (heading, body, footer))
    parts = [np.pad(p, ((0, 0), (0, width - p.shape[1])), constant_values=255) for p in (heading, body, footer)]
    rows = segment(np.concatenate(parts)).rows
    alone = [len(row.pieces) for row in segment(heading).rows], [len(row.pieces) for row in segment(footer).rows]
    assert [len(row.pieces) for row in rows] == [*alone[0], *_letters(LEFT), *_letters(RIGHT), *alone[1]]


def test_a_mark_at_the_end_of_the_longest_line_stays_on_its_side():
    left = [*LEFT[:2], f"{LEFT[2]} LONG -", *LEFT[3:4], f"{LEFT[4]}, ..."]
    alone = _widths(_column(left))
    assert _widths(_beside(_column(left), _column(RIGHT), lower=20, white=90)) == alone + _letters(RIGHT)


def test_every_piece_is_in_one_block():
    found = segment(_beside(_column(LEFT), _column(RIGHT), lower=20))
    blocks = find_columns(found.components, found.slope)
    assert len(blocks) == 2
    np.testing.assert_array_equal(np.sort(np.concatenate(blocks)), np.arange(len(found.components)))


def test_columns_are_found_again_on_a_page_whose_strokes_were_made_upright():
    lines = [*LEFT, *RIGHT] * 2
    left, right = (write_page(part, hand=Hand(slant_deg=25)).grey for part in (lines, lines[::-1]))
    found = deslanted(segment(_beside(left, right, lower=20)), float(np.tan(np.radians(25))))
    assert len(find_columns(found.components, found.slope, found.view.slant)) == 2
    assert len(find_columns(found.components, found.slope)) == 1
    assert [len(row.pieces) for row in found.rows[:9]] == _letters(lines[:9])


def test_columns_half_a_line_apart_do_not_make_a_page_look_turned():
    found = segment(_beside(_column(LEFT), _column(RIGHT), lower=20, white=120))
    assert found.turned_deg == 0


@pytest.mark.parametrize("angle_deg", [2, 8])
def test_columns_of_a_turned_page_are_found(angle_deg):
    page = 255 - rotated_back(255 - _beside(_column(LEFT), _column(RIGHT), lower=20, white=120), angle_deg)[0]
    assert _widths(page) == _letters(LEFT) + _letters(RIGHT)


@pytest.mark.parametrize(
    "left, right",
    [
        (["NAME", "STREET", "TOWN", "TEL"], ["ADA HILL", "7 MILL LANE", "YORK", "01904 55"]),  # a form
        (["FLOUR 12", "EGGS 6", "MILK 2", "TEA 1"], ["EUR 3.10", "EUR 2.20", "EUR 1.90", "EUR 4.00"]),  # a table
        (["1", "2", "3", "4"], RIGHT),  # a numbered list
        (LEFT[:2], RIGHT[:2]),  # too few lines to tell
    ],
)
def test_what_is_to_be_read_across_is_one_block(left, right):
    found = segment(_beside(_column(left), _column(right), white=80))
    assert len(find_columns(found.components, found.slope)) == 1
    assert len(found.rows) == len(left)


def test_a_table_of_many_cells_is_one_block_however_long_its_halves_are():
    cells = [["FLOUR 12 KG", "EUR 3.10", "SHELF A", "KITCHEN"], ["EGGS 6 OF", "EUR 2.20", "SHELF B", "KITCHEN"]] * 3
    columns = [_column([row[place] for row in cells]) for place in range(4)]
    page = _beside(_beside(columns[0], columns[1]), _beside(columns[2], columns[3]))
    found = segment(page)
    assert len(find_columns(found.components, found.slope)) == 1
    assert len(found.rows) == 6


def test_what_begins_at_no_margin_is_no_column():
    line = np.pad(_column(["YORK AND ALL"]), ((0, 0), (0, 400)), constant_values=255)
    stairs = np.concatenate([np.roll(line, 90 * place, axis=1) for place in range(5)])
    found = segment(_beside(_column(LEFT), stairs, lower=20))
    assert len(find_columns(found.components, found.slope)) == 1


def test_rows_of_letters_far_apart_are_no_columns():
    page = write_page(["M A K E A", "G R I D O", "F L E T T"], hand=Hand(letter_gap=2.0, word_gap=3.0)).grey
    assert _widths(page) == [5, 5, 5]


def test_lines_of_unequal_length_are_one_column():
    lines = ["A LONG LINE THAT GOES ON AND ON", "SHORT", "ANOTHER ONE THAT IS LONGER", "TINY", "AND SO IT ENDS HERE"]
    found = segment(_column(lines))
    assert len(find_columns(found.components, found.slope)) == 1


def test_a_page_without_ink_is_one_block():
    found = segment(np.full((60, 80), 255, np.uint8))
    assert [block.tolist() for block in find_columns(found.components, 0.0)] == [[]]
