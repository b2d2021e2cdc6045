"""The straight outline of a sheet."""

from __future__ import annotations

import numpy as np
import pytest
from PIL import Image, ImageDraw
from scipy import ndimage

from app.vision.ink.outline import find_outlines

SHAPE = (600, 800)
QUAD = np.array([(120, 90), (690, 70), (720, 520), (90, 500)])


def _photo(rng, table, paper=220, corners=QUAD, rim=0.0):
    """A sheet with these corners on a table (grey, or an image), with `rim` of the light missing beside the sheet."""
    mask = Image.new("L", SHAPE[::-1], 0)
    ImageDraw.Draw(mask).polygon([tuple(corner) for corner in corners.tolist()], fill=255)
    sheet = np.asarray(mask) > 0
    shadow = 1 - rim * ndimage.gaussian_filter(np.roll(sheet, (3, 4), (0, 1)).astype(np.float32), 9)
    photo = np.where(sheet, paper, table * shadow) + rng.normal(size=SHAPE) * 3
    return ndimage.gaussian_filter(photo, 0.8).clip(0, 255).astype(np.uint8)


def _distance(found):
    (corners,) = found
    return np.abs(corners - QUAD).max()


@pytest.mark.parametrize("table", [40, 120, 190])
def test_the_corners_of_a_sheet_in_perspective_are_found(table, rng):
    assert _distance(find_outlines(_photo(rng, table))) < 12


def test_a_sheet_on_a_desk_as_light_is_found_by_the_shadow_at_its_edge(rng):
    assert _distance(find_outlines(_photo(rng, 220, rim=0.7))) < 12


def test_a_sheet_is_found_whole_in_the_shadow_of_an_arm(rng):
    photo = _photo(rng, 90).astype(np.float32)
    x = np.indices(SHAPE)[1]
    light = 1 - 0.5 * ndimage.gaussian_filter((np.abs(x - 400) < 120).astype(np.float32), 4)
    assert _distance(find_outlines((photo * light).astype(np.uint8))) < 12


def test_a_sheet_among_other_papers_is_found(rng):
    table = _photo(rng, 90, 200, np.array([(-50, 250), (500, -80), (900, 380), (300, 700)]), rim=0.5)
    assert _distance(find_outlines(_photo(rng, table.astype(np.float32), 225, rim=0.5))) < 12


def test_a_sheet_on_streaky_wood_is_found(rng):
    grain = ndimage.gaussian_filter(rng.normal(size=SHAPE), (1.2, 25))
    assert _distance(find_outlines(_photo(rng, 130 + 15 * grain / grain.std()))) < 12


def test_a_sheet_may_leave_the_image_at_one_side(rng):
    photo = _photo(rng, 90)[:, 200:]
    (found,) = find_outlines(photo)
    assert found[[0, 3], 0].max() <= 1
    assert np.abs(found[1:3] - QUAD[1:3] + [200, 0]).max() < 12


def test_every_sheet_on_a_table_is_found(rng):
    left = np.array([(60, 100), (350, 120), (330, 500), (40, 480)])
    right = np.array([(375, 130), (700, 110), (730, 470), (390, 510)])
    photo = _photo(rng, _photo(rng, 90, corners=left).astype(np.float32), 170, corners=right)
    found = sorted(find_outlines(photo), key=lambda corners: corners[0, 0])
    assert np.abs(np.array(found) - [left, right]).max() < 12


@pytest.mark.parametrize("light", [0.4, 0.7])
def test_the_edge_of_a_shadow_is_none(light, rng):
    photo = np.full(SHAPE, 220.0) + rng.normal(size=SHAPE)
    photo[80:420, 150:600] *= light
    assert find_outlines(ndimage.gaussian_filter(photo, 8).astype(np.uint8)) == []


@pytest.mark.parametrize("width", [2, 5])
def test_a_drawn_frame_is_none(width, rng):
    page = Image.fromarray((230 + rng.normal(size=SHAPE)).clip(0, 255).astype(np.uint8))
    ImageDraw.Draw(page).rectangle((100, 150, 700, 500), outline=40, width=width)
    assert find_outlines(np.asarray(page.resize((640, 480), Image.Resampling.BICUBIC))) == []


def test_ruled_paper_has_none(rng):
    page = np.full(SHAPE, 230, np.uint8)
    page[40::36] = page[41::36] = 150
    page[:, 90:93] = 140
    assert find_outlines(page) == []


@pytest.mark.parametrize("shape", [(1, 1), (8, 300), (20, 20)])
def test_a_tiny_image_has_none(shape):
    assert find_outlines(np.full(shape, 200, np.uint8)) == []


@pytest.mark.parametrize("turns", range(4))
def test_the_strokes_of_an_underlined_row_are_no_sides_of_a_sheet(turns):
    row = Image.new("L", (960, 104), 205)
    drawing = ImageDraw.Draw(row)
    for left in (40, 900):  # as high as a sheet would be
        drawing.line((left, 8, left, 92), fill=60, width=12)
    drawing.rectangle((0, 96, 959, 103), fill=20)
    drawing.rectangle((0, 0, 30, 103), fill=90)
    drawing.rectangle((930, 0, 959, 103), fill=90)
    assert find_outlines(np.ascontiguousarray(np.rot90(np.asarray(row), turns))) == []
