from __future__ import annotations

import numpy as np
import pytest

from app.vision import Box, Picture, cut_region


@pytest.fixture
def picture(rng):
    return Picture(rng.integers(0, 256, (100, 200), np.uint8), 400, 200)  # the upload is twice as large


def test_a_region_has_the_pixels_of_the_page_and_a_margin(picture):
    region = cut_region(picture, Box(80, 160, 120, 240))
    assert region.box == Box(50, 130, 150, 270)
    np.testing.assert_array_equal(region.grey, picture.grey[25:75, 65:135])


def test_the_box_lies_in_the_region_where_it_lay_on_the_page(picture):
    box = Box(80, 160, 120, 240)
    region = cut_region(picture, box)
    inside = region.inside(box)
    place = (slice(inside.top, inside.bottom), slice(inside.left, inside.right))
    np.testing.assert_array_equal(region.grey[place], picture.grey[40:60, 80:120])


def test_at_the_edge_of_the_page_the_region_ends(picture):
    region = cut_region(picture, Box(0, 300, 100, 400))
    assert region.box == Box(0, 224, 176, 400)
    assert region.inside(Box(0, 300, 100, 400)) == Box(0, 38, 50, 88)
