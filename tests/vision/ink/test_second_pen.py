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


def _blurred(grey, radius_px):
    return ndimage.gaussian_filter(grey.astype(np.float32), radius_px).astype(np.uint8)


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
    found = segment(_page(write_page(DARK).grey, _pale(_blurred(back, 3.0), 0.6)))
    assert [len(row.pieces) for row in found.rows] == _letters(DARK)


def test_a_few_pale_marks_are_no_writing():
    found = segment(_page(write_page(DARK).grey, _pale(write_page(["IIV"]).grey, 0.4)))
    assert [len(row.pieces) for row in found.rows] == _letters(DARK)


def test_a_dry_marker_whose_edges_are_soft_is_found():
    ink, marker = _blurred(write_page(DARK).grey, 1.0), _pale(_blurred(write_page(PALE).grey, 1.5), 0.45)
    assert len(segment(_page(ink, marker)).rows) == len(DARK + PALE)


def test_pencil_that_is_less_than_three_times_as_dark_as_noise_is_found(rng):
    page = _page(write_page(DARK).grey, _pale(write_page(PALE).grey, 0.4))
    noisy = np.clip(0.9 * page + rng.normal(0, 4, page.shape), 0, 255).astype(np.uint8)
    assert [len(row.pieces) for row in segment(noisy).rows] == _letters(DARK + PALE)
