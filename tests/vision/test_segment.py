"""The whole way from grey pixels to rows of glyph hypotheses."""

from __future__ import annotations

from dataclasses import replace
from importlib import import_module
from itertools import chain

import numpy as np
import pytest
from PIL import Image

from app.datasets.pages.sample_page import Scene, draw_sample_page
from app.datasets.pens.hand import Hand
from app.vision import (
    GLYPH_SIZE,
    STRIP_HEIGHT,
    Box,
    PageInk,
    View,
    deslanted,
    find_strips,
    only_panels,
    segment,
    segment_ink,
    with_rows_apart,
)
from app.vision.affine import rotated_back
from tests.vision.conftest import letters_in_squares, write_page

LINES = ["SPHINX OF BLACK", "QUARTZ: JUDGE", "my vow, 1723"]
WORDS = ["CABLE", "NAVY", "FUSES", "PANEL", "GLASS", "KETTLE", "PUMP", "ZEBRA"]


def _boxes(found):
    return [[piece.box for piece in row.pieces] for row in found.rows]


def _draw_squares(page, *, top, step, thick, grey):
    """Print lines across and down a page, where it is not darker already."""
    for lines in (page, page.T):
        for begin in range(top, len(lines), step):
            line = lines[begin : begin + thick]
            np.minimum(line, grey, out=line)


def test_a_written_page_gives_its_rows_in_order_with_a_box_for_each_character():
    page = write_page(LINES)
    found = segment(page.grey)
    assert [len(row) for row in _boxes(found)] == [13, 12, 10]
    for boxes, truth in zip(_boxes(found), page.boxes, strict=True):
        np.testing.assert_allclose(boxes, truth, atol=2)


def test_boxes_are_tight_around_the_ink():
    page = write_page(LINES[:2])
    for box in chain.from_iterable(_boxes(segment(page.grey))):
        dark = page.grey[box.top : box.bottom, box.left : box.right] < 128
        rows, columns = np.flatnonzero(dark.any(axis=1)), np.flatnonzero(dark.any(axis=0))
        inner = Box(box.top + rows[0], box.left + columns[0], box.top + rows[-1] + 1, box.left + columns[-1] + 1)
        np.testing.assert_allclose(box, inner, atol=1)


@pytest.mark.parametrize("angle_deg", [-6.0, -2.0, 3.0, 6.0])
def test_the_angle_of_a_turned_page_is_told(angle_deg):
    found = segment(write_page(LINES, angle_deg=angle_deg).grey)
    assert [len(row) for row in _boxes(found)] == [13, 12, 10]
    assert found.angle_deg == pytest.approx(angle_deg, abs=1.0)


@pytest.mark.parametrize("angle_deg", [-15.0, 11.0])
def test_a_page_turned_far_is_made_level_and_its_boxes_lead_back(angle_deg):
    page = write_page(LINES, angle_deg=angle_deg)
    found = segment(page.grey)
    assert abs(found.turned_deg) > 5
    assert abs(found.slope) < 0.04
    for boxes, truth in zip(_boxes(found), page.boxes, strict=True):
        np.testing.assert_allclose([found.on_page(box) for box in boxes], truth, atol=2.5)


