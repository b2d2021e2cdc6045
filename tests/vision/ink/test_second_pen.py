"""Two pens on one page, and what only looks like a second one."""

from __future__ import annotations

import numpy as np
import pytest
from scipy import ndimage

from app.vision import segment
from app.vision.ink.second_pen import with_pens_alike
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


@pytest.mark.parametrize("share", [0.55, 0.4, 0.25, 0.15])
def test_a_paler_pen_is_found_beside_a_darker_one(share):
    found = segment(_page(write_page(DARK).grey, _pale(write_page(PALE).grey, share)))
    assert [len(row.pieces) for row in found.rows] == _letters(DARK + PALE)


@pytest.mark.parametrize("share", [0.6, 0.25])
def test_what_shows_through_from_the_back_is_no_second_pen(share):
    back = write_page(PALE).grey[:, ::-1]
    found = segment(_page(write_page(DARK).grey, _pale(_blurred(back, 3.0), share)))
    assert [len(row.pieces) for row in found.rows] == _letters(DARK)


def test_a_few_pale_marks_are_no_writing():
    found = segment(_page(write_page(DARK).grey, _pale(write_page(["IIV"]).grey, 0.4)))
    assert [len(row.pieces) for row in found.rows] == _letters(DARK)


def test_a_dry_marker_whose_edges_are_soft_is_found():
    ink, marker = _blurred(write_page(DARK).grey, 1.0), _pale(_blurred(write_page(PALE).grey, 1.5), 0.45)
    assert len(segment(_page(ink, marker)).rows) == len(DARK + PALE)


def test_a_soft_broad_pen_is_found_if_it_is_not_very_pale():
    """Beside small print a pen of twice its width has softer edges."""
    print_, pen = _blurred(write_page(DARK).grey, 0.7), _pale(_blurred(write_page(PALE).grey, 1.1), 0.44)
    assert len(segment(_page(print_, pen)).rows) == len(DARK + PALE)


def test_pencil_that_is_less_than_three_times_as_dark_as_noise_is_found(rng):
    page = _page(write_page(DARK).grey, _pale(write_page(PALE).grey, 0.4))
    noisy = np.clip(0.9 * page + rng.normal(0, 4, page.shape), 0, 255).astype(np.uint8)
    assert [len(row.pieces) for row in segment(noisy).rows] == _letters(DARK + PALE)


def test_darker_writing_is_no_bolder_beside_a_paler_pen():
    dark = _blurred(write_page(DARK).grey, 1.5)
    alone, beside = segment(dark), segment(_page(dark, _pale(_blurred(write_page(PALE).grey, 1.5), 0.2)))
    assert len(beside.rows) == len(DARK + PALE)
    place = np.s_[: len(dark), : dark.shape[1]]
    before, now = (page.ink[place] >= beside.levels.faint for page in (alone, beside))
    assert np.count_nonzero(before != now) < 0.01 * np.count_nonzero(before)


def test_a_pencil_on_the_lines_of_a_form_is_found():
    form = _page(write_page(DARK).grey, _pale(write_page(PALE).grey, 0.2))
    bottom = np.flatnonzero((form < 255).any(axis=1))[-1]
    form[bottom + 1 : bottom + 4, 20:-20] = 0  # where the letters of the last row stand
    assert len(segment(form).rows) == len(DARK + PALE)


def test_specks_as_sharp_as_a_paler_pen_are_no_letters(rng):
    page = _page(write_page(DARK).grey, np.full((200, 400), 255, np.uint8))
    alone = segment(page)
    below = len(page) - 200
    for y, x in zip(rng.integers(below, len(page) - 4, 150), rng.integers(0, 396, 150), strict=True):
        page[y : y + 4, x : x + 4] = 200
    found = segment(page)
    assert with_pens_alike(found.ink, found.levels, found.components) is not found.ink  # there are enough of them
    assert [len(row.pieces) for row in found.rows] == [len(row.pieces) for row in alone.rows] == _letters(DARK)


def test_pieces_less_than_four_strokes_high_are_crumbs_and_no_letters(rng):
    page = _page(write_page(DARK).grey, np.full((300, 400), 255, np.uint8))
    alone = segment(page)
    stroke = round(alone.components.stroke_px)
    for y in range(len(page) - 290, len(page) - 40, 45):
        for x in range(10, 380, 30):
            left = x + rng.integers(0, 20)
            page[y : y + round(3.5 * stroke), left : left + stroke] = 200
    found = segment(page)
    assert with_pens_alike(found.ink, found.levels, found.components) is not found.ink  # there are enough of them
    assert [len(row.pieces) for row in found.rows] == _letters(DARK)


def test_pale_uprights_of_a_table_are_not_looked_at_again():
    page = _page(write_page(DARK).grey, np.full((200, 400), 255, np.uint8))
    page[-190:-10, 20:-20:30] = page[-190:-10, 21:-20:30] = page[-190:-10, 22:-20:30] = 200
    found = segment(page)
    assert with_pens_alike(found.ink, found.levels, found.components) is found.ink
