"""Sheets of paper on a table."""

from __future__ import annotations

import numpy as np
import pytest
from PIL import Image, ImageDraw
from scipy import ndimage

from app.vision import segment
from app.vision.ink.sheet import without_surroundings
from tests.vision.conftest import write_page

PAGE = write_page(["ON A SHEET", "OF PAPER", "3 ROWS"])
PIECES = [8, 7, 5]
MARGIN = 130  # of table around the sheet


def _on_table(rng, angle_deg=0.0, table=90.0, margin=MARGIN):
    """The page on wood, with noise: grain is long and dark, as strokes are."""
    grain = ndimage.gaussian_filter(rng.normal(size=np.add(PAGE.grey.shape, 2 * margin)), (1.2, 25))
    photo = Image.fromarray((table + 16 * grain / grain.std()).clip(0, 255).astype(np.uint8))
    sheet = Image.fromarray(np.maximum(PAGE.grey, 30) - np.uint8(15))
    opaque = Image.new("L", sheet.size, 255).rotate(angle_deg, Image.Resampling.BICUBIC, expand=True)
    photo.paste(sheet.rotate(angle_deg, Image.Resampling.BICUBIC, expand=True), (margin, margin - 20), opaque)
    return np.asarray(photo)


@pytest.mark.parametrize("angle_deg", [-5, 0, 3])
@pytest.mark.parametrize("table", [60, 120])
def test_nothing_is_read_beside_a_sheet(angle_deg, table, rng):
    assert [len(row.pieces) for row in segment(_on_table(rng, angle_deg, table)).rows] == PIECES


@pytest.mark.parametrize("margin", [300, 450])
def test_a_sheet_that_is_small_in_its_image_is_read_alone(margin, rng):
    photo = _on_table(rng, margin=margin)
    assert PAGE.grey.size / photo.size < 0.25
    assert [len(row.pieces) for row in segment(photo).rows] == PIECES


def test_two_sheets_on_one_table_are_both_read(rng):
    photo = np.concatenate([_on_table(rng, 1.5), _on_table(rng, -2.0)])
    assert [len(row.pieces) for row in segment(photo).rows] == PIECES + PIECES


@pytest.mark.parametrize("papers", [(0.7, 1.0, 0.85), (0.85, 0.85, 0.85)])
def test_notes_nearer_to_each_other_than_large_letters_are_wide_are_all_read(papers, rng):
    grain = ndimage.gaussian_filter(rng.normal(size=(440, 680)), (1.2, 25))
    photo = Image.fromarray((70 + 10 * grain / grain.std()).clip(0, 255).astype(np.uint8))
    note = write_page(["BOX", "MAP", "CUP"]).grey
    for paper, angle_deg, left, top in zip(papers, (-4, 5, -3), (40, 240, 440), (40, 100, 50), strict=True):
        sheet = Image.fromarray((np.maximum(note, 30) * paper).astype(np.uint8))
        opaque = Image.new("L", sheet.size, 255).rotate(angle_deg, Image.Resampling.BICUBIC, expand=True)
        photo.paste(sheet.rotate(angle_deg, Image.Resampling.BICUBIC, expand=True), (left, top), opaque)
    assert sum(len(row.pieces) for row in segment(np.asarray(photo)).rows) == 27


@pytest.mark.parametrize("angle_deg", [-4, -2, 3, 6])
def test_a_frame_along_the_edge_of_a_sheet_that_lies_askew_stays_whole(angle_deg, rng):
    framed = Image.new("L", (620, 430), 230)
    ImageDraw.Draw(framed).rectangle((10, 10, 609, 419), outline=30, width=3)
    opaque = Image.new("L", framed.size, 255).rotate(angle_deg, Image.Resampling.BICUBIC, expand=True)
    grain = ndimage.gaussian_filter(rng.normal(size=(700, 900)), (1.2, 25))
    photo = Image.fromarray((80 + 12 * grain / grain.std()).clip(0, 255).astype(np.uint8))
    photo.paste(framed.rotate(angle_deg, Image.Resampling.BICUBIC, expand=True), (100, 80), opaque)
    _, pieces = ndimage.label(without_surroundings(np.asarray(photo)) < 120, np.ones((3, 3)))
    assert pieces == 1


def test_the_table_becomes_paper_and_the_sheet_stays(rng):
    photo = _on_table(rng)
    page = without_surroundings(photo)
    edge = 16
    inside = slice(MARGIN - 20 + edge, -MARGIN - 20 - edge), slice(MARGIN + edge, -MARGIN - edge)
    np.testing.assert_array_equal(page[inside], photo[inside])
    changed = page.copy()
    changed[inside] = 240
    assert changed.min() > 225


