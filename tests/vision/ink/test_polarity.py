"""Light writing on dark ground."""

from __future__ import annotations

import numpy as np
import pytest
from PIL import Image
from scipy import ndimage

from app.vision import segment
from app.vision.ink.polarity import dark_on_light
from tests.vision.conftest import write_page

PAGE = write_page(["BLACKBOARD", "CHALK 27", "AND PAPER"])
PIECES = [10, 7, 8]


def _pieces(grey):
    return [len(row.pieces) for row in segment(grey).rows]


def _light_falls(grey, strength=0.4):
    y, x = np.meshgrid(*(np.linspace(0, 1, side) for side in grey.shape), indexing="ij")
    return np.rint(grey * (1 - strength * (x + y) / 2)).astype(np.uint8)


def _second_row():
    """Rows of pixels around the second row of writing, half the white above and below it."""
    upper, row, lower = ([box.top for box in boxes] + [box.bottom for box in boxes] for boxes in PAGE.boxes)
    return slice((max(upper) + min(row)) // 2, (max(row) + min(lower)) // 2)


@pytest.mark.parametrize("board, chalk", [(0, 255), (60, 200), (90, 160)])
def test_chalk_on_a_blackboard_is_found(board, chalk, rng):
    grey = board + (chalk - board) * (1 - PAGE.grey / 255.0) + rng.normal(0, 3, PAGE.grey.shape)
    grey = _light_falls(np.clip(grey, 0, 255))
    assert _pieces(grey) == PIECES
    np.testing.assert_array_equal(dark_on_light(grey), 255 - grey)


@pytest.mark.parametrize("angle_deg", [0, 3])
@pytest.mark.parametrize("wall", [150, 200])
def test_a_blackboard_on_a_lighter_wall_is_read_alone(wall, angle_deg, rng):
    board = Image.fromarray((45 + 110 * (1 - PAGE.grey / 255.0)).astype(np.uint8))
    turned = board.rotate(angle_deg, Image.Resampling.BICUBIC, expand=True)
    photo = Image.new("L", (turned.width + 140, turned.height + 160), wall)
    photo.paste(turned, (60, 90), Image.new("L", board.size, 255).rotate(angle_deg, expand=True))
    noisy = np.asarray(photo) + rng.normal(0, 3, (photo.height, photo.width))
    assert _pieces(_light_falls(np.clip(noisy, 0, 255), 0.2)) == PIECES


@pytest.mark.parametrize("exposure", [0.6, 0.3])
def test_a_blackboard_on_a_lighter_wall_is_turned_round_in_any_light(exposure):
    photo = np.full(np.add(PAGE.grey.shape, 160), 200.0)
    photo[80:-80, 80:-80] = 45 + 110 * (1 - PAGE.grey / 255.0)
    grey = _light_falls(exposure * photo, 0.2)
    np.testing.assert_array_equal(dark_on_light(grey), 255 - grey)


def test_the_heading_above_the_darker_panel_of_a_dark_screen_is_read():
    heading, note = write_page(["HEADING"], height_px=30).grey, PAGE.grey
    screen = np.full((heading.shape[0] + note.shape[0] + 40, note.shape[1] + 300), 90, np.uint8)
    for grey, ground, top, left in ((heading, 90, 0, 40), (note, 30, heading.shape[0], 40)):
        place = slice(top, top + grey.shape[0]), slice(left, left + grey.shape[1])
        screen[place] = np.rint(240 - (240 - ground) * (grey / 255))
    assert _pieces(screen) == [7, *PIECES]


def test_faint_chalk_on_a_blackboard_is_found():
    grey = np.rint(60 + 25 * (1 - PAGE.grey / 255.0)).astype(np.uint8)
    np.testing.assert_array_equal(dark_on_light(grey), 255 - grey)
    light_paper = 255 - grey  # as faint, dark on light
    np.testing.assert_array_equal(dark_on_light(light_paper), light_paper)


@pytest.mark.parametrize("colour", [20, 75, 130])
@pytest.mark.parametrize("blur", [0.0, 1.0])
def test_white_writing_in_a_box_is_found_beside_black_on_white(colour, blur):
    grey = PAGE.grey.copy()
    box = (_second_row(), slice(8, -8))
    grey[box] = 255 - grey[box] * ((255 - colour) / 255)
    grey = _light_falls(ndimage.gaussian_filter(grey, blur), 0.15)
    assert _pieces(grey) == PIECES


@pytest.mark.parametrize("colour", [20, 75])
@pytest.mark.parametrize("height_px", [24, 40])
def test_small_labels_in_white_on_a_dark_box_are_found(colour, height_px):
    grey = np.full((900, 1100), 245, np.uint8)
    label = write_page(["NAME 7"], height_px=height_px).grey
    for top in (100, 400, 700):
        rows = np.flatnonzero((label < 128).any(axis=1))
        text = label[rows[0] - 8 : rows[-1] + 9]
        grey[top : top + len(text), 60 : 60 + text.shape[1]] = 245 - text * ((245 - colour) / 255)
    turned = dark_on_light(grey)
    assert np.mean(turned > 200) > 0.97
    np.testing.assert_array_equal(turned[:, 60:300] < 150, _inverse(grey, colour)[:, 60:300] < 150)


def _inverse(grey, colour):
    return np.where(_boxes_of(grey), 245 + colour - grey.astype(int), grey)


def _boxes_of(grey):
    return ndimage.binary_fill_holes(grey < 240)


def test_a_white_label_is_found_where_hardly_anything_else_is_dark():
    grey = np.full((2200, 1500), 245, np.uint8)
    for text, top in (("SAM", 200), ("NAME 7", 600)):
        label = write_page([text], height_px=40).grey
        grey[top : top + label.shape[0], 200 : 200 + label.shape[1]] = np.minimum(label, 245)
    box = grey[600 : 600 + label.shape[0], 200 : 200 + label.shape[1]]
    box[:] = 255 - np.minimum(box, 215)  # 40, written on in white
    assert _pieces(grey) == [3, 5]


def test_a_photograph_on_the_page_is_no_box(rng):
    grey = np.full((900, 1100), 240, np.uint8)
    coarse = ndimage.gaussian_filter(rng.normal(0, 1, (400, 500)), 12)
    grey[200:600, 300:800] = np.clip(90 + 45 * coarse / coarse.std(), 0, 200)
    grey[380:386, 340:760] = grey[300:306, 340:760] = 235  # thin bright lines in it
    np.testing.assert_array_equal(dark_on_light(grey), grey)


@pytest.mark.parametrize("colour", [20, 75])
def test_an_empty_dark_box_stays_as_it_is(colour):
    grey = np.pad(PAGE.grey, ((0, 150), (0, 0)), constant_values=255)
    grey[-140:-20, 20:-20] = colour
    np.testing.assert_array_equal(dark_on_light(grey), grey)


@pytest.mark.parametrize("softness", [2, 30])
def test_a_shadow_is_no_dark_box(softness):
    lit = ndimage.gaussian_filter1d(np.where(np.arange(PAGE.grey.shape[1]) < 200, 1.0, 0.4), softness)
    grey = (PAGE.grey * lit).astype(np.uint8)
    np.testing.assert_array_equal(dark_on_light(grey), grey)


def test_a_sheet_on_a_dark_table_is_no_box(rng):
    table = np.full(np.add(PAGE.grey.shape, 240), 70.0)
    table[120:-120, 120:-120] = np.maximum(PAGE.grey, 20)
    grey = np.clip(table + rng.normal(0, 3, table.shape), 0, 255).astype(np.uint8)
    np.testing.assert_array_equal(dark_on_light(grey), grey)


@pytest.mark.parametrize("pen", [0.05, 0.2])
def test_dark_writing_on_paper_is_left_alone(pen):
    grey = _light_falls(np.where(PAGE.grey < 128, 30, 230))
    assert dark_on_light(grey) is grey


def test_the_edge_of_a_shadow_is_no_chalk_in_it(rng):
    grey = np.pad(np.maximum(PAGE.grey, 30), ((0, 0), (0, 300)), constant_values=255)
    across = np.linspace(0, 1, grey.shape[1])
    lit = grey * np.where(across > 0.5, 0.7, 1.0) * (1 - 0.2 * (1 - across))  # half the rows reach into the shadow
    shadowed = np.clip(lit + rng.normal(0, 6, grey.shape), 0, 255).astype(np.uint8)
    np.testing.assert_array_equal(dark_on_light(shadowed), shadowed)


@pytest.mark.parametrize("letter", "A8RBgQPe")
@pytest.mark.parametrize("height_px", [40, 100])
def test_the_hole_of_a_thick_letter_is_no_writing_in_a_box(letter, height_px):
    page = write_page([letter], height_px=height_px).grey
    thick = ndimage.grey_erosion(page, (height_px // 12, height_px // 12))
    grey = np.where(thick < 128, 40, 235).astype(np.uint8)
    np.testing.assert_array_equal(dark_on_light(grey), grey)


@pytest.mark.parametrize("letter", "A8RIg")
def test_a_white_letter_alone_in_a_box_is_found(letter):
    page = write_page([letter], height_px=80).grey
    grey = np.pad(np.where(page < 128, 240, 60).astype(np.uint8), 150, constant_values=240)
    turned = dark_on_light(grey)
    assert np.mean(turned > 230) > 0.9
    np.testing.assert_array_equal(turned[150:-150, 150:-150] < 128, page < 128)
