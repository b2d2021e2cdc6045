"""Rows side by side in images of one size."""

from __future__ import annotations

from itertools import pairwise

import numpy as np
import pytest

from app.vision import COLUMN_PX, STRIP_HEIGHT, Lanes, Place, Strip, pack_strips


def _strip(width, value=255):
    return Strip(np.full((STRIP_HEIGHT, width), value, np.uint8), 0, 1.0)


@pytest.fixture
def strips(rng):
    return [_strip(int(width), number + 1) for number, width in enumerate(rng.integers(1, 40 * COLUMN_PX, 50))]


def test_strips_follow_one_another_a_gap_apart():
    lanes = Lanes(1, 20, gap=2)
    assert lanes.add(_strip(12, 1)) == Place(0, 2, 4)
    assert lanes.add(_strip(7, 2)) == Place(0, 6, 8)  # its second column is begun, and no more
    expected = np.zeros(20 * COLUMN_PX, np.uint8)
    expected[12:24], expected[36:43] = 1, 2
    np.testing.assert_array_equal(lanes.images, np.broadcast_to(expected, (1, STRIP_HEIGHT, 120)))


def test_a_strip_goes_into_the_first_lane_with_room_and_if_there_is_none_nowhere():
    lanes = Lanes(2, 10, gap=1)
    assert lanes.add(_strip(5 * COLUMN_PX)) == Place(0, 1, 6)
    assert lanes.add(_strip(8 * COLUMN_PX)) == Place(1, 1, 9)
    before = lanes.images.copy()
    assert lanes.add(_strip(3 * COLUMN_PX)) is None
    assert lanes.add(_strip(9 * COLUMN_PX)) is None
    np.testing.assert_array_equal(lanes.images, before)
    assert lanes.add(_strip(2 * COLUMN_PX)) == Place(0, 7, 9)


@pytest.mark.parametrize("gap", [0, 1, 7])
@pytest.mark.parametrize("least_columns", [1, 90])
def test_strips_lie_in_lanes_as_their_places_say_and_nothing_else_does(strips, gap, least_columns):
    images, places = pack_strips(strips, gap, least_columns)
    expected = np.zeros_like(images)
    for strip, (lane, start, stop) in zip(strips, places, strict=True):
        assert stop - start == strip.columns
        expected[lane, :, start * COLUMN_PX : start * COLUMN_PX + strip.width] += strip.pixels  # overlaps would add up
    np.testing.assert_array_equal(images, expected)


@pytest.mark.parametrize("gap", [0, 1, 7])
def test_the_gap_is_kept_between_strips_and_at_both_ends(strips, gap):
    images, places = pack_strips(strips, gap, 90)
    columns = images.shape[2] // COLUMN_PX
    assert {place.lane for place in places} == set(range(len(images)))
    for lane in range(len(images)):
        edges = sorted((place.start, place.stop) for place in places if place.lane == lane)
        stops, starts = [0, *(stop for _, stop in edges)], [*(start for start, _ in edges), columns]
        assert all(start - stop >= gap for stop, start in zip(stops, starts, strict=True))


def test_a_lane_is_as_long_as_asked_for_or_as_the_longest_strip_needs():
    for columns, expected in ((10, 30), (28, 30), (29, 31)):
        images, _ = pack_strips([_strip(4 * COLUMN_PX), _strip(columns * COLUMN_PX)], 1, 30)
        assert images.shape[1:] == (STRIP_HEIGHT, expected * COLUMN_PX)


def test_short_strips_share_lanes():
    images, places = pack_strips([_strip(10 * COLUMN_PX)] * 7, 1, 34)
    assert len(images) == 3
    assert all(one != other for one, other in pairwise(sorted(places)))


def test_no_strips_need_no_lanes():
    images, places = pack_strips([], 3, 10)
    assert images.shape == (0, STRIP_HEIGHT, 10 * COLUMN_PX)
    assert places == []