def test_nothing_is_read_beside_a_sheet_on_a_desk_as_light_as_it_is(rng):
    photo = np.full(np.add(PAGE.grey.shape, 2 * MARGIN), 235.0)
    sheet = np.zeros(photo.shape, bool)
    sheet[MARGIN:-MARGIN, MARGIN:-MARGIN] = True
    shadow = 1 - 0.7 * ndimage.gaussian_filter(np.roll(sheet, (3, 3), (0, 1)).astype(np.float32), 5)
    photo = np.where(sheet, 235, photo * shadow)
    photo[sheet] = np.maximum(PAGE.grey, 30).ravel() - 20.0
    turned = Image.fromarray(photo.astype(np.uint8)).rotate(5, Image.Resampling.BICUBIC, fillcolor=235)
    assert [len(row.pieces) for row in segment(np.asarray(turned)).rows] == PIECES


@pytest.mark.parametrize("angle_deg", [0, 4])
def test_a_sheet_half_in_a_shadow_on_a_table_is_read_whole(angle_deg, rng):
    photo = _on_table(rng, angle_deg, table=70).astype(np.float32)
    x = np.arange(photo.shape[1]) - 0.5 * photo.shape[1]
    shaded = (photo * (1 - 0.45 / (1 + np.exp(-x / 4)))).astype(np.uint8)
    assert [len(row.pieces) for row in segment(shaded).rows] == PIECES


def test_labels_around_a_white_field_on_a_tinted_form_stay():
    form = np.full((500, 700), 190, np.uint8)
    form[180:330, 250:650] = 245
    label = np.minimum(PAGE.grey[::2, ::2], 190)
    form[20 : 20 + label.shape[0], 30 : 30 + label.shape[1]] = label
    assert without_surroundings(form) is form


def _light_falls(photo):
    """Three quarters of the light at the lower right."""
    y, x = np.meshgrid(*(np.linspace(0, 1, side) for side in photo.shape), indexing="ij")
    return (photo * (1 - 0.125 * (x + y))).astype(np.uint8)


def test_nothing_is_read_on_light_wood_that_lies_all_around(rng):
    photo = _light_falls(_on_table(rng, 3.0, table=165))
    assert [len(row.pieces) for row in segment(photo).rows] == PIECES
    page = without_surroundings(photo)
    assert page[:, : MARGIN - 40].std() < 12 < photo[:, : MARGIN - 40].std()


def test_writing_in_a_shaded_corner_of_a_sheet_on_light_wood_stays(rng):
    photo = _on_table(rng, table=170).astype(np.float32)
    y, x = np.indices(photo.shape)
    shaded = np.rint(photo * (1 - 0.35 * np.exp(-((y - MARGIN) ** 2 + (x - MARGIN) ** 2) / 120**2))).astype(np.uint8)
    inside = slice(MARGIN, -MARGIN - 40), slice(MARGIN + 20, -MARGIN - 20)
    np.testing.assert_array_equal(without_surroundings(shaded)[inside], shaded[inside])


@pytest.mark.parametrize("noise, stays", [(0, True), (6, False)])
def test_a_note_between_the_bars_of_a_screenshot_is_no_sheet(noise, stays, rng):
    """Photographed, dark bars above and below may be a table."""
    note, label = np.pad(PAGE.grey, ((30, 150), (0, 0)), mode="edge"), 255 - write_page(["MENU"], height_px=24).grey
    bar = np.full((80, note.shape[1]), 100, np.uint8)
    bar[10 : 10 + label.shape[0], 40 : 40 + label.shape[1]] = np.maximum(label, 100)
    grey = np.concatenate([bar, note, bar])
    grey = (grey + rng.normal(0, noise, grey.shape)).clip(0, 255).astype(np.uint8)
    assert (without_surroundings(grey) is grey) == stays


