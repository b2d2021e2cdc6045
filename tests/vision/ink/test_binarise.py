"""Light evened out, and ink told from paper."""

from __future__ import annotations

from itertools import product

import numpy as np
import pytest
from scipy import ndimage

from app.vision import segment
from app.vision.ink.binarise import NO_INK, flatten_illumination, ink_levels
from tests.vision.conftest import write_page

PAGE = write_page(["HAND PRINT", "2 ROWS"])
WRITTEN = PAGE.grey < 128  # where the pen went


def _lit(light, reflection=0.3):
    """Photograph the page: ink reflects a share of the light that falls on the paper around it."""
    return np.rint(light * np.where(WRITTEN, reflection, 1.0)).astype(np.uint8)


def _noise(shape, sigma, blur, rng):
    noise = rng.normal(size=shape)
    noise = ndimage.gaussian_filter(noise, blur) if blur else noise
    return sigma * noise / noise.std()


def _ink_found(grey):
    ink = flatten_illumination(grey)
    return ink >= ink_levels(ink).faint


@pytest.mark.parametrize("paper", [255, 128, 60])
def test_an_even_sheet_has_no_ink_whatever_its_brightness(paper):
    assert not flatten_illumination(np.full((30, 40), paper, np.uint8)).any()


@pytest.mark.parametrize("axis", [0, 1])
def test_a_gradient_of_light_is_evened(axis):
    light = 130 + 120 * np.indices(WRITTEN.shape)[axis] / WRITTEN.shape[axis]
    ink = flatten_illumination(_lit(light))
    assert ink[~WRITTEN].max() < 20
    np.testing.assert_allclose(ink[WRITTEN], 255 * 0.7, atol=10)
    np.testing.assert_array_equal(_ink_found(_lit(light)), WRITTEN)


def test_writing_is_found_on_both_sides_of_a_shadows_edge():
    lit = np.arange(WRITTEN.shape[1]) < WRITTEN.shape[1] // 2
    light = ndimage.gaussian_filter1d(np.where(lit, 240.0, 110.0), 20) * np.ones(WRITTEN.shape)
    assert np.array_equal(_ink_found(_lit(light)), WRITTEN)


def test_a_corner_without_any_light_does_no_harm():
    light = np.full(WRITTEN.shape, 240.0)
    light[:12, :12] = 0
    found = _ink_found(_lit(light))
    assert np.array_equal(found[14:], WRITTEN[14:])


@pytest.mark.parametrize("contrast, noise", [(20, 0), (20, 1), (25, 2), (40, 3)])
def test_faint_pencil_is_found(contrast, noise, rng):
    grey = 225 - contrast * (1 - PAGE.grey / 255) + _noise(WRITTEN.shape, noise, 0.6, rng)
    found = _ink_found(np.clip(grey, 0, 255).astype(np.uint8))
    assert (found & WRITTEN).sum() > 0.9 * (found | WRITTEN).sum()


@pytest.mark.parametrize(
    "shape, sigma",
    [*product([(200, 150), (300, 400), (700, 900)], [2, 4, 8, 12]), ((1200, 1600), 4)],  # the largest takes long
    ids=str,
)
@pytest.mark.parametrize("blur", [0, 1], ids=["sharp", "soft"])
def test_a_blank_noisy_sheet_is_blank(shape, sigma, blur, rng):
    sheet = np.clip(235 + _noise(shape, sigma, blur, rng), 0, 255).astype(np.uint8)
    assert _ink_found(sheet).mean() < 5e-3
    assert segment(sheet).rows == []


def test_a_scan_in_black_and_white_has_one_grey_of_ink():
    """Neither Otsu's method nor anything else finds two kinds of dark pixels there."""
    np.testing.assert_array_equal(_ink_found(np.where(WRITTEN, 0, 255).astype(np.uint8)), WRITTEN)


def test_levels_of_typed_ink():
    ink = np.zeros((10, 20), np.uint8)
    assert ink_levels(ink) == NO_INK
    assert not (np.full(3, 255, np.uint8) >= NO_INK.faint).any()
    ink[4:6, :10] = 180
    ink[4:6, 10:] = 90
    levels = ink_levels(ink)
    assert 90 <= levels.sure < 180  # the darker half starts strokes,
    assert 45 <= levels.faint <= 90  # the lighter one belongs to them


def test_what_was_made_paper_does_not_say_how_noisy_the_rest_is(rng):
    """A sheet that fills a quarter of its image; all around it is without noise."""
    sheet = np.zeros((400, 400), bool)
    sheet[96:296, 96:296] = True
    ink = np.where(sheet, np.maximum(_noise(sheet.shape, 8, 0, rng), 0), 0).astype(np.uint8)
    ink[190:200, 120:280] = 150
    levels = ink_levels(ink, photographed=sheet)
    assert levels == ink_levels(ink[96:296, 96:296])
    assert levels.floor > 1.5 * ink_levels(ink).floor
    assert ink_levels(ink, photographed=np.zeros_like(sheet)) == NO_INK


@pytest.mark.parametrize("shape", [(1, 1), (1, 2), (2, 1), (3, 3), (1, 500), (500, 1)], ids=str)
@pytest.mark.parametrize("paper", [0, 128, 255])
def test_a_page_of_a_few_pixels_is_no_trouble(shape, paper):
    assert segment(np.full(shape, paper, np.uint8)).rows == []


@pytest.mark.parametrize("dark", [slice(0, 60), slice(0, 30), slice(20, 40)], ids=["all", "half", "bar"])
def test_a_black_page_or_a_black_half_is_no_trouble(dark):
    sheet = np.full((50, 60), 255, np.uint8)
    sheet[:, dark] = 0
    assert len(segment(sheet).rows) <= 1
