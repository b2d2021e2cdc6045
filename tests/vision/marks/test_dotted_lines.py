"""Dots that are a line are told from those that end a sentence."""

from __future__ import annotations

import numpy as np
import pytest

from app.vision.ink.binarise import Levels
from app.vision.marks.dotted_lines import are_dots_of_lines
from app.vision.writing import find_components, keep_writing

LEVELS = Levels(faint=60, sure=120)


def _page(dots, *, size=4, strokes=((20, 30, 60), (20, 90, 40))):
    """Components of square dots at (x, y), and of upright strokes in a wider pen at (top, left, height)."""
    ink = np.zeros((120, 600), np.uint8)
    for x, y in dots:
        ink[round(y) : round(y) + size, round(x) : round(x) + size] = 200
    for top, left, height in strokes:
        ink[top : top + height, left : left + 5] = 200
    return find_components(ink, LEVELS)


def _dotted(page):
    return are_dots_of_lines(page.boxes, page.stroke_px)


@pytest.mark.parametrize("slope", [0.0, 0.03, -0.02])
@pytest.mark.parametrize("step", [7, 9.5, 12])
def test_the_dots_of_a_line_are_found_and_strokes_are_not(step, slope):
    x = np.arange(120, 520, step)
    page = _page(np.stack([x, 90 + slope * (x - 300)], axis=1))
    np.testing.assert_array_equal(_dotted(page), page.heights < 10)


def test_dotted_lines_are_no_writing():
    page = _page([(x, 90) for x in range(120, 520, 9)])
    assert keep_writing(page).heights.tolist() == [60, 40]


def test_dots_between_letters_that_part_a_line_are_found():
    x = np.arange(120, 520, 9)
    hidden = (x > 300) & (x < 330) | (x > 345) & (x < 400)
    page = _page(np.stack([x, np.full(len(x), 90)], axis=1)[~hidden])
    assert _dotted(page).sum() == np.count_nonzero(~hidden)


def test_a_line_whose_steps_become_shorter_with_the_distance_is_found():
    number = np.arange(60)
    x, y = 40 + 10.5 * number - 0.015 * number**2, 90 - 0.1 * number
    page = _page(np.stack([x, y], axis=1))
    np.testing.assert_array_equal(_dotted(page), page.heights < 10)


def test_a_line_on_bent_paper_is_found_with_what_letters_part():
    x = np.arange(40, 560, 9)
    hidden = (x > 300) & (x < 330) | (x > 360) & (x < 420)
    page = _page(np.stack([x, 80 + 15 * np.cos((x - 300) / 200)], axis=1)[~hidden])
    assert _dotted(page).sum() == np.count_nonzero(~hidden)


def test_a_full_stop_above_a_dotted_line_stays():
    x = np.arange(120, 520, 9)
    page = _page([*((each, 90) for each in x), (200, 75)])
    assert _dotted(page).sum() == len(x)


@pytest.mark.parametrize("what", ["three", "uneven", "not straight", "far apart"])
def test_dots_of_a_hand_stay(what, rng):
    x, y = np.arange(120, 520, 60 if what == "far apart" else 10).astype(float), 90.0
    x = x[:3] if what == "three" else x
    dots = np.stack([x, np.full(len(x), y)], axis=1)
    if what == "uneven":
        dots[:, 0] += rng.normal(0, 2.0, len(x)).cumsum()
    if what == "not straight":
        dots[:, 1] += rng.normal(0, 2.5, len(x))
    assert not _dotted(_page(dots)).any()
