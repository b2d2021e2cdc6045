"""Words that are crossed out or scribbled over, and lines that cross nothing out."""

from __future__ import annotations

import tracemalloc

import numpy as np
import pytest
from PIL import Image, ImageDraw

from app.datasets.pens.hand import Hand
from app.vision import Box, Components, segment
from app.vision.marks.struck_out import split_struck_out
from tests.vision.conftest import write_page

PAGE = write_page(["KEEP THIS", "REMOVE", "AND THAT"])
PIECES = [len(boxes) for boxes in PAGE.boxes]
WORD = Box.around(PAGE.boxes[1])


def _drawn(*points, grey=PAGE.grey):
    image = Image.fromarray(grey)
    ImageDraw.Draw(image).line(points, fill=0, width=4)
    return np.asarray(image)


@pytest.mark.parametrize("rise", [0, 5], ids=["level", "wavering"])
def test_a_word_with_a_stroke_through_it_is_told_of_and_not_read(rise):
    y = (WORD.top + WORD.bottom) // 2 + 4
    quarter = WORD.width // 4
    points = [(WORD.left - 6 + step * (quarter + 3), y + (rise if step % 2 else 0)) for step in range(5)]
    found = segment(_drawn(*points))
    assert [len(row.pieces) for row in found.rows] == [PIECES[0], PIECES[2]]
    [box] = found.struck_out
    assert box.left <= WORD.left
    assert box.right >= WORD.right
    assert box.top >= WORD.top - 4
    assert box.bottom <= WORD.bottom + 4


def test_a_word_with_two_strokes_through_it_is_told_of_once():
    grey, middle = PAGE.grey, (WORD.top + WORD.bottom) // 2
    for y in (middle - 6, middle + 8):
        grey = _drawn((WORD.left - 4, y), (WORD.right + 4, y), grey=grey)
    found = segment(grey)
    assert [len(row.pieces) for row in found.rows] == [PIECES[0], PIECES[2]]
    assert len(found.struck_out) == 1


def test_a_stroke_that_takes_nothing_from_the_row_is_not_told_of():
    """Through a third of joined writing, here one piece of twenty strokes up and down, which is read all the same."""
    joined = [(150 + 30 * step, 80 + 60 * (step % 2)) for step in range(21)]
    page = _drawn(*joined, grey=np.full((220, 900), 255, np.uint8))
    found = segment(_drawn((145, 110), (355, 110), grey=page))
    assert not found.struck_out
    assert len(found.rows) == 1


@pytest.mark.parametrize("place", ["below", "twice below", "across the page"])
def test_an_underline_and_a_rule_strike_nothing_out(place):
    if place != "across the page":
        points = [(WORD.left, WORD.bottom - 1), (WORD.right, WORD.bottom - 1)]
        if place == "twice below":
            points += [(WORD.right, WORD.bottom + 11), (WORD.left, WORD.bottom + 11)]
    else:
        y = (WORD.top + WORD.bottom) // 2 + 4
        points = [(0, y), (PAGE.grey.shape[1], y)]
    found = segment(_drawn(*points))
    assert not found.struck_out
    assert len(found.rows) == 3


@pytest.mark.parametrize("text", ["gypsy", "page"])
def test_an_underline_that_tails_go_through_strikes_nothing_out(text):
    height, pen = 40.0, 6
    page = write_page([text, "some more words"], height_px=height, pitch=2.4, hand=Hand(pen=pen / height))
    word = Box.around(page.boxes[0])
    foot = sorted(box.bottom for box in page.boxes[0])[0]  # of a letter without a tail
    image = Image.fromarray(page.grey)
    ImageDraw.Draw(image).line([(word.left - 8, foot + 1), (word.right + 8, foot + 1)], fill=0, width=pen)
    found = segment(np.asarray(image))
    assert not found.struck_out
    assert len(found.rows) == 2


def _scribble(kind):
    """Points of a pen that goes over the word, from its left to its right."""
    t = np.linspace(0, 1, 400)
    middle, reach = (WORD.top + WORD.bottom) / 2, 0.6 * WORD.height
    if kind == "coil":
        turns = 2 * np.pi * 2.5 * WORD.width / WORD.height * t
        x, y = (
            WORD.left + WORD.width * t + 0.25 * WORD.height * np.cos(turns),
            middle + reach * (1 + 0.2 * np.sin(turns / 2.6)) * np.sin(turns),
        )  # no pen keeps to a line
    else:
        x = np.linspace(WORD.left, WORD.right, round(5 * WORD.width / WORD.height))
        y = middle + reach * (-1.0) ** np.arange(len(x)) * (1 + 0.2 * np.sin(1.7 * np.arange(len(x))))
    return [*zip(x.tolist(), y.tolist(), strict=True)]


@pytest.mark.parametrize("kind", ["coil", "zigzag"])
def test_a_word_that_is_scribbled_over_is_told_of_and_takes_no_other_with_it(kind):
    found = segment(_drawn(*_scribble(kind)))
    assert [len(row.pieces) for row in found.rows] == [PIECES[0], PIECES[2]]
    [box] = found.struck_out
    assert box.left <= WORD.left + 4
    assert box.right >= WORD.right - 4


