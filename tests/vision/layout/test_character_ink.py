"""Which ink belongs to which character."""

from __future__ import annotations

import numpy as np
import pytest

from app.vision import COLUMN_PX, STRIP_HEIGHT, Box, Strip, assign_ink, cut_between
from app.vision.ink.binarise import Levels
from app.vision.writing import find_components


def _strip(widths_of_ink, width):
    """Ink in some columns of pixels, none in the others."""
    pixels = np.zeros((STRIP_HEIGHT, width), np.uint8)
    for start, stop in widths_of_ink:
        pixels[:, start:stop] = 255
    return Strip(pixels, left=100, scale=2.0)


def test_a_cut_is_where_there_is_least_ink_in_pixels_of_the_page():
    strip = _strip([(0, 9), (10, 40), (41, 60)], 60)
    np.testing.assert_allclose(cut_between(strip, [0, 3, 9]), [100 + 9.5 / 2, 100 + 40.5 / 2])


@pytest.mark.parametrize("ink", [[], [(0, 60)]], ids=["none", "even"])
def test_where_ink_decides_nothing_a_cut_is_half_way(ink):
    (cut,) = cut_between(_strip(ink, 60), [1, 7])
    assert cut == pytest.approx(100 + 4.5 * COLUMN_PX / 2, abs=0.5)


def test_the_cut_nearest_to_half_way_is_taken_of_several_alike():
    (cut,) = cut_between(_strip([(0, 8), (10, 25), (27, 40), (42, 60)], 60), [0, 9])
    assert 100 + 25 / 2 < cut < 100 + 27 / 2


@pytest.mark.parametrize("columns", [[], [4]])
def test_one_character_or_none_needs_no_cut(columns):
    assert cut_between(_strip([], 60), columns).shape == (0,)


def test_characters_seen_in_one_column_or_in_the_last_that_is_only_begun_are_cut_there():
    cuts = cut_between(_strip([(0, 19)], 19), [1, 1, 3, 3])
    assert (np.diff(cuts) >= 0).all()
    assert (cuts >= 100).all()
    assert (cuts <= 100 + 4 * COLUMN_PX / 2).all()


def _pieces(*blocks):
    """Ink in blocks (top, left, bottom, right) as components; those that touch are one."""
    ink = np.zeros((40, 60), np.uint8)
    for top, left, bottom, right in blocks:
        ink[top:bottom, left:right] = 200
    return find_components(ink, Levels(faint=60, sure=120))


def _shares(pieces, *cuts, labels=None, seen=None):
    """What each character has; they are seen half way between their cuts if nothing else is said."""
    edges = np.array([0, *cuts, 60], float)
    middles = (edges[1:] + edges[:-1]) / 2 if seen is None else np.array(seen, float)
    return assign_ink(pieces.labels.tolist() if labels is None else labels, pieces, edges[1:-1], middles)


def _shared(pieces, *cuts, **options):
    """The box of each character, and None for one without ink."""
    return [share and share.box for share in _shares(pieces, *cuts, **options)]


def _joined(pieces, *cuts, **options):
    """Which characters others run into."""
    return [share and share.is_joined for share in _shares(pieces, *cuts, **options)]


def test_separate_letters_keep_their_whole_boxes_though_a_cut_touches_them():
    pieces = _pieces((10, 2, 30, 10), (5, 12, 28, 20))
    for cut in (11.0, 9.0, 13.5):
        assert _shared(pieces, cut) == [Box(10, 2, 30, 10), Box(5, 12, 28, 20)]


def test_a_joined_piece_is_cut_and_each_part_is_as_high_as_its_ink():
    pieces = _pieces((5, 2, 30, 8), (26, 8, 30, 20), (15, 20, 30, 30))
    assert len(pieces) == 1
    assert _shared(pieces, 14.4) == [Box(5, 2, 30, 14), Box(15, 14, 30, 30)]
    assert _shared(pieces, 9.0, 19.0) == [Box(5, 2, 30, 9), Box(26, 9, 30, 19), Box(15, 19, 30, 30)]


def test_parts_of_one_character_are_in_one_box():
    assert _shared(_pieces((5, 5, 9, 8), (14, 4, 30, 9), (14, 20, 30, 28)), 15.0) == [
        Box(5, 4, 30, 9),
        Box(14, 20, 30, 28),
    ]


def test_a_stroke_one_pixel_wide_is_not_lost_if_a_cut_goes_through_it():
    assert _shared(_pieces((5, 20, 30, 21), (5, 30, 30, 40)), 20.5, 25.0) == [
        Box(5, 20, 30, 21),
        None,
        Box(5, 30, 30, 40),
    ]


