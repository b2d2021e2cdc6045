"""The angle of a page, from its ink as a whole."""

from __future__ import annotations

import numpy as np
import pytest

from app.datasets.pens.hand import Hand
from app.vision.ink.binarise import ink_levels
from app.vision.layout.skew import skew_deg, squares_deg
from app.vision.writing import find_components
from tests.vision.conftest import write_page

TEXT = ["THE QUICK BROWN", "FOX JUMPS OVER", "A LAZY DOG"]
JOINED = Hand(letter_gap=-0.25)
ANGLES = [-18.0, -7.0, -3.0, 0.0, 3.0, 12.0, 18.0]


def _skew(grey):
    ink = 255 - grey
    return skew_deg(find_components(ink, ink_levels(ink)))


@pytest.mark.parametrize("angle_deg", ANGLES)
@pytest.mark.parametrize("rows", [TEXT, TEXT[:1]], ids=["page", "row"])
@pytest.mark.parametrize("hand", [Hand(), JOINED], ids=["printed", "joined"])
def test_the_angle_of_any_writing_is_seen(rows, hand, angle_deg):
    assert _skew(write_page(rows, hand=hand, angle_deg=angle_deg).grey) == pytest.approx(angle_deg, abs=2.0)


@pytest.mark.parametrize("text", ["WHY", "AVA", "7", "MAX 1"])
def test_few_letters_are_hardly_taken_for_turned(text):
    assert abs(_skew(write_page([text]).grey)) <= 3.0


@pytest.mark.parametrize("angle_deg", [-12.0, 8.0])
@pytest.mark.parametrize("text", ["L", "T"])
def test_a_letter_by_itself_may_lean(text, angle_deg):
    assert _skew(write_page([text], angle_deg=angle_deg).grey) == 0.0


def test_a_blank_page_has_no_angle():
    assert _skew(np.full((50, 80), 250, np.uint8)) == 0.0


def _turned_lines(angle_deg, *, upright=True):
    """Lines 3 pixels broad, 40 apart, level and upright, turned counter-clockwise."""
    y, x = np.mgrid[:500, :700]
    cos, sin = np.cos(np.radians(angle_deg)), np.sin(np.radians(angle_deg))
    return ((y * cos + x * sin) % 40 < 3) | (upright & ((x * cos - y * sin) % 40 < 3))


@pytest.mark.parametrize("angle_deg", ANGLES)
def test_the_angle_of_squares_is_seen(angle_deg):
    assert squares_deg(_turned_lines(angle_deg), 3.0) == pytest.approx(angle_deg, abs=1.0)


def test_lines_in_one_direction_are_no_squares():
    assert squares_deg(_turned_lines(7.0, upright=False), 3.0) == 0.0


def test_specks_are_no_squares(rng):
    assert squares_deg(rng.random((500, 700)) < 0.2, 3.0) == 0.0
