"""Pieces found on runs agree with those found on pixels."""

from __future__ import annotations

import numpy as np
import pytest
from scipy import ndimage

from app.vision.ink.runs import label_runs


def agrees_with_pixels(binary):
    expected, count = ndimage.label(binary, np.ones((3, 3)))
    pieces = label_runs(binary)
    assert pieces.label_image.dtype == np.int32
    np.testing.assert_array_equal(pieces.label_image, expected)
    np.testing.assert_array_equal(pieces.areas[1:], np.bincount(expected.ravel(), minlength=count + 1)[1:])
    boxes = [[y.start, x.start, y.stop, x.stop] for y, x in ndimage.find_objects(expected)]
    np.testing.assert_array_equal(pieces.boxes[1:], np.array(boxes).reshape(-1, 4))
    assert pieces.areas[0] == 0
    assert not pieces.boxes[0].any()


@pytest.mark.parametrize("share", [0.02, 0.3, 0.5, 0.8, 1.0])
def test_pieces_are_those_of_labelling_by_pixels(share, rng):
    for shape in [(1, 1), (1, 40), (40, 1), (37, 53)]:
        agrees_with_pixels(rng.random(shape) < share)


def test_a_piece_that_its_rows_join_late_has_the_number_of_its_first_pixel():
    agrees_with_pixels(
        np.array(
            [
                [0, 1, 0, 1, 0, 1],
                [0, 1, 0, 0, 0, 1],
                [0, 1, 0, 1, 0, 1],
                [0, 0, 1, 0, 1, 0],
            ],
            bool,
        )
    )


def test_runs_at_opposite_edges_do_not_touch():
    agrees_with_pixels(np.array([[0, 0, 1], [1, 0, 0], [0, 0, 1]], bool))


def test_corners_touch():
    agrees_with_pixels(np.eye(5, dtype=bool) | np.eye(5, dtype=bool)[::-1])


@pytest.mark.parametrize("shape", [(5, 7), (0, 7), (5, 0)])
def test_an_image_without_ink_has_no_pieces(shape):
    pieces = label_runs(np.zeros(shape, bool))
    assert pieces.label_image.shape == shape
    assert pieces.areas.tolist() == [0]
