"""Rows whose letters touch those above and below them."""

from __future__ import annotations

import numpy as np
import pytest

from app.vision.ink.binarise import Levels
from app.vision.layout.pressed_rows import cut_pressed_rows
from app.vision.writing import find_components
from tests.vision.conftest import COLUMNS, LETTER, ROWS, SQUARE, letters_in_squares

LEVELS = Levels(faint=60, sure=120)


@pytest.mark.parametrize("fall", [0.0, 0.05])
def test_columns_of_touching_letters_are_cut_into_letters(fall):
    ink = letters_in_squares(fall)
    components = find_components(ink, LEVELS)
    assert len(components) == COLUMNS
    assert any(
        len(each) == ROWS * COLUMNS and (each.heights <= SQUARE + 5).all() for each in cut_pressed_rows(components, ink)
    )


def test_no_ink_is_lost_in_cuts():
    ink = letters_in_squares()
    components = find_components(ink, LEVELS)
    tries = cut_pressed_rows(components, ink)
    assert tries
    assert {each.areas.sum() for each in tries} == {components.areas.sum()}


def test_letters_too_low_for_two_rows_in_their_pen_are_not_cut():
    ink = letters_in_squares(pen_px=8)
    for row in range(ROWS):
        ink[40 + row * SQUARE + LETTER :][: SQUARE - LETTER] = 0
    components = find_components(ink, LEVELS)
    assert len(components) == ROWS * COLUMNS
    assert cut_pressed_rows(components, ink) == []


def test_a_page_without_ink_has_no_rows_to_cut():
    ink = np.zeros((50, 50), np.uint8)
    assert cut_pressed_rows(find_components(ink, LEVELS), ink) == []
