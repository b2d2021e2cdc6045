"""Two pens on one page, and what only looks like a second one."""

from __future__ import annotations

import numpy as np
import pytest
from scipy import ndimage

from app.vision import segment
from tests.vision.conftest import write_page

DARK, PALE = ["WRITTEN IN INK", "ON TWO ROWS"], ["A REMARK BELOW", "BY ANOTHER PEN"]


def _pale(grey, share):
    """The same writing with so much of its darkness."""
    return (255 - share * (255.0 - grey)).astype(np.uint8)


def _letters(lines):
    return [len(line.replace(" ", "")) for line in lines]


def _page(above, below):
    width = max(above.shape[1], below.shape[1])
    padded = [np.pad(part, ((0, 0), (0, width - part.shape[1])), constant_values=255) for part in (above, below)]
    return np.concatenate(padded)


@pytest.mark.parametrize("share", [0.55, 0.4])
def test_a_paler_pen_is_found_beside_a_darker_one(share):
    found = segment(_page(write_page(DARK).grey, _pale(write_page(PALE).grey, share)))
    assert [len(row.pieces) for row in found.rows] == _letters(DARK + PALE)


def test_what_shows_through_from_the_back_is_no_second_pen():
    back = write_page(PALE).grey[:, ::-1]
    blurred = ndimage.gaussian_filter(back.astype(np.float32), 3.0)
    found = segment(_page(write_page(DARK).grey, _pale(blurred, 0.6)))
    assert [len(row.pieces) for row in found.rows] == _letters(DARK)


def test_a_few_pale_marks_are_no_writing():
    found = segment(_page(write_page(DARK).grey, _pale(write_page(["IIV"]).grey, 0.4)))
    assert [len(row.pieces) for row in found.rows] == _letters(DARK)