@pytest.mark.parametrize("both", [False, True], ids=["one stroke", "a cross"])
def test_a_word_with_sloping_strokes_through_it_is_told_of_and_not_read(both):
    grey = _drawn((WORD.left - 6, WORD.bottom - 4), (WORD.right + 6, WORD.top + 4))
    if both:
        grey = _drawn((WORD.left - 6, WORD.top + 4), (WORD.right + 6, WORD.bottom - 4), grey=grey)
    found = segment(grey)
    assert [len(row.pieces) for row in found.rows] == [PIECES[0], PIECES[2]]
    assert len(found.struck_out) == 1


@pytest.mark.parametrize("rise", [0, 6], ids=["level", "sloping"])
@pytest.mark.parametrize("beyond, struck", [(8, 1), (-8, 0)], ids=["jutting out", "within the letters"])
def test_a_line_through_three_thick_capitals_strikes_them_out_if_it_juts_out(rise, beyond, struck):
    """Within the letters it may be a bar of one that touches the next."""
    page = write_page(["KEEP THIS", "HOB", "AND THAT"], hand=Hand(pen=0.1))
    word = Box.around(page.boxes[1])
    middle = (word.top + word.bottom) // 2
    image = Image.fromarray(page.grey)
    line = [(word.left - beyond, middle + rise), (word.right + beyond, middle - rise)]
    ImageDraw.Draw(image).line(line, fill=0, width=7)
    assert len(segment(np.asarray(image)).struck_out) == struck


def test_a_sloping_line_below_a_word_strikes_nothing_out():
    found = segment(_drawn((WORD.left, WORD.bottom + 14), (WORD.right, WORD.bottom - 3)))
    assert not found.struck_out


def test_letters_of_many_strokes_are_no_scribbles():
    """Joined m and w, and signs that are full of ink, as a pen twice as thick writes them too."""
    for pen in (0.08, 0.16):
        assert not segment(write_page(["#@%&8B", "MWMWMW"], hand=Hand(pen=pen)).grey).struck_out
    waves = [(150 + 15 * step, 80 + 60 * (step % 2)) for step in range(41)]
    assert not segment(_drawn(*waves, grey=np.full((220, 900), 255, np.uint8))).struck_out


def test_plain_writing_is_not_struck_out():
    assert not segment(PAGE.grey).struck_out


def _crossed(height, width, pen):
    """A line from a corner to the other, between dashes above and below it: (H, W)."""
    ink = np.zeros((height, width), bool)
    for x in range(0, width, 12 * pen):
        ink[:pen, x : x + 8 * pen] = ink[-pen:, x : x + 8 * pen] = True
    for x, y in enumerate(np.linspace(height - pen, 0, width).round().astype(int)):
        ink[y : y + pen, x] = True
    return ink


def _struck_out(ink, pen):
    """Boxes of what is struck out, where all ink is one piece."""
    label, box = np.array([1], np.int32), np.array([[0, 0, *ink.shape]], np.int32)
    piece = Components(ink.astype(np.int32), label, box, np.array([ink.sum()]), float(pen))
    return split_struck_out(np.array([0]), piece, ink, len(ink) / 2)[1]


@pytest.mark.parametrize("width", [300, 6000], ids=["a word", "a long row"])
def test_a_line_from_corner_to_corner_is_found(width):
    [box] = _struck_out(_crossed(100, width, 3), 3)
    assert box.width == width


def _small_letters_with_a_line(pen):
    """Letters 24 pixels high as uprights with tails, and a level line through their upper ends."""
    ink = np.zeros((48, 300), bool)
    ink[:, np.arange(300) % 18 < 9] = ink[pen : 2 * pen] = True
    return ink


def test_a_line_through_the_upper_half_of_small_letters_is_found():
    [box] = _struck_out(_small_letters_with_a_line(4), 4)
    assert box.width == 300


def test_thick_letters_that_are_joined_are_not_struck_out():
    assert not _struck_out(_small_letters_with_a_line(5), 5)


def test_a_line_through_the_feet_of_letters_with_tails_strikes_nothing_out():
    ink = _small_letters_with_a_line(4)[::-1]
    ink[-4:, np.arange(300) % 36 < 18] = False
    assert not _struck_out(ink, 4)


def test_a_few_thick_letters_that_touch_are_not_crossed():
    """Whatever line goes through such a tangle; one as high in strokes of a thinner pen, or longer, is a word."""
    assert not _struck_out(_crossed(100, 300, 15), 15)
    assert _struck_out(_crossed(100, 300, 10), 10)
    assert _struck_out(_crossed(100, 600, 15), 15)


def test_a_word_is_blacked_out_if_it_is_solid_and_not_if_it_is_in_bold_print_on_a_page_in_a_thin_pen():
    ink = np.ones((60, 240), bool)
    assert _struck_out(ink, 7.5)
    ink[12:] = np.arange(240) % 18 < 12  # bold uprights below a bar
    assert not _struck_out(ink, 7.5)


def test_uprights_with_a_level_line_below_them_are_not_crossed():
    ink = np.zeros((100, 300), bool)
    ink[:, ::36] = ink[:, 1::36] = ink[:, 2::36] = ink[-3:] = True
    assert not _struck_out(ink, 3)


@pytest.mark.parametrize("height, width", [(400, 1000), (60, 6000)], ids=["high", "long"])
def test_a_piece_of_many_pixels_takes_little_memory(height, width):
    ink = np.ones((height, width), bool)
    ink[::4, ::2] = ink[2::4, 1::2] = False  # as many strokes in each column as can be, and ink along every line
    tracemalloc.start()
    _struck_out(ink, 1)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert peak < 16 * ink.size
