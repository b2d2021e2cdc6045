"""The first pass over a page, and what of it is seen again."""

from __future__ import annotations

import numpy as np
import pytest

from app.datasets.pens.hand import Hand
from app.ocr.first_pass import first_pass, rows_apart
from app.ocr.orientation import Legibility
from app.ocr.stages import Stages
from app.vision import PageInk
from tests.vision.conftest import ROWS, letters_in_squares, write_page


class _Eyes:
    """Stands for the networks: is as sure of every row as it is told, and notes how many rows it is shown at a time."""

    first_stage = "spell"

    def __init__(self, *sure):
        self._sure = list(sure)
        self.shown = []

    def predict(self, rows):
        self.shown.append(len(rows))
        sure = self._sure.pop(0) if len(self._sure) > 1 else self._sure[0]
        return [np.full(10, np.log(sure)) for _ in rows]

    def certainty(self, rows, seen, *, roughly=False):
        return np.concatenate([np.zeros(0), *seen])

    def legibility(self, rows, seen):
        return Legibility(self.certainty(rows, seen))


def _first_pass(grey, eyes):
    stages = Stages(lambda: None)
    return first_pass(PageInk(grey), eyes, stages), stages.timing_ms


def test_a_page_without_ink_is_not_turned_to_look_for_some():
    page, timing_ms = _first_pass(np.full((200, 300), 230, np.uint8), _Eyes(0.5))
    assert page.found.rows == []
    assert "orient" not in timing_ms


def test_a_page_that_is_read_well_is_looked_at_once():
    eyes = _Eyes(0.95)
    assert len(_first_pass(write_page(["STAND", "UPRIGHT"]).grey, eyes)[0].seen) == 2
    assert eyes.shown == [2]


@pytest.fixture
def leaning():
    """More rows than it takes to tell whether they are easier to read upright."""
    return write_page(["THESE ROWS LEAN FAR TO THE RIGHT"] * 16, hand=Hand(slant_deg=30)).grey


def test_of_a_page_no_easier_to_read_upright_few_rows_are_shown_so(leaning):
    eyes = _Eyes(0.7)
    page, _ = _first_pass(leaning, eyes)
    assert page.found.view.slant == 0
    assert eyes.shown[0] == 16
    assert 0 < eyes.shown[1] < 16
    assert 16 not in eyes.shown[1:]


def test_a_page_easier_to_read_upright_is_shown_so_in_all(leaning):
    eyes = _Eyes(0.7, 0.95)
    page, _ = _first_pass(leaning, eyes)
    assert page.found.view.slant > 0.3
    assert eyes.shown[1] < eyes.shown[2] == len(page.seen) == 16
    assert page.as_it_came is not None
    assert page.as_it_came.found.view.slant == 0


def test_a_page_of_which_only_the_longest_rows_are_easier_to_read_upright_stays(leaning):
    eyes = _Eyes(0.7, 0.95, 0.7)
    page, _ = _first_pass(leaning, eyes)
    assert page.found.view.slant == 0
    assert page.as_it_came is None
    assert eyes.shown[2] == 16


@pytest.fixture
def pressed():
    """Rows whose letters touch those above and below, so that each column of them is one piece."""
    return 255 - letters_in_squares()


def test_rows_whose_letters_touch_are_cut_apart_if_they_are_easier_to_read_so(pressed):
    page, _ = _first_pass(pressed, _Eyes(0.6))
    assert len(page.found.rows) == 1
    apart = rows_apart(page, _Eyes(0.95), Stages(lambda: None))
    assert apart is not None
    assert len(apart.found.rows) == ROWS
    assert apart.found.view.rows_apart > 0


def test_a_page_no_easier_to_read_with_its_rows_cut_apart_stays(pressed):
    page, _ = _first_pass(pressed, _Eyes(0.6))
    assert rows_apart(page, _Eyes(0.6), Stages(lambda: None)) is None
