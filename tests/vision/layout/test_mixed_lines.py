"""What of two sizes stands on one line, and where on it one size ends."""

from __future__ import annotations

import numpy as np
import pytest

from app.vision.layout.mixed_lines import TwoSizes

LARGE, SMALL = 50.0, 17.0


def _write(left, baseline, height, letters, low=()):
    """Boxes of letters half as wide as high, a fifth apart; those of the numbers `low` are points."""
    lefts = left + 0.7 * height * np.arange(letters)
    boxes = np.stack([np.full(letters, baseline - height), lefts, np.full(letters, baseline), lefts + height / 2], 1)
    for number in low:
        boxes[number, [0, 3]] = baseline - 0.1 * height, lefts[number] + 0.1 * height
    return boxes


def _lines(large, small):
    """Each line as its parts: the height of the letters, and where its first piece begins and its last one."""
    boxes = [*large, *small]
    rows = np.split(np.arange(sum(map(len, boxes))), np.cumsum([len(row) for row in boxes])[:-1])
    every = np.concatenate(boxes)
    lines = TwoSizes(every, LARGE, SMALL).lines(rows[: len(large)], rows[len(large) :])
    return [[(part.letter_px, *every[part.pieces[[0, -1]], 1].tolist()) for part in line] for line in lines]


@pytest.mark.parametrize("raised", [0, 10, 20, 33])
def test_a_label_is_on_the_line_of_the_value_to_its_right(raised):
    label, value = _write(0, 100 - raised, SMALL, 5), _write(200, 100, LARGE, 4)
    [line] = _lines([value], [label])
    assert [letter_px for letter_px, *_ in line] == [SMALL, LARGE]


@pytest.mark.parametrize("lowered", [12, 20])
def test_a_label_is_on_the_line_of_the_value_that_is_written_above_it(lowered):
    label, value = _write(0, 100 + lowered, SMALL, 5), _write(200, 100, LARGE, 4)
    [line] = _lines([value], [label])
    assert [letter_px for letter_px, *_ in line] == [SMALL, LARGE]


def test_small_letters_lower_than_one_value_are_not_on_its_line_if_they_reach_down_beside_the_next():
    values = [_write(200, y, LARGE, 4) for y in (100, 165)]
    assert len(_lines(values, [_write(0, 122, SMALL, 5)])) == 3


def test_lines_are_in_order_whatever_is_on_them():
    large = [_write(200, y, LARGE, 4) for y in (100, 300)]
    small = [_write(0, y, SMALL, 4) for y in (300, 400, 100, 20)]
    sizes = [[letter_px for letter_px, *_ in line] for line in _lines(large, small)]
    assert sizes == [[SMALL], [SMALL, LARGE], [SMALL, LARGE], [SMALL]]


@pytest.mark.parametrize("left", [0, 100, 200])
def test_a_caption_above_its_value_is_a_line_of_its_own(left):
    """Also where it reaches down beside the value's tops."""
    assert len(_lines([_write(100, 100, LARGE, 4)], [_write(left, 55, SMALL, 5)])) == 2


def test_two_small_rows_above_each_other_beside_a_large_one_are_not_on_its_line():
    small = [_write(0, y, SMALL, 5) for y in (70, 100)]
    assert len(_lines([_write(200, 100, LARGE, 4)], small)) == 3


def test_a_second_label_stands_between_the_values():
    values = np.concatenate([_write(200, 100, LARGE, 3), _write(600, 100, LARGE, 2)])
    labels = np.concatenate([_write(0, 100, SMALL, 5), _write(450, 100, SMALL, 5)])
    [line] = _lines([values], [labels])
    assert [(letter_px, left) for letter_px, left, _ in line] == [(SMALL, 0), (LARGE, 200), (SMALL, 450), (LARGE, 600)]


def test_points_and_commas_stay_with_the_letters_around_them():
    """A comma of the value, as high as small letters, and a point are taken for small; a point of the label is not."""
    label, value = _write(0, 100, SMALL, 5, low=[4]), _write(100, 100, LARGE, 6, low=[1])
    comma = [105, 100 + 3.75 * 35, 115, 104 + 3.75 * 35]
    large = np.concatenate([value[[0, 2, 3, 4, 5]], label[4:]])
    small = np.concatenate([label[:4], value[1:2], [comma]])
    [line] = _lines([large], [small])
    assert line == [(SMALL, 0, label[4, 1]), (LARGE, value[0, 1], value[5, 1])]


def test_capitals_of_a_label_as_high_as_large_letters_stay_with_it():
    label = _write(0, 100, SMALL, 5)
    label[0, 0] = 75
    [line] = _lines([_write(200, 100, LARGE, 4)], [label])
    assert [left for _, left, _ in line] == [0, 200]


def test_low_first_letters_of_a_value_stay_with_it():
    """They are no higher than the label's capitals may be."""
    value = _write(100, 100, LARGE, 4)
    value[:2, 0] = 70
    [line] = _lines([value[2:]], [np.concatenate([_write(0, 100, SMALL, 5), value[:2]])])
    assert [left for _, left, _ in line] == [0, 100]


def test_a_line_without_a_letter_of_either_size_is_one_part():
    dashes = [np.array([[95.0, left, 100.0, left + 20.0]]) for left in (0, 200)]
    assert _lines(dashes[:1], dashes[1:]) == [[(LARGE, 0, 200)]]


def test_a_small_letter_alone_beside_points_is_one_part_with_them():
    points = _write(200, 100, LARGE, 2, low=[0, 1])
    assert [len(line) for line in _lines([points], [_write(0, 100, SMALL, 1)])] == [1]
