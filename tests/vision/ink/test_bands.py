"""White writing on a band along the edge of a sheet."""

from __future__ import annotations

import numpy as np
import pytest
from PIL import Image
from scipy import ndimage

from app.vision import segment
from app.vision.ink.bands import find_bands
from app.vision.ink.sheet import without_surroundings
from tests.vision.conftest import write_page

HEAD, PAGE = write_page(["VISITOR"]), write_page(["ON A SHEET", "OF PAPER"])
PIECES = [7, 8, 7]


def _tag(band):
    """A sheet whose head is written in white on a band as wide as the sheet."""
    width = max(HEAD.grey.shape[1], PAGE.grey.shape[1]) + 40
    head, page = (
        np.pad(part.grey, ((6, 6), (20, width - part.grey.shape[1] - 20)), constant_values=255) for part in (HEAD, PAGE)
    )
    return np.concatenate([235 - head * ((235 - band) / 255), np.minimum(page, 235)])


def _on_table(rng, tag, table, angle_deg=0.0):
    grain = ndimage.gaussian_filter(rng.normal(size=np.add(tag.shape, 240)), (1.2, 25))
    photo = Image.fromarray((table + 0.15 * table * grain / grain.std()).clip(0, 255).astype(np.uint8))
    turned = Image.fromarray(tag.astype(np.uint8)).rotate(angle_deg, Image.Resampling.BICUBIC, expand=True)
    opaque = Image.new("L", tag.shape[::-1], 255).rotate(angle_deg, Image.Resampling.BICUBIC, expand=True)
    photo.paste(turned, (110, 100), opaque)
    return np.asarray(photo)


@pytest.mark.parametrize("band", [40, 90])
@pytest.mark.parametrize("table", [25, 75, 150])
@pytest.mark.parametrize("angle_deg", [0, -5])
def test_the_head_of_a_sheet_in_white_on_dark_is_read_with_it(band, table, angle_deg, rng):
    photo = _on_table(rng, _tag(band), table, angle_deg)
    assert [len(row.pieces) for row in segment(photo).rows] == PIECES


def test_a_band_becomes_paper_and_its_writing_dark(rng):
    tag = _tag(70)
    page = without_surroundings(_on_table(rng, tag, 60))
    head = slice(100, 100 + HEAD.grey.shape[0])
    shown, drawn = page[head, 110 : 110 + tag.shape[1]], tag[: HEAD.grey.shape[0]]
    assert np.mean((shown < 128) == (drawn > 150)) > 0.98
    assert shown[drawn == 70].mean() > 220


def _is_found(grey, sheet):
    cells = np.asarray(Image.fromarray(grey).reduce(3))
    return find_bands(grey, cells, 3, np.asarray(Image.fromarray(sheet).reduce(3)) > 0, 235.0) is not None


def test_a_box_amid_a_sheet_is_no_band():
    photo, sheet = np.full((700, 700), 235, np.uint8), np.zeros((700, 700), np.uint8)
    head = HEAD.grey[:90, :300]
    photo[40 : 40 + head.shape[0], 200 : 200 + head.shape[1]] = 235 - head * (195 / 255)
    sheet[40:, 100:600] = 255
    assert _is_found(photo, sheet)
    sheet[:40, 100:600] = 255
    assert not _is_found(photo, sheet)


def test_what_is_dark_on_a_sheet_in_a_shadow_leaves_no_light_letters():
    sheet = (PAGE.grey * 0.55).astype(np.uint8)
    assert not _is_found(sheet, np.zeros_like(sheet))


def test_light_grain_of_a_table_is_no_writing(rng):
    photo = _on_table(rng, np.minimum(np.pad(PAGE.grey, 20, constant_values=255), 235), 60)
    assert not _is_found(photo, np.zeros_like(photo))


def test_letters_on_keys_are_no_writing():
    desk = np.full((700, 700), 30, np.uint8)
    for top in range(60, 640, 60):
        for left, letter in zip(range(30, 640, 45), "QWERTYUIOPASDF", strict=True):
            key = write_page([letter], height_px=18).grey[:45, :45]
            desk[top : top + key.shape[0], left : left + key.shape[1]] = 230 - key * (200 / 255)
    assert not _is_found(desk, np.zeros_like(desk))