def test_light_and_dark_stretches_of_a_column_of_pixels_are_looked_at_as_those_of_any_picture():
    column = (np.arange(50, dtype=np.uint8)[:, None] // 3 % 2) * np.uint8(255)
    assert without_surroundings(column).shape == column.shape


@pytest.mark.parametrize("board", [20, 175])
def test_dense_light_writing_on_darker_ground_is_no_sheet(board):
    grey = np.full((400, 600), board, np.uint8)
    for top in range(60, 340, 24):  # rows so close that closing fills what is between them
        grey[top : top + 8, 60:540] = 235
    grey = _light_falls(grey)
    assert without_surroundings(grey) is grey


@pytest.mark.parametrize("margin", [0, 40])
@pytest.mark.parametrize("lines", [95, 175])
def test_light_squares_on_dark_paper_are_no_sheet(margin, lines):
    """Along each of their lines it becomes sharply lighter."""
    squared = np.pad(PAGE.grey, margin, constant_values=255)
    for way in (squared, squared.T):
        for first in (10, 11, 12):
            np.minimum(way[first::30], 255 - lines, out=way[first::30])
    board = 235 - (squared * (200 / 255)).astype(np.uint8)
    assert without_surroundings(board) is board


def test_a_narrow_strip_of_table_at_one_side_goes_as_well(rng):
    photo = _on_table(rng)[:, : -MARGIN + 14]
    assert without_surroundings(photo)[:, -10:].min() > 225


@pytest.mark.parametrize("shown", ["left", "top and left"])
def test_a_table_that_shows_at_some_sides_only_goes_as_well(shown, rng):
    photo = _on_table(rng, table=60)[MARGIN // 2 : -MARGIN - 30, MARGIN // 2 : -MARGIN - 10]
    photo = photo[MARGIN // 2 - 10 :] if shown == "left" else photo
    assert [len(row.pieces) for row in segment(photo).rows] == PIECES


def test_a_small_blurred_photo_keeps_no_edge_of_its_table(rng):
    photo = Image.fromarray(_on_table(rng, table=50)[:, : -MARGIN - 10]).reduce(3)
    page = without_surroundings(ndimage.gaussian_filter(np.asarray(photo), 1.2))
    assert page[:, : MARGIN // 3 - 2].min() > 215


def test_writing_that_reaches_the_edge_of_the_sheet_does_not_open_it(rng):
    photo = _on_table(rng).copy()
    photo[MARGIN + 20 : MARGIN + 60, MARGIN - 4 : MARGIN + 70] = 60
    assert without_surroundings(photo)[:, : MARGIN - 20].min() > 225


@pytest.mark.parametrize("softness", [40, 100])
def test_a_vignette_is_no_table(softness):
    shape = np.add(PAGE.grey.shape, 200)
    y, x = (np.abs(np.linspace(-1, 1, side)) for side in shape)
    away = np.hypot(y[:, None], x[None, :])
    grey = np.pad(PAGE.grey, 100, constant_values=255) * (1 - 0.8 * (away / away.max()) ** 2)
    grey = ndimage.gaussian_filter(grey, softness / 20).astype(np.uint8)
    assert without_surroundings(grey) is grey


@pytest.mark.parametrize("width, light", [(0.5, 0.33), (0.3, 0.6)])
def test_a_shadow_at_one_side_is_no_table(width, light):
    grey = PAGE.grey.astype(np.float32)
    grey[:, : int(width * grey.shape[1])] *= light
    grey = grey.astype(np.uint8)
    assert without_surroundings(grey) is grey


def test_a_lit_corner_of_a_page_in_shade_is_no_sheet():
    page = write_page(["IN THE SHADE", "OF A LAMP", "3 ROWS"])
    light = np.full(page.grey.shape, 0.5)
    light[: round(0.39 * len(light)), : round(0.39 * light.shape[1])] = 0.95
    shaded = (np.maximum(page.grey, 30) * light).astype(np.uint8)
    np.testing.assert_array_equal(without_surroundings(shaded), shaded)


def test_a_page_that_fills_its_image_is_left_alone():
    assert without_surroundings(PAGE.grey) is PAGE.grey


def test_a_small_light_thing_is_no_sheet(rng):
    grey = np.full((300, 400), 60, np.uint8)
    grey[130:170, 170:245] = 230
    assert without_surroundings(grey) is grey


def test_thick_light_letters_on_dark_are_no_sheet(rng):
    board = Image.fromarray((40 + rng.normal(size=(400, 900)) * 3).clip(0, 255).astype(np.uint8))
    drawing = ImageDraw.Draw(board)
    for left in range(120, 780, 90):  # a row of letters of one thick bar each
        drawing.rectangle((left, 60, left + 40, 180), fill=230)
    thin = write_page(["THIN PEN"]).grey[:180, :600]
    board.paste(Image.fromarray(np.maximum(255 - thin, 40)), (100, 210))
    photo = np.asarray(board)
    assert without_surroundings(photo) is photo
