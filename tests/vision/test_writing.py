"""Which pieces of ink may be writing."""

from __future__ import annotations

from importlib import import_module

import numpy as np
import pytest

from app.datasets.pens.hand import Hand
from app.vision.ink.binarise import Levels
from app.vision.writing import find_components, keep_writing
from tests.vision.conftest import write_page

LEVELS = Levels(faint=60, sure=120)


def _pieces(ink):
    return find_components(np.asarray(ink, np.uint8), LEVELS)


def _on_page(rows, **options):
    """Ink of written rows, with room around it."""
    return np.pad(255 - write_page(rows, **options).grey, 40)


def test_of_more_pieces_than_can_be_looked_at_those_that_begin_highest_are_kept_and_the_others_counted(monkeypatch):
    ink = np.zeros((60, 120))
    ink[10:40, 5:15] = ink[12:22, 25:35] = ink[14:24, 45:55] = ink[16:46, 65:75] = 200
    everything = keep_writing(_pieces(ink))
    assert (len(everything), everything.left_out) == (4, 0)
    monkeypatch.setattr(import_module("app.vision.writing"), "_MOST", 2)
    some = keep_writing(_pieces(ink))
    assert some.boxes[:, 1].tolist() == [5, 25]
    assert some.left_out == 2
    assert some.topmost(1).left_out == 3


def test_small_pieces_are_kept_on_a_dense_page():
    """A page set in small type has more than ten thousand letters."""
    ink = np.zeros((2100, 2100))
    for top in range(20, 2040, 20):
        for left in range(20, 2040, 14):
            height = 8 if (top + left) % 3 else 12
            ink[top : top + height, left : left + 6] = 200
    assert len(keep_writing(_pieces(ink))) == 101 * 145


@pytest.mark.parametrize("text", ["HAND PRINT", "i, j; k: !?", "1-2=3", "A", "..."])
def test_all_writing_is_kept(text):
    pieces = _pieces(_on_page([text]))
    assert len(keep_writing(pieces)) == len(pieces)


def test_a_row_that_fills_its_image_is_kept():
    page = write_page(["HELLO"])
    tops, lefts, bottoms, rights = zip(*page.boxes[0], strict=True)
    ink = 255 - page.grey[min(tops) : max(bottoms), min(lefts) : max(rights)]
    assert len(keep_writing(_pieces(ink))) == 5


def test_a_frame_around_the_page_is_dropped():
    ink = np.pad(_on_page(["HAND", "PRINT"]), 150)
    rows, columns = np.indices(ink.shape)
    wave = 4 * np.sin(rows / 9) + 4 * np.sin(columns / 9)  # too crooked for a rule
    from_edge = np.minimum(np.minimum(rows, columns), np.minimum(rows[::-1], columns[:, ::-1])) + wave
    ink[(from_edge > 18) & (from_edge < 22)] = 255
    pieces = _pieces(ink)
    assert pieces.widths.max() > 500
    assert len(keep_writing(pieces)) == 9


def test_a_blot_and_specks_are_dropped():
    ink = _on_page(["SOME LETTERS", "MORE LETTERS", "LAST LETTERS"], height_px=24)
    letters = len(_pieces(ink))
    ink[::29, 3] = 255  # specks of one pixel
    ink[5:200, -30:-5] = 255
    assert len(_pieces(ink)) > letters + 5
    assert len(keep_writing(_pieces(ink))) == letters


@pytest.mark.parametrize("shape", ["circle", "square"])
def test_a_punched_hole_is_dropped_and_does_not_say_how_high_letters_are(shape):
    ink = np.pad(_on_page(["SOME LETTERS", "MORE LETTERS"], height_px=40), ((0, 0), (120, 0)))
    letters = len(_pieces(ink))
    rows, columns = np.indices(ink.shape)
    for middle in (50, ink.shape[0] - 50):
        down, across = np.abs(rows - middle), np.abs(columns - 60)
        ink[np.maximum(down, across) < 25 if shape == "square" else np.hypot(down, across) < 28] = 255
    assert len(_pieces(ink)) == letters + 2
    assert len(keep_writing(_pieces(ink))) == letters


@pytest.mark.parametrize("pen", [0.05, 0.1, 0.22])
def test_bullets_full_stops_and_letters_of_thick_markers_are_kept(pen):
    ink = np.pad(_on_page(["Bo@8. I1 - M.", "DOT. #m%"], height_px=40, hand=Hand(pen=pen)), ((0, 0), (60, 0)))
    rows, columns = np.indices(ink.shape)
    ink[np.hypot(rows - 60, columns - 40) < 10] = 255  # a bullet half as high as a capital
    pieces = _pieces(ink)
    assert len(keep_writing(pieces)) == len(pieces)


def test_letters_in_bold_print_are_no_blots_on_a_page_in_a_thin_pen():
    ink = np.pad(_on_page(["SOME LETTERS", "MORE LETTERS"], height_px=40, hand=Hand(pen=0.06)), ((60, 0), (0, 0)))
    rows, columns = np.indices((42, 40))
    stem, bar = np.abs(columns - 20) >= 8, np.abs(columns - rows * 40 / 42) < 9
    letters = len(_pieces(ink))
    ink[10:52, 60:100] = np.where(stem | bar, 255, 0)  # N
    pieces = _pieces(ink)
    assert pieces.areas.max() > 0.72 * 42 * 40
    assert len(keep_writing(pieces)) == letters + 1


def test_writing_too_low_to_be_read_is_dropped():
    ink = np.zeros((60, 60))
    ink[::6, ::6] = ink[1::6, ::6] = 200
    assert len(_pieces(ink)) == 100
    assert len(keep_writing(_pieces(ink))) == 0


def test_large_letters_in_a_thin_pen_keep_their_straight_strokes():
    ink = _on_page(["TOO GOOD", "FOES"], height_px=200, hand=Hand(pen=0.025))
    assert _pieces(ink).areas.sum() > 0.97 * np.count_nonzero(ink >= LEVELS.faint)
