"""Flat corners around a picture that was turned, and nothing else, are taken for padding."""

from __future__ import annotations

from io import BytesIO

import numpy as np
import pytest
from PIL import Image

from app.vision.ink.padding import without_padding
from tests.vision.conftest import write_page

HEIGHT, WIDTH = 300, 500


@pytest.fixture
def photo(rng):
    """Shaded paper with noise and a word: far darker on the right."""
    page = write_page(["WORD"]).grey
    light = np.linspace(240, 90, WIDTH) + rng.normal(0, 2, (HEIGHT, WIDTH))
    light[100 : 100 + page.shape[0], 150 : 150 + page.shape[1]] *= page / 255
    return np.clip(light, 0, 255).astype(np.uint8)


def _turned(photo, angle_deg, fill, expand=True, format="PNG"):
    image = Image.fromarray(photo).rotate(angle_deg, Image.Resampling.BICUBIC, expand=expand, fillcolor=fill)
    file = BytesIO()
    image.save(file, format, quality=85)
    return np.asarray(Image.open(file))


@pytest.mark.parametrize("fill, format", [(0, "PNG"), (128, "PNG"), (255, "PNG"), (0, "JPEG")])
@pytest.mark.parametrize("expand", [True, False])
@pytest.mark.parametrize("angle_deg", [-11, 4])
def test_the_light_of_the_picture_goes_on_where_the_padding_was(photo, angle_deg, expand, fill, format):
    turned = _turned(photo, angle_deg, fill, expand, format)
    padding = np.asarray(Image.new("L", (WIDTH, HEIGHT), 255).rotate(angle_deg, expand=expand)) == 0
    light = 165 - 150 / WIDTH * (np.arange(turned.shape[1]) - turned.shape[1] / 2)
    for page, wrong in ((turned, (0.4, 1)), (without_padding(turned)[0], (0, 0.01))):
        off = np.abs(page - light)[padding] > 40
        assert wrong[0] <= off.mean() <= wrong[1]


def test_what_the_padding_surrounds_stays_as_it_is(photo):
    turned = _turned(photo, 4, 0)
    inside = np.asarray(Image.new("L", (WIDTH - 40, HEIGHT - 40), 255).rotate(4, expand=True))
    margin = [(there - here) // 2 for there, here in zip(turned.shape, inside.shape, strict=True)]
    place = tuple(slice(start, start + length) for start, length in zip(margin, inside.shape, strict=True))
    np.testing.assert_array_equal(without_padding(turned)[0][place][inside > 0], turned[place][inside > 0])


@pytest.mark.parametrize("fill", [0, 255])
def test_what_was_photographed_is_told_from_padding(photo, fill):
    turned = _turned(photo, 4, fill)
    photographed = without_padding(turned)[1]
    padding = np.asarray(Image.new("L", (WIDTH, HEIGHT), 255).rotate(4, expand=True)) == 0
    assert photographed is not None
    assert not photographed[padding].any()
    assert photographed[~padding].mean() > 0.8


def test_corners_narrower_than_a_cell_are_padding(photo):
    turned = _turned(photo[95:185, 140:420], 1, 0)
    photographed = without_padding(turned)[1]
    assert photographed is not None
    assert not photographed[[0, -1]].any()
    assert not photographed[:, [0, -1]].any()


def test_specks_in_the_padding_are_no_text(photo):
    turned = _turned(photo, 4, 0).copy()
    turned[::60, 2] = 255
    assert without_padding(turned)[0][:, 0].mean() > 80


def _close_rows():
    """A long page whose rows fill it like a picture, seen from afar."""
    page = np.full((3000, 700), 255, np.uint8)
    for top in range(60, 2940, 24):
        for left in range(60, 640, 15):
            page[top : top + 17, left : left + 3] = page[top + 7 : top + 10, left : left + 10] = 0
    return page


def _screenshot():
    """A note between two bars of one grey; small text stands on them."""
    page = np.full((700, 500), 250, np.uint8)
    page[:70], page[-70:] = 235, 235
    word, label = write_page(["WORD"], height_px=60).grey, write_page(["MENU"], height_px=14).grey
    for grey, top, left in ((word, 250, 60), (label, 20, 30), (label, 650, 380)):
        place = slice(top, top + grey.shape[0]), slice(left, left + grey.shape[1])
        page[place] = np.minimum(page[place], grey)
    return page


@pytest.mark.parametrize("name", ["photo", "writing", "close rows", "blank", "two boxes", "tiny", "screenshot"])
def test_other_pages_are_returned_as_they_are(photo, name):
    boxes = np.full((200, 300), 255, np.uint8)
    boxes[20:80, 20:120] = boxes[120:180, 160:280] = 200
    page = {
        "photo": photo,
        "writing": write_page(["BLACK ON WHITE", "AS SCANNED"]).grey,
        "close rows": _close_rows(),
        "blank": np.full((100, 150), 255, np.uint8),
        "two boxes": boxes,
        "tiny": np.zeros((1, 3), np.uint8),
        "screenshot": _screenshot(),
    }[name]
    same, photographed = without_padding(page)
    assert same is page
    assert photographed is None
