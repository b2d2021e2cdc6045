"""Words that are crossed out, and lines that cross nothing out."""

from __future__ import annotations

import numpy as np
import pytest
from PIL import Image, ImageDraw

from app.vision import Box, segment
from tests.vision.conftest import write_page

PAGE = write_page(["KEEP THIS", "REMOVE", "AND THAT"])
PIECES = [len(boxes) for boxes in PAGE.boxes]
WORD = Box.around(PAGE.boxes[1])


def _drawn(*points, grey=PAGE.grey):
    image = Image.fromarray(grey)
    ImageDraw.Draw(image).line(points, fill=0, width=4)
    return np.asarray(image)


@pytest.mark.parametrize("rise", [0, 5], ids=["level", "wavering"])
def test_a_word_with_a_stroke_through_it_is_told_of_and_not_read(rise):
    y = (WORD.top + WORD.bottom) // 2 + 4
    quarter = WORD.width // 4
    points = [(WORD.left - 6 + step * (quarter + 3), y + (rise if step % 2 else 0)) for step in range(5)]
    found = segment(_drawn(*points))
    assert [len(row.pieces) for row in found.rows] == [PIECES[0], PIECES[2]]
    [box] = found.struck_out
    assert box.left <= WORD.left
    assert box.right >= WORD.right
    assert box.top >= WORD.top - 4
    assert box.bottom <= WORD.bottom + 4


def test_a_word_with_two_strokes_through_it_is_told_of_once():
    grey, middle = PAGE.grey, (WORD.top + WORD.bottom) // 2
    for y in (middle - 6, middle + 8):
        grey = _drawn((WORD.left - 4, y), (WORD.right + 4, y), grey=grey)
    found = segment(grey)
    assert [len(row.pieces) for row in found.rows] == [PIECES[0], PIECES[2]]
    assert len(found.struck_out) == 1


def test_a_stroke_that_takes_nothing_from_the_row_is_not_told_of():
    """Through a third of joined writing, here one piece of twenty strokes up and down, which is read all the same."""
    joined = [(150 + 30 * step, 80 + 60 * (step % 2)) for step in range(21)]
    page = _drawn(*joined, grey=np.full((220, 900), 255, np.uint8))
    found = segment(_drawn((145, 110), (355, 110), grey=page))
    assert not found.struck_out
    assert len(found.rows) == 1


@pytest.mark.parametrize("place", ["below", "twice below", "across the page"])
def test_an_underline_and_a_rule_strike_nothing_out(place):
    if place != "across the page":
        points = [(WORD.left, WORD.bottom - 1), (WORD.right, WORD.bottom - 1)]
        if place == "twice below":
            points += [(WORD.right, WORD.bottom + 11), (WORD.left, WORD.bottom + 11)]
    else:
        y = (WORD.top + WORD.bottom) // 2 + 4
        points = [(0, y), (PAGE.grey.shape[1], y)]
    found = segment(_drawn(*points))
    assert not found.struck_out
    assert len(found.rows) == 3


def test_plain_writing_is_not_struck_out():
    assert not segment(PAGE.grey).struck_out
