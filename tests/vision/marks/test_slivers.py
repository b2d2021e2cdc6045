"""Strips of the table along the sides of a photograph go, and letters that its sides cut stay."""

from __future__ import annotations

import numpy as np
import pytest

from app.vision.ink.components import Components
from app.vision.marks.slivers import are_slivers

LETTER_PX, STROKE_PX = 40, 5
LETTERS = [(60, 100 + 50 * number, 100, 130 + 50 * number) for number in range(5)]


def _slivers(box, letters=LETTERS, stroke_px=STROKE_PX):
    """Whether a filled piece with this box, beside letters on a page of 200 by 500, is a sliver."""
    boxes = np.array([box, *letters], np.int32)
    image = np.zeros((200, 500), np.int32)
    for number, (top, left, bottom, right) in enumerate(boxes.tolist(), 1):
        image[top:bottom, left:right] = number
    labels = np.arange(1, len(boxes) + 1, dtype=np.int32)
    areas = np.bincount(image.ravel(), minlength=len(boxes) + 1)[1:]
    found = are_slivers(Components(image, labels, boxes, areas, stroke_px), LETTER_PX)
    assert not found[1:].any()
    return bool(found[0])


@pytest.mark.parametrize(
    "box",
    [(0, 200, 5, 300), (195, 200, 200, 300), (30, 0, 120, 12), (30, 488, 120, 500), (150, 2, 170, 4)],
    ids=["above", "below", "left", "right", "short and thin"],
)
def test_what_lies_along_a_side_is_a_sliver(box):
    assert _slivers(box)


@pytest.mark.parametrize(
    "box",
    [(60, 0, 100, 20), (60, 0, 110, 5), (30, 8, 120, 16), (110, 0, 190, 90)],
    ids=["a letter", "an I", "not at the side", "across"],
)
def test_what_may_be_a_letter_or_does_not_lie_along_a_side_is_none(box):
    assert not _slivers(box)


def test_a_long_stroke_close_to_letters_is_theirs():
    assert not _slivers((30, 0, 120, 12), [(60, 30, 100, 60)])


def test_the_arc_of_a_letter_in_a_thick_pen_is_none():
    assert not _slivers((195, 200, 200, 250), stroke_px=12)


def test_a_word_in_one_piece_that_is_cropped_tightly_is_none():
    assert not _slivers((2, 2, 60, 500), [])
    assert not _slivers((2, 2, 60, 300), [(100, 20, 140, 60)])
