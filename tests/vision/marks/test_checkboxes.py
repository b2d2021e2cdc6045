"""Boxes to tick off, and letters that look like them."""

from __future__ import annotations

import numpy as np
import pytest
from PIL import Image, ImageDraw

from app.datasets.pens.hand import Hand
from app.vision import segment
from tests.vision.conftest import write_page

LINES = ["BUY BREAD", "CALL JOE", "WASH UP"]
PIECES = [8, 7, 6]
PAGE = write_page(LINES)


def _with_boxes(grey, *drawn):
    """Put a margin of 100 pixels at the left, with closed lines (x, y), drawn by a pen of 4 pixels, in it."""
    page = Image.fromarray(np.pad(grey, ((0, 0), (100, 0)), constant_values=255))
    pen = ImageDraw.Draw(page)
    for corners in drawn:
        pen.line([*corners, corners[0]], fill=20, width=4, joint="curve")
    return np.asarray(page)


def _middles(grey):
    """Of each row the height on the page."""
    found = segment(grey)
    return [float(np.mean([(piece.box.top + piece.box.bottom) / 2 for piece in row.pieces])) for row in found.rows]


@pytest.mark.parametrize("askew", [0, 4])
def test_boxes_before_the_entries_of_a_list_are_no_letters(askew):
    boxes = [
        [(30, y - 20), (70, y - 20 + askew), (70 - askew, y + 20), (30 + askew, y + 20 - askew)]
        for y in _middles(PAGE.grey)
    ]
    assert [len(row.pieces) for row in segment(_with_boxes(PAGE.grey, *boxes)).rows] == PIECES


def test_a_ring_is_a_letter():
    turns = np.linspace(0, 2 * np.pi, 40)
    rings = [[(50 + 20 * np.cos(t), y + 20 * np.sin(t)) for t in turns] for y in _middles(PAGE.grey)]
    found = segment(_with_boxes(PAGE.grey, *rings))
    assert [len(row.pieces) for row in found.rows] == [count + 1 for count in PIECES]


@pytest.mark.parametrize("pen", [0.05, 0.1, 0.2])
def test_letters_and_digits_are_no_boxes(pen):
    lines = ["ABDEOQ", "08BDRP", "HNUMWZ"]
    assert [len(row.pieces) for row in segment(write_page(lines, hand=Hand(pen=pen)).grey).rows] == [6, 6, 6]
