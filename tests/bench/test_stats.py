from __future__ import annotations

import pytest

from bench.stats import Line, percentile


def test_a_percentile_lies_straight_between_the_two_nearest_values():
    assert percentile([4.0, 1.0, 3.0, 2.0], 50) == 2.5
    assert percentile([float(value) for value in range(101)], 95) == 95.0
    assert percentile([7.0], 95) == 7.0


def test_points_on_a_line_give_back_that_line():
    line = Line.fit([1, 2, 5], [5, 8, 17])
    assert (line.slope, line.intercept, line.r2) == pytest.approx((3, 2, 1))


def test_points_off_a_line_give_the_line_of_least_squares():
    # By hand: means 2 and 3; slope ((-1)(-2) + 0(3) + (1)(-1)) / 2; explained 0.25 * 2 of a variance of 14.
    line = Line.fit([1, 2, 3], [1, 6, 2])
    assert (line.slope, line.intercept) == pytest.approx((0.5, 2.0))
    assert line.r2 == pytest.approx(0.5 / 14)


def test_a_level_line_explains_all_that_there_is():
    line = Line.fit([1, 2, 3], [4, 4, 4])
    assert (line.slope, line.intercept, line.r2) == (0, 4, 1)
