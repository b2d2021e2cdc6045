"""A few letters that fill their picture are laid on larger paper."""

from __future__ import annotations

import numpy as np
import pytest
from PIL import Image, ImageDraw

from app.vision import segment
from app.vision.ink.margin import on_larger_paper
from tests.vision.conftest import write_page

STROKES = [[(30, 20), (30, 180)], [(30, 100), (120, 100)], [(120, 20), (120, 180)]]  # an H


def _letter(pen_px, ground, ink, times=1):
    image = Image.new("L", (150 * times, 200 * times), ground)
    draw = ImageDraw.Draw(image)
    for stroke in STROKES:
        draw.line([(x * times, y * times) for x, y in stroke], fill=ink, width=pen_px * times)
    return np.asarray(image)


@pytest.mark.parametrize("times", [1, 8])
@pytest.mark.parametrize("ground, ink", [(255, 0), (0, 255), (235, 120)])
@pytest.mark.parametrize("pen_px", [10, 20, 30])
def test_a_letter_that_fills_its_picture_is_found(pen_px, ground, ink, times):
    found = segment(_letter(pen_px, ground, ink, times))
    ((piece,),) = (row.pieces for row in found.rows)
    box = np.array([20, 30 - pen_px / 2, 180, 120 + pen_px / 2])
    np.testing.assert_allclose(found.on_page(piece.box) / times, box, atol=6)


@pytest.mark.parametrize("ground, ink", [(220, 40), (40, 220)])
def test_a_photographed_letter_that_fills_its_picture_is_found(ground, ink, rng):
    """With noise, and light from the left."""
    letter = _letter(30, ground, ink, 2) * np.linspace(1, 0.85, 300) + rng.normal(0, 4, (400, 300))
    found = segment(letter.clip(0, 255).astype(np.uint8))
    ((piece,),) = (row.pieces for row in found.rows)
    np.testing.assert_allclose(found.on_page(piece.box) / 2, [20, 15, 180, 135], atol=6)


def test_bars_that_fill_a_picture_are_letters():
    """They fill their convex hulls as sheets do, but are slim."""
    eleven = np.full((300, 240), 255, np.uint8)
    eleven[30:270, 50:95] = eleven[30:270, 145:190] = 0
    assert len(segment(eleven).rows[0].pieces) == 2


def test_paper_goes_on_as_it_is_and_the_way_back_is_known():
    letter = _letter(10, 240, 30)
    page, to_page = on_larger_paper(letter)
    left, top = to_page.inverse().shift.astype(int)
    place = slice(top, top + letter.shape[0]), slice(left, left + letter.shape[1])
    np.testing.assert_array_equal(page[place], letter)
    beside = page.copy()
    beside[place] = 240
    assert (beside == 240).all()


def _sheet():
    """Light paper with writing, on black."""
    return np.pad(write_page(["PAPER", "SHEET", "TWICE"]).grey, 40)


def _turned_sheet():
    """A row of writing on light paper, askew on a darker table."""
    sheet = Image.fromarray(np.pad(write_page(["ONE ROW"]).grey, ((0, 120), (0, 80)), constant_values=255))
    paper = Image.new("L", sheet.size, 255).rotate(15, expand=True)
    photo = Image.new("L", (paper.width + 80, paper.height + 80), 120)
    photo.paste(sheet.rotate(15, expand=True), (40, 40), paper)
    return np.asarray(photo)


def _two_sheets():
    """With writing, side by side on a dark table: the convex area around both is mostly table."""
    sheet = np.pad(write_page(["TWO", "OF", "THEM"], height_px=26).grey, 30, constant_values=255)
    photo = np.full((2 * sheet.shape[0], 2 * sheet.shape[1] + 120), 70, np.uint8)
    for top, left in ((20, 40), (sheet.shape[0] - 40, sheet.shape[1] + 80)):
        photo[top : top + sheet.shape[0], left : left + sheet.shape[1]] = sheet
    return photo


def _framed():
    """Writing on a board in a thick dark frame on a light wall."""
    board = np.pad(write_page(["HELLO"], height_px=26).grey, 60, constant_values=255)
    return np.pad(np.pad(board, 24, constant_values=40), 24, constant_values=200)


def _silhouette():
    """A body with four legs."""
    drawing = _letter(6, 255, 0).copy()
    drawing[30:80, 15:135] = 0
    return drawing


PAGES = {
    "row": write_page(["A ROW"]).grey,
    "thin pen": _letter(3, 255, 0),
    "sheet": _sheet(),
    "turned sheet": _turned_sheet(),
    "two sheets": _two_sheets(),
    "framed": _framed(),
    "silhouette": _silhouette(),
    "tiny": np.zeros((1, 3), np.uint8),
    "faint": np.eye(60, dtype=np.uint8),
}


@pytest.mark.parametrize("page", PAGES.values(), ids=PAGES)
def test_other_pages_are_returned_as_they_are(page):
    same, to_page = on_larger_paper(page)
    assert same is page
    np.testing.assert_array_equal(to_page.shift, [0, 0])
