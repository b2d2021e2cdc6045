"""Rough ground: wood, cloth, leaves."""

from __future__ import annotations

import tracemalloc

import numpy as np
import pytest
from scipy import ndimage

from app.datasets.pens.hand import Hand
from app.vision import segment
from app.vision.ink.binarise import flatten_illumination
from app.vision.ink.texture import without_texture
from tests.vision.conftest import write_page

PAGE = write_page(["BESIDE A", "LIGHT TABLE", "3 ROWS"])
TABLE = 160  # pixels of it to the right


def _beside_wood(rng):
    """The page, and grain as light as its paper beside it, so that nothing but the grain tells where paper ends."""
    height = PAGE.grey.shape[0]
    grain = ndimage.gaussian_filter(rng.normal(size=(height, TABLE)), (12, 1.0))
    wood = 205 + 25 * grain / grain.std()
    page = np.minimum(PAGE.grey, 225) + rng.normal(0, 2, PAGE.grey.shape)
    return np.concatenate([page, wood], axis=1).clip(0, 255).astype(np.uint8)


def test_grain_is_no_writing_and_writing_stays(rng):
    found = segment(_beside_wood(rng)).rows
    on_paper = [[piece for piece in row.pieces if piece.box.right < PAGE.grey.shape[1]] for row in found]
    assert [len(pieces) for pieces in on_paper if pieces] == [len(boxes) for boxes in PAGE.boxes]
    assert sum(len(row.pieces) for row in found) - sum(map(len, on_paper)) <= 3


def test_what_is_much_darker_than_its_rough_ground_is_left(rng):
    photo = _beside_wood(rng)
    photo[60:100, -90:-80] = 10
    ink = without_texture(flatten_illumination(photo))
    assert ink[65:95, -88:-82].min() > 60
    assert np.median(ink[:, -TABLE // 2 :]) == 0


def test_a_page_that_is_alike_everywhere_is_left_alone(rng):
    noisy = (PAGE.grey * 0.8 + rng.normal(0, 6, PAGE.grey.shape)).clip(0, 255).astype(np.uint8)
    for grey in (PAGE.grey, noisy):
        ink = flatten_illumination(grey)
        assert without_texture(ink) is ink


def test_a_noisy_sheet_is_not_rougher_than_the_smooth_paper_that_its_table_became(rng):
    """Half of the image is smooth, but nothing there was photographed."""
    ink = np.abs(rng.normal(20, 6, (400, 600))).astype(np.uint8)
    photographed = np.ones(ink.shape, bool)
    photographed[:, 250:] = False
    ink[~photographed] = 0
    assert without_texture(ink) is not ink
    assert without_texture(ink, photographed) is ink


def test_what_is_rough_at_the_edge_of_a_sheet_stays_rough(rng):
    """A strip of cloth that was cut off with the sheet; beyond it nothing was photographed."""
    ink = np.abs(rng.normal(4, 2, (400, 600))).astype(np.uint8)
    cloth = slice(288, 352)  # two places of 24 pixels and a part of the third
    ink[:, cloth] = np.abs(rng.normal(90, 40, (400, 64))).clip(0, 255)
    photographed = np.ones(ink.shape, bool)
    photographed[:, cloth.stop :] = False
    ink[~photographed] = 0
    assert without_texture(ink, photographed)[:, cloth].mean() < 0.8 * ink[:, cloth].mean()


def test_thick_writing_is_no_texture():
    ink = flatten_illumination(write_page(["BIG WORDS", "IN FELT"], hand=Hand(pen=0.3)).grey)
    assert without_texture(ink) is ink


def test_dense_writing_in_a_pen_as_thick_as_its_gaps_is_no_texture(rng):
    """More than half of most places is ink, and what lies between is paper."""
    ink = np.abs(rng.normal(0, 2, (600, 900)))
    bars = np.arange(160) % 24 < 14
    ink[200:360, 300:460][:, bars] = rng.normal(190, 2, (160, np.count_nonzero(bars)))
    ink = ink.astype(np.uint8)
    written = without_texture(ink)[200:360, 300:460][:, bars]
    assert written.min() > 100


@pytest.mark.parametrize("shape", [(1, 300_000), (300_000, 1)])
def test_a_page_as_flat_as_a_thread_takes_little_memory(shape):
    dashes = np.where(np.arange(300_000) % 400 < 300, 200, 0).astype(np.uint8).reshape(shape)
    tracemalloc.start()
    without_texture(dashes)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert peak < 20 * dashes.size
