"""The picture of each stage, looked at pixel by pixel."""

from __future__ import annotations

from dataclasses import replace
from io import BytesIO
from itertools import pairwise

import numpy as np
import pytest
from PIL import Image

from app.errors import InvalidInput
from app.formats import STAGES, find_format
from app.formats.overlay import confidence_colour, write_png
from app.vision import Picture, View, segment
from tests.formats.conftest import MODEL, SCALE, make_page, make_sheet

RED, GREEN = 0, 1


def _drawn(sheet, stage):
    image = Image.open(BytesIO(write_png([sheet], MODEL, stage)))
    return np.asarray(image.convert("RGB")).astype(int)


def _zoom(pixels, sheet):
    return pixels.shape[0] // sheet.reading.picture.grey.shape[0]


@pytest.mark.parametrize("stage", STAGES)
def test_every_stage_shows_every_odd_page(odd_sheet, stage):
    pixels = _drawn(odd_sheet, stage)
    height, width = odd_sheet.reading.picture.grey.shape
    zoom = _zoom(pixels, odd_sheet)
    assert zoom >= 1
    assert pixels.shape == (height * zoom, width * zoom, 3)


def test_the_page_is_shown_as_it_came(sheet):
    np.testing.assert_array_equal(_drawn(sheet, "page")[..., 0], sheet.reading.picture.grey)


def test_ink_is_dark_on_white(sheet):
    pixels, grey = _drawn(sheet, "ink"), sheet.reading.picture.grey
    assert pixels[grey == 255].min() > 200
    assert pixels[grey == 0].mean() < 60


@pytest.mark.parametrize("stage", ["ink", "components"])
@pytest.mark.parametrize("orientation_deg", [90, 180])
def test_what_was_found_on_a_turned_page_is_shown_as_the_page_stands(sheet, stage, orientation_deg):
    reading, quarters = sheet.reading, orientation_deg // 90
    grey = np.ascontiguousarray(np.rot90(reading.picture.grey, quarters))
    picture = replace(reading.picture, grey=grey, height=grey.shape[0] * SCALE, width=grey.shape[1] * SCALE)
    reading = replace(reading, picture=picture, found=segment(grey, View(orientation_deg)))
    turned = _drawn(replace(sheet, reading=reading), stage)
    np.testing.assert_array_equal(turned, np.rot90(_drawn(sheet, stage), quarters))


def test_neighbouring_components_differ_in_colour(sheet):
    pixels, components = _drawn(sheet, "components"), sheet.reading.found.components
    zoom = pixels.shape[0] / components.label_image.shape[0]
    middles = [
        tuple(pixels[int(zoom * (top + bottom) / 2), int(zoom * (left + right) / 2)])
        for top, left, bottom, right in components.boxes
    ]
    assert len(middles) > 1
    assert all(colour != following for colour, following in pairwise(middles))
    assert (255, 255, 255) not in middles


def test_dropped_ink_is_shown_in_grey(sheet):
    found = sheet.reading.found
    without = replace(found, components=found.components.select(np.zeros(len(found.components), bool)))
    pixels = _drawn(replace(sheet, reading=replace(sheet.reading, found=without)), "components")
    assert {tuple(colour) for colour in np.unique(pixels.reshape(-1, 3), axis=0)} == {(205,) * 3, (255,) * 3}


@pytest.mark.parametrize("stage", ["rows", "glyphs"])
def test_boxes_are_tinted_by_confidence(stage):
    def of_last_letter(confidence):
        sheet = make_sheet(make_page("AB", "CD", confidence=confidence))
        pixels = _drawn(sheet, stage)
        zoom, box = _zoom(pixels, sheet), sheet.page.rows[1].words[0].glyphs[1].box
        inside = pixels[
            zoom * box.top // SCALE : zoom * box.bottom // SCALE, zoom * box.left // SCALE : zoom * box.right // SCALE
        ]
        return inside.mean(axis=(0, 1))

    sure, unsure = of_last_letter(1.0), of_last_letter(0.1)
    assert sure[GREEN] > sure[RED]
    assert unsure[RED] > unsure[GREEN]


def test_confidence_runs_from_vermilion_to_teal():
    assert confidence_colour(0.0) == confidence_colour(0.5) == (205, 45, 20)
    assert confidence_colour(0.8) == (225, 150, 0)
    assert confidence_colour(1.0) == (0, 130, 115)
    assert confidence_colour(0.9) == (112, 140, 58)


def test_the_character_that_was_read_stands_above_its_glyph():
    def above_the_only_glyph(text):
        sheet = make_sheet(make_page(text))
        pixels = _drawn(sheet, "glyphs")
        zoom, box = _zoom(pixels, sheet), sheet.page.rows[0].words[0].glyphs[0].box
        return pixels[: zoom * box.top // SCALE, zoom * box.left // SCALE : zoom * box.right // SCALE].sum(axis=2) < 600

    assert 0 < above_the_only_glyph("I").sum() < above_the_only_glyph("B").sum()


def test_small_letters_are_enlarged_and_large_pages_are_not(sheet):
    assert _zoom(_drawn(sheet, "glyphs"), sheet) == 4
    grey = np.full((2000, 3200), 255, np.uint8)
    large = replace(sheet, reading=replace(sheet.reading, picture=Picture(grey, 640, 400)))
    assert _zoom(_drawn(large, "glyphs"), large) == 1


def _on_grey_paper(sheet):
    dim = replace(sheet.reading.picture, grey=sheet.reading.picture.grey // 2 + 20)
    return replace(sheet, reading=replace(sheet.reading, picture=dim))


def test_grey_paper_becomes_white_below_the_boxes(sheet):
    pixels = _drawn(_on_grey_paper(sheet), "glyphs")
    assert tuple(pixels[-1, -1]) == (255, 255, 255)


def test_stages_are_chosen_by_name(sheet):
    sheet = _on_grey_paper(sheet)  # on white paper its ink is all that the page shows
    shown = {stage: find_format("png", stage).write([sheet], MODEL) for stage in STAGES}
    assert len(set(shown.values())) == len(STAGES)
    assert find_format("png").write([sheet], MODEL) == shown["glyphs"]


def test_only_a_png_has_stages():
    with pytest.raises(
        InvalidInput, match="stage: expected none, for only the format png has stages; got 'ink' with pdf"
    ):
        find_format("pdf", "ink")