def test_a_character_without_ink_has_no_box():
    pieces = _pieces((10, 2, 30, 10), (10, 30, 30, 40))
    assert _shared(pieces, 14.0, 25.0) == [Box(10, 2, 30, 10), None, Box(10, 30, 30, 40)]


def test_a_letter_that_is_seen_behind_its_ink_gets_it_from_the_one_before():
    pieces = _pieces((10, 2, 30, 10), (10, 30, 30, 40))
    assert _shared(pieces, 46.0, seen=[7, 50]) == [Box(10, 2, 30, 10), Box(10, 30, 30, 40)]
    assert _joined(pieces, 46.0, seen=[7, 50]) == [False, False]


def test_a_letter_that_is_seen_before_its_ink_gets_it_from_the_next():
    assert _shared(_pieces((10, 8, 30, 20), (10, 30, 30, 40)), 6.0, seen=[3, 35]) == [
        Box(10, 8, 30, 20),
        Box(10, 30, 30, 40),
    ]


def test_of_two_neighbours_the_one_with_the_nearer_piece_gives_it():
    pieces = _pieces((10, 2, 30, 8), (10, 10, 30, 14), (10, 24, 30, 30), (10, 40, 30, 50))
    assert _shared(pieces, 18.0, 20.0, seen=[4, 21, 45])[1] == Box(10, 24, 30, 30)
    assert _shared(pieces, 16.0, 18.0, seen=[4, 15, 45])[1] == Box(10, 10, 30, 14)


def test_a_full_stop_below_the_arm_of_a_letter_is_given_away_and_the_dot_of_an_i_is_not():
    below, above = _pieces((5, 2, 9, 20), (26, 15, 30, 19)), _pieces((12, 2, 30, 20), (5, 15, 9, 19))
    assert _shared(below, 22.0, seen=[8, 23]) == [Box(5, 2, 9, 20), Box(26, 15, 30, 19)]
    assert _shared(above, 22.0, seen=[8, 23]) == [Box(5, 2, 30, 20), None]


@pytest.mark.parametrize("letter", [[(5, 6, 22, 9), (26, 8, 30, 11)], [(5, 2, 30, 6), (5, 14, 30, 18)]], ids=["!", "H"])
def test_what_is_nearer_to_the_letter_that_has_it_stays(letter):
    assert _shared(_pieces(*letter), 24.0, seen=[10, 40])[1] is None


def test_a_full_stop_that_goes_to_its_own_character_leaves_a_cut_letter_cut():
    pieces = _pieces((10, 2, 30, 10), (20, 12, 24, 44))
    assert _shared(pieces, 28.0, 28.0, seen=[5, 25, 40]) == [
        Box(10, 2, 30, 10),
        Box(20, 12, 24, 28),
        Box(20, 28, 24, 44),
    ]
    assert _joined(pieces, 28.0, 28.0, seen=[5, 25, 40]) == [False, True, True]


def test_ink_that_is_mostly_anothers_is_cut_for_a_letter_that_has_no_other():
    before = _pieces((10, 2, 30, 30), (26, 30, 30, 36))
    assert _shared(before, 31.0) == [Box(10, 2, 30, 31), Box(26, 31, 30, 36)]
    behind = _pieces((26, 4, 30, 8), (10, 8, 30, 36))
    assert _shared(behind, 7.0) == [Box(26, 4, 30, 7), Box(10, 7, 30, 36)]
    assert _joined(before, 31.0) == _joined(behind, 7.0) == [True, True]


def test_only_ink_of_the_row_is_shared():
    pieces = _pieces((10, 2, 30, 10), (10, 14, 30, 20), (10, 30, 30, 40))
    labels = pieces.labels[[0, 2]].tolist()
    assert _shared(pieces, 25.0, labels=labels) == [Box(10, 2, 30, 10), Box(10, 30, 30, 40)]


def test_ink_of_a_neighbour_inside_the_box_of_a_joined_piece_does_not_count():
    corner = ((5, 2, 35, 6), (31, 6, 35, 40))
    pieces = _pieces(*corner, (10, 20, 20, 30))
    (joined,) = pieces.labels[pieces.boxes[:, 1] == 2].tolist()
    assert _shared(pieces, 18.0, labels=[joined]) == [Box(5, 2, 35, 18), Box(31, 18, 35, 40)]


def test_characters_of_one_piece_of_ink_are_joined_and_others_are_not():
    pieces = _pieces((10, 2, 30, 10), (12, 14, 30, 22), (26, 22, 30, 28), (12, 28, 30, 36))
    assert len(pieces) == 2
    assert _joined(pieces, 12.0, 25.0) == [False, True, True]
    assert _joined(pieces, 12.0) == [False, False]
    assert _joined(pieces, 12.0, 25.0, 50.0) == [False, True, True, None]
