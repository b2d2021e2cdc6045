"""Pieces of ink."""

from __future__ import annotations

import numpy as np
import pytest

from app.vision.ink.binarise import Levels
from app.vision.ink.components import are_of, stroke_width, text_height
from app.vision.writing import find_components, keep_writing
from tests.vision.conftest import write_page

LEVELS = Levels(faint=60, sure=120)


def _pieces(ink):
    return find_components(np.asarray(ink, np.uint8), LEVELS)


def _on_page(rows, **options):
    """Ink of written rows, with room around it."""
    return np.pad(255 - write_page(rows, **options).grey, 40)


def test_pieces_of_typed_ink():
    ink = [
        [0, 200, 0, 0, 0, 0],
        [0, 200, 0, 0, 200, 200],
        [200, 0, 0, 0, 0, 0],  # joined to the bar above by a corner
        [0, 0, 0, 0, 0, 0],
        [0, 0, 0, 200, 0, 0],
    ]
    pieces = _pieces(ink)
    assert len(pieces) == 3
    assert pieces.boxes.tolist() == [[0, 0, 3, 2], [1, 4, 2, 6], [4, 3, 5, 4]]
    assert pieces.areas.tolist() == [3, 2, 1]
    assert pieces.heights.tolist() == [3, 1, 1]
    assert pieces.widths.tolist() == [2, 2, 1]
    for label, area in zip(pieces.labels, pieces.areas, strict=True):
        assert (pieces.label_image == label).sum() == area


def test_faint_ink_counts_where_it_is_joined_to_sure_ink():
    ink = np.zeros((8, 12))
    ink[2, 1:6] = [80, 80, 200, 80, 60]  # a stroke that fades
    ink[6, 1:11] = 119  # a stain
    pieces = _pieces(ink)
    assert pieces.boxes.tolist() == [[2, 1, 3, 6]]


@pytest.mark.parametrize("labels", [[], [3], [1, 2, 9]])  # 9 is on the page, but not in the window
def test_pixels_of_some_pieces_are_those_with_their_labels(labels):
    window = np.random.default_rng(4).integers(0, 5, (6, 7)).astype(np.int32)
    np.testing.assert_array_equal(are_of(window, np.array(labels, np.int32)), np.isin(window, labels))


def test_a_page_without_ink_has_no_pieces():
    pieces = _pieces(np.zeros((5, 5)))
    assert len(pieces) == 0
    assert pieces.boxes.shape == (0, 4)
    assert text_height(pieces) == 0.0
    assert len(keep_writing(pieces)) == 0


def test_select_keeps_what_is_asked_for_and_no_more():
    ink = np.zeros((3, 9))
    ink[1, [1, 4, 7]] = 200
    chosen = _pieces(ink).select(np.array([True, False, True]))
    assert chosen.boxes[:, 1].tolist() == [1, 7]
    assert chosen.areas.tolist() == [1, 1]
    assert len(chosen.labels) == 2


@pytest.mark.parametrize("thickness", [2, 3, 5, 8])
def test_the_width_of_strokes_is_right_over_all_directions(thickness):
    rows, columns = np.mgrid[:200, :200] - 99.5
    far = np.hypot(rows, columns)
    rings = [np.abs(far - radius) < thickness / 2 for radius in (30, 60, 90)]
    assert stroke_width(np.any(rings, axis=0)) == pytest.approx(thickness, rel=0.05)


def test_text_is_as_high_as_the_pieces_that_hold_most_ink():
    capitals = _pieces(_on_page(["HAND PRINT"], height_px=40))
    with_dots = _pieces(_on_page(["HAND PRINT.......,,,,,"], height_px=40))
    assert text_height(capitals) == pytest.approx(44, abs=4)
    assert text_height(with_dots) == text_height(capitals)
