"""Rows that are next to each other become one region."""

from __future__ import annotations

import pytest

from app.ocr.judgement.regions import regions
from app.vision import Box

ROW = Box(100, 50, 120, 400)


def test_rows_below_one_another_are_one_region():
    assert regions([Box(160, 60, 180, 420), ROW, Box(130, 50, 150, 300)]) == [Box(100, 50, 180, 420)]


@pytest.mark.parametrize("other", [Box(300, 50, 320, 400), Box(100, 600, 120, 900), Box(10, 50, 30, 400)])
def test_rows_far_apart_stay_apart(other):
    assert regions([ROW, other]) == sorted([ROW, other])


def test_a_row_between_two_regions_joins_them():
    left, right = Box(100, 0, 120, 100), Box(100, 200, 120, 300)
    assert regions([left, right]) == [left, right]
    assert regions([left, right, Box(110, 120, 130, 180)]) == [Box(100, 0, 130, 300)]


def test_no_rows_are_no_region():
    assert regions([]) == []
