"""The angle of a page, from its ink as a whole."""

from __future__ import annotations

import numpy as np
import pytest

from app.datasets.pens.hand import Hand
from app.vision.ink.binarise import ink_levels
from app.vision.layout.skew import skew_deg
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


def test_a_blank_page_has_no_angle():
    assert _skew(np.full((50, 80), 250, np.uint8)) == 0.0