@pytest.mark.parametrize("orientation_deg", [0, 90, 180, 270])
def test_a_page_is_found_the_way_up_that_is_told(orientation_deg):
    page = write_page(LINES)
    found = segment(np.rot90(page.grey, orientation_deg // 90), View(orientation_deg))
    assert found.view.orientation_deg == orientation_deg
    for boxes, truth in zip(_boxes(found), page.boxes, strict=True):
        np.testing.assert_allclose(boxes, truth, atol=2)
        there = [box.turned(orientation_deg // 90, page.grey.shape) for box in truth]
        np.testing.assert_allclose([found.on_page(box) for box in boxes], there, atol=2)


def _seen_from_one_side(grey, larger):
    """Grey, higher by this share at the right end than in the middle, and lower at the left one."""
    (height, width), g = grey.shape, 2 * larger / grey.shape[1]
    x, y = width / 2, height / 2
    way = np.array([(1 + g * x, 0, -g * x * x), (y * g, 1, -y * g * x), (g, 0, 1 - g * x)])
    data = (way / way[2, 2]).ravel()[:8].tolist()
    how = Image.Transform.PERSPECTIVE, data, Image.Resampling.BILINEAR
    return np.asarray(Image.fromarray(grey).transform((width, height), *how, fillcolor=255))


@pytest.mark.parametrize("larger", [-0.35, -0.25, 0.25, 0.35])
def test_rows_of_a_table_that_is_seen_from_one_side_are_read_across(larger):
    rows = [f"{word}          {number}          {word[::-1]}" for number, word in enumerate(WORDS, 1234)]
    grey = np.pad(write_page(rows, pitch=1.8).grey, ((250, 250), (100, 100)), constant_values=255)
    found = segment(_seen_from_one_side(grey, larger))
    assert [len(row) for row in _boxes(found)] == [4 + 2 * len(word) for word in WORDS]


@pytest.mark.parametrize("drawn", ["box", "underline"])
@pytest.mark.parametrize("text", ["WHY", "17 MAX"])
def test_a_few_leaning_letters_do_not_turn_a_page_whose_rules_are_level(text, drawn):
    page = write_page([text], height_px=60, hand=Hand(slant_deg=12, wobble=0.06)).grey
    grey = np.pad(page, 40, constant_values=255)
    assert abs(segment(grey).turned_deg) > 3
    grey[[-32, -31], 20:-20] = 60
    if drawn == "box":
        grey[[30, 31], 20:-20] = 60
        grey[30:-30, [20, 21, -22, -21]] = 60
    found = segment(grey)
    assert found.turned_deg == 0
    assert [len(row.pieces) for row in found.rows] == [len(text.replace(" ", ""))]


def test_a_page_in_a_frame_that_is_turned_with_it_is_made_level():
    grey = np.pad(write_page(["NAME ANNA"], height_px=40).grey, 40, constant_values=255)
    frame = np.full_like(grey, 60)
    frame[35:-35, 25:-25] = grey[35:-35, 25:-25]
    grey[30:-30, 20:-20] = frame[30:-30, 20:-20]
    turned = Image.fromarray(grey).rotate(3.5, Image.Resampling.BICUBIC, expand=True, fillcolor=255)
    assert segment(np.asarray(turned)).turned_deg == pytest.approx(3.5, abs=1)


def test_rules_of_a_turned_page_are_taken_away():
    page = write_page(["NAME ANNA", "BORN 1931"], pitch=2.4)
    ruled = page.grey.copy()
    for boxes in page.boxes:
        foot = max(box.bottom for box in boxes)
        ruled[foot + 3 : foot + 6, 10:-10] = 60
    turned = Image.fromarray(ruled).rotate(8, Image.Resampling.BICUBIC, expand=True, fillcolor=255)
    assert [len(row) for row in _boxes(segment(np.asarray(turned)))] == [8, 8]


def test_the_faint_lines_of_ruled_paper_are_taken_away(rng):
    page = write_page(LINES)
    ruled = page.grey.astype(float)
    for top in range(20, len(ruled), 48):
        line = ruled[top : top + 3]
        np.minimum(line, rng.normal(185, 12, line.shape), out=line)
    found = segment(ruled.clip(0, 255).astype(np.uint8))
    assert [len(row) for row in _boxes(found)] == [13, 12, 10]


@pytest.mark.parametrize("dark", [60, 100])
def test_a_few_words_on_squared_paper_are_found(dark, rng):
    """Where most of what is not paper is lines, these seem to be ink."""
    page, grey = write_page(["HELLO"]), np.full((1000, 1400), 225.0)
    height, width = page.grey.shape
    grey[:height, :width] = page.grey * (225 / 255)
    _draw_squares(grey, top=10, step=48, thick=2, grey=225 - dark)
    noisy = (grey + rng.normal(0, 4, grey.shape)).clip(0, 255).astype(np.uint8)
    assert [len(row) for row in _boxes(segment(noisy))] == [5]


@pytest.mark.parametrize("angle_deg", [-7, 9])
def test_the_faint_lines_of_a_turned_page_are_taken_away(angle_deg, rng):
    page = write_page(LINES)
    ruled = np.pad(page.grey.astype(float), 60, constant_values=255)
    _draw_squares(ruled, top=20, step=48, thick=3, grey=180)
    turned = Image.fromarray(ruled.astype(np.uint8)).rotate(angle_deg, Image.Resampling.BICUBIC, fillcolor=255)
    noisy = (np.asarray(turned) + rng.normal(0, 8, ruled.shape)).clip(0, 255).astype(np.uint8)
    assert [len(row) for row in _boxes(segment(noisy))] == [13, 12, 10]


@pytest.mark.parametrize("angle_deg", [-8, 6])
def test_dark_squares_that_are_turned_with_the_writing_are_taken_away(angle_deg, rng):
    """Squares and letters are one piece of ink, until the lines are level."""
    page = write_page(LINES)
    squared = np.pad(page.grey.astype(float), 120, constant_values=255)
    _draw_squares(squared, top=10, step=32, thick=3, grey=150)
    turned = Image.fromarray(squared.astype(np.uint8)).rotate(angle_deg, Image.Resampling.BICUBIC)
    turned = np.asarray(turned)[100:-100, 100:-100]
    noisy = (turned + rng.normal(0, 4, turned.shape)).clip(0, 255).astype(np.uint8)
    found = segment(noisy)
    assert found.turned_deg == pytest.approx(angle_deg, abs=1.0)
    rows = [len(row) for row in _boxes(found)]
    assert len(rows) == 3
    assert sum(rows) >= 30  # of 35 letters; some still touch where they met at a line


@pytest.mark.parametrize("seed", range(4))
def test_a_photographed_page_gives_its_rows(seed):
    scene = Scene(paper=(228, 207, 170), ink=(44, 66, 142), shade=0.4, angle_deg=(-2.0, 0.0, 1.5, 3.0)[seed])
    rng = np.random.default_rng(seed)
    photo = draw_sample_page(["BLUE INK", "ON A LABEL", "27 PIECES"], rng, size_px=(360, 560), scene=scene)
    found = segment(np.asarray(Image.fromarray(photo).convert("L")))
    assert [len(row) for row in _boxes(found)] == [7, 8, 8]


def test_each_hypothesis_has_its_glyph():
    for row in segment(write_page(LINES).grey).rows:
        glyphs = row.cut(row.hypotheses)
        assert glyphs.shape == (len(row.hypotheses), 1, GLYPH_SIZE, GLYPH_SIZE)
        assert glyphs.dtype == np.float32
        assert (glyphs.max(axis=(1, 2, 3)) == 1.0).all()
        alone = {found.start for found in row.hypotheses if found.stop == found.start + 1}
        assert alone == set(range(len(row.pieces)))


def test_the_height_of_a_row_is_that_of_its_letters():
    page = write_page(["CAPITALS.....", "vowels aeou"], height_px=50)
    capitals, small = segment(page.grey).rows
    assert capitals.height == pytest.approx(54, abs=3)
    assert small.height == pytest.approx(0.55 * 50 + 4, abs=3)


@pytest.mark.parametrize("pen", [0.04, 0.08, 0.16])
def test_thin_and_thick_pens_give_the_same_pieces(pen):
    page = write_page(LINES, hand=Hand(pen=pen, letter_gap=0.1))
    assert [len(row) for row in _boxes(segment(page.grey))] == [13, 12, 10]


def test_underlined_words_come_apart():
    page = write_page(["NAME ANNA", "BORN 1931"], pitch=2.4)
    ruled = page.grey.copy()
    for boxes in page.boxes:
        foot = max(box.bottom for box in boxes)
        ruled[foot + 3 : foot + 6, 10:-10] = 60
    for boxes, truth in zip(_boxes(segment(ruled)), page.boxes, strict=True):
        np.testing.assert_allclose(boxes, truth, atol=2)


def test_the_page_is_left_as_it_is():
    grey = write_page(["A"]).grey
    before = grey.copy()
    segment(grey)
    np.testing.assert_array_equal(grey, before)


def test_each_row_comes_as_a_strip_too_and_says_where_it_is():
    for row in segment(write_page(LINES).grey).rows:
        box = Box.around(piece.box for piece in row.pieces)
        assert row.strip.pixels.shape[0] == STRIP_HEIGHT
        assert row.strip.left == pytest.approx(box.left, abs=1)
        assert row.strip.width / row.strip.scale == pytest.approx(box.width, abs=2)
        assert (row.strip.pixels.max(axis=1) > 127).sum() == pytest.approx(STRIP_HEIGHT - 2, abs=1)


def test_strips_are_found_without_glyphs_as_they_are_with_them():
    page = write_page(LINES)
    found = find_strips(page.grey)
    for (strip, box), row, truth in zip(found, segment(page.grey).rows, page.boxes, strict=True):
        np.testing.assert_array_equal(strip.pixels, row.strip.pixels)
        assert (strip.left, strip.scale) == (row.strip.left, row.strip.scale)
        np.testing.assert_allclose(box, Box.around(truth), atol=2)


def test_the_strip_of_a_turned_row_is_level():
    level, turned = ([strip.scale for strip, _ in find_strips(write_page(LINES, angle_deg=a).grey)] for a in (0.0, 4.0))
    np.testing.assert_allclose(turned, level, rtol=0.15)


def test_a_blank_page_has_no_strips():
    assert find_strips(np.full((80, 120), 240, np.uint8)) == []


def test_a_strip_that_would_become_too_large_is_not_turned(monkeypatch):
    page = 255 - rotated_back(255 - write_page(["A PAGE THAT LIES", "ASKEW ON THE TABLE"] * 2).grey, 8)[0]
    assert abs(segment(page).turned_deg) == pytest.approx(8, abs=1)
    monkeypatch.setattr(import_module("app.vision.segment"), "may_rotate_back", lambda shape, angle_deg: False)
    assert segment(page).turned_deg == 0


def _struck(hand):
    """Write three rows, and strike the middle one out."""
    page = write_page(["NAMES OF ALL", "WRONG", "THESE STAY"], height_px=40, hand=hand)
    grey = page.grey.copy()
    first, last = page.boxes[1][0], page.boxes[1][-1]
    middle = (first.top + first.bottom) // 2
    grey[middle - 2 : middle + 2, first.left - 10 : last.right + 10] = 0
    return grey


def test_a_struck_word_stays_struck_when_strokes_are_made_upright():
    found = segment(_struck(Hand(slant_deg=25)))
    upright = deslanted(found, float(np.tan(np.radians(25))))
    assert [len(row.pieces) for row in upright.rows] == [len(row.pieces) for row in found.rows]
    assert len(upright.struck_out) == len(found.struck_out) == 1


def test_strokes_are_made_upright_where_numbers_of_pieces_are_missing():
    """As those of pieces that reached from row to row, and were cut into others."""
    found = segment(write_page(["HIT THE TILE", "FIT NINE LIDS"], height_px=40).grey)
    apart = found.components
    apart = replace(apart, label_image=2 * apart.label_image, labels=2 * apart.labels)
    assert len(deslanted(replace(found, components=apart), 0.2).rows) == 2


def _with_slivers(angle_deg, slant_deg):
    """Write six rows, perhaps turned or leaning, with pieces of a dark table along the left side of the image."""
    words = ["NAMES OF ALL", "THOSE WHO", "STAY HERE"]
    page = write_page(2 * words, height_px=40, angle_deg=angle_deg, hand=Hand(slant_deg=slant_deg))
    grey = np.pad(page.grey, ((100, 100), (150, 150)), constant_values=255)
    for top in range(60, len(grey) - 90, 90):
        grey[top : top + 70, :4] = 0
    return grey


@pytest.mark.parametrize("angle_deg, slant_deg", [(6, 0), (0, 25)], ids=["turned", "leaning"])
def test_what_was_dropped_does_not_come_back_when_a_page_is_drawn_anew(angle_deg, slant_deg):
    found = segment(_with_slivers(angle_deg, slant_deg))
    if slant_deg:
        found = deslanted(found, float(np.tan(np.radians(slant_deg))))
    assert [len(row.pieces) for row in found.rows] == 2 * [10, 8, 8]


def _on_panel():
    return np.pad(write_page(["NO WAY", "THROUGH"]).grey, 300, constant_values=60)


def _leaning():
    return write_page(LINES, hand=Hand(slant_deg=25)).grey


# A page, and how it is looked at step by step.
_LOOKS = {
    "as it came": (_leaning(), segment),
    "turned and upright": (np.rot90(_leaning(), 2), lambda grey: deslanted(segment_ink(PageInk(grey), 180), 0.4)),
    "light": (255 - _on_panel(), lambda grey: segment_ink(PageInk(grey, inverted=True), 90)),
    "panels": (_on_panel(), lambda grey: segment_ink(PageInk(only_panels(grey), panels=True))),
    "rows apart": (255 - letters_in_squares(), lambda grey: with_rows_apart(segment(grey))[-1]),
}


@pytest.mark.parametrize("grey, look", _LOOKS.values(), ids=_LOOKS)
def test_the_same_view_shows_the_same_rows_again(grey, look):
    found = look(grey)
    again = segment(grey, found.view)
    assert again.view == found.view
    assert _boxes(again) == _boxes(found) != []
    assert all(
        np.array_equal(one.strip.pixels, other.strip.pixels) for one, other in zip(again.rows, found.rows, strict=True)
    )


@pytest.mark.parametrize("view", [View(panels=True), View(rows_apart=9)])
def test_a_view_of_what_a_page_does_not_have_is_left_out(view):
    grey = write_page(LINES).grey
    found = segment(grey, view)
    assert found.view == View()
    assert _boxes(found) == _boxes(segment(grey))
