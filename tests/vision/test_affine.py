"""Turning a picture, and finding the way back."""

from __future__ import annotations

import numpy as np
import pytest

from app.vision import Affine, Box, warped
from app.vision.affine import may_rotate_back, may_shear_back, rotated_back, sheared_back

PLACES = np.array([[0.0, 0.0], [7.0, 2.5], [3.0, 11.0]])


@pytest.fixture
def speckled(rng):
    return rng.integers(0, 256, (7, 12), np.uint8)


@pytest.mark.parametrize("quarters", range(5))
def test_quarters_lose_nothing_and_their_way_back_is_exact(speckled, quarters):
    turned, way = rotated_back(np.rot90(speckled, quarters), 90 * quarters)
    np.testing.assert_array_equal(turned, speckled)
    box = Box(2, 3, 4, 8)
    there = box.turned(quarters, speckled.shape)
    assert way.keeps_boxes
    np.testing.assert_array_equal(way.around_box(box, turned), there)
    np.testing.assert_array_equal(
        np.rot90(speckled[box.top : box.bottom, box.left : box.right], quarters),
        np.rot90(speckled, quarters)[there.top : there.bottom, there.left : there.right],
    )


@pytest.mark.parametrize("angle_deg", [-33.0, -5.0, 0.5, 18.0, 101.0])
def test_what_is_marked_is_found_again_after_a_turn(angle_deg):
    marked = np.zeros((60, 90), np.uint8)
    marked[20:26, 61:64] = 255
    turned, way = rotated_back(marked, angle_deg)
    middle = np.argwhere(turned > 127).mean(axis=0)[::-1] + 0.5
    np.testing.assert_allclose(way.linear @ middle + way.shift, (62.5, 23.0), atol=0.5)


@pytest.mark.parametrize("angle_deg", [-40.0, 7.0])
def test_no_corner_is_lost(angle_deg):
    turned, _ = rotated_back(np.full((40, 70), 200, np.uint8), angle_deg)
    assert (turned > 100).sum() == pytest.approx(40 * 70, rel=0.01)
    assert turned[0, 0] == turned[-1, -1] == 0


def test_a_box_turned_askew_is_tight_around_the_ink_in_it():
    ink = np.zeros((60, 60), np.uint8)
    ink[10:50, 29:31] = 1  # a stroke in the middle of a wide box
    way = Affine.rotation(20.0, ink.shape, ink.shape)
    top, left, bottom, right = way.around_box(Box(10, 10, 50, 50), ink)
    assert (bottom - top, right - left) == pytest.approx((40 * 0.94 + 2 * 0.34, 40 * 0.34 + 2 * 0.94), abs=0.1)
    whole = way.around_box(Box(10, 0, 50, 20), ink)  # no ink in there: all of it
    assert whole[2] - whole[0] == pytest.approx(40 * 0.94 + 20 * 0.34, abs=0.1)


def test_maps_follow_one_another_and_lead_back():
    turn, scaling = Affine.rotation(30.0, (20, 30), (40, 41)), Affine.scaling(2.0, 0.5)
    both = turn.after(scaling)
    np.testing.assert_allclose(both.around(PLACES), turn.around(PLACES * [2.0, 0.5]))
    np.testing.assert_allclose(both.inverse().after(both).around(PLACES), (0, 0, 11, 7), atol=1e-12)
    assert both.stretch == pytest.approx(2.0)


def test_a_picture_is_drawn_where_the_way_says(speckled):
    drawn = warped(speckled, Affine.scaling(1 / 3, 1 / 2), (14, 36))
    np.testing.assert_array_equal(drawn, np.kron(speckled, np.ones((2, 3), np.uint8)))
    colour = np.repeat(speckled[..., None], 3, axis=2)
    assert warped(colour, Affine.rotation(0.0, (9, 14), (7, 12)), (9, 14), fill=(1, 2, 3))[0, 0].tolist() == [1, 2, 3]


def test_only_a_large_strip_becomes_too_large_when_it_is_turned_or_leant_back():
    assert may_rotate_back((1400, 1000), 14)
    assert may_rotate_back((1000, 1400), -14)
    assert may_rotate_back((1000, 80), 12)  # many times as large, and small all the same
    assert not may_rotate_back((20000, 40), -12)
    assert may_shear_back((6000, 4000), 0.8)
    assert may_shear_back((6000, 4000), -0.8)
    assert may_shear_back((1144, 254), 0.7)
    assert not may_shear_back((20000, 40), 0.2)
    assert not may_shear_back((20000, 40), -0.2)


@pytest.mark.parametrize("height, angle_deg, slant", [(20000, 2.7, 0.049), (20000, 2.9, 0.051)])
def test_it_is_decided_by_the_size_that_the_picture_gets(height, angle_deg, slant):
    """20 megapixels are the most."""
    picture = np.zeros((height, 20), np.uint8)
    turned, leant = rotated_back(picture, angle_deg)[0], sheared_back(picture, -slant)[0]
    assert may_rotate_back(picture.shape, angle_deg) == (turned.size <= 20_000_000)
    assert may_shear_back(picture.shape, -slant) == (leant.size <= 20_000_000)
