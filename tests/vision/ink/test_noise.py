"""Writing that noise nearly hides."""

from __future__ import annotations

import numpy as np
import pytest
from PIL import Image
from scipy import ndimage

from app.vision import segment
from app.vision.ink.binarise import NO_INK, flatten_illumination, ink_levels
from app.vision.ink.noise import find_ink, non_local_means
from tests.vision.conftest import write_page

PAGE = write_page(["HAND PRINT", "NO ROW LOST"])
WRITTEN = PAGE.grey < 128  # where the pen went


def _photographed(ink, noise, rng, grain_px=0.0):
    """Write with ink that takes so many greys of the paper's 225, and let a camera add noise."""
    disturbance = rng.normal(size=WRITTEN.shape)
    if grain_px:
        disturbance = ndimage.gaussian_filter(disturbance, grain_px)
    grey = 225 - ink * (1 - PAGE.grey / 255) + noise * disturbance / disturbance.std()
    return np.clip(np.rint(grey), 0, 255).astype(np.uint8)


@pytest.mark.parametrize("ink, noise", [(160, 30), (120, 25), (60, 15), (30, 5), (15, 1.5)])
def test_writing_is_found_under_noise(ink, noise, rng):
    grey = _photographed(ink, noise, rng)
    found = find_ink(grey)
    inked = found.ink >= found.levels.faint
    assert (inked & WRITTEN).sum() > 0.5 * (inked | WRITTEN).sum()
    rows = segment(grey).rows
    assert len(rows) == len(PAGE.boxes)
    for row, boxes in zip(rows, PAGE.boxes, strict=True):
        assert abs(len(row.pieces) - len(boxes)) <= 2  # letters may touch where they are blurred


@pytest.mark.parametrize("ink, noise", [(200, 0), (120, 4), (40, 1)])
def test_ink_that_stands_clear_is_left_as_it_is(ink, noise, rng):
    grey = _photographed(ink, noise, rng)
    found = find_ink(grey)
    np.testing.assert_array_equal(found.grey, grey)
    np.testing.assert_array_equal(found.ink, flatten_illumination(grey))
    assert found.levels == ink_levels(found.ink)


def test_noise_as_coarse_as_strokes_is_no_reason_to_blur_them(rng):
    grey = _photographed(110, 14, rng, grain_px=3)
    found = find_ink(grey)
    assert found.levels.clearness < 2
    assert np.abs(np.diff(found.ink.astype(int), axis=1)).max() > 50  # the edges of strokes are sharp


def test_noise_is_taken_from_paper_and_strokes_stay_as_dark_and_as_thin(rng):
    grey = _photographed(60, 15, rng)
    quiet = non_local_means(grey).astype(float)
    paper = ~ndimage.binary_dilation(WRITTEN, iterations=4)
    assert quiet[paper].std() < 0.3 * grey[paper].std()
    contrast = {name: page[paper].mean() - page[WRITTEN].mean() for name, page in (("noisy", grey), ("quiet", quiet))}
    assert contrast["quiet"] > 0.8 * contrast["noisy"]


def test_a_page_without_noise_or_smaller_than_a_patch_is_left_as_it_is():
    for grey in (PAGE.grey, np.full((40, 40), 200, np.uint8), np.array([[0, 255], [255, 0]], np.uint8)):
        assert non_local_means(grey) is grey


@pytest.mark.parametrize("noise", [1, 4, 12, 28, 40])
@pytest.mark.parametrize("shape", [(300, 400), (700, 900)], ids=str)
def test_nothing_is_written_on_a_page_of_noise(shape, noise, rng):
    sheet = np.clip(225 + rng.normal(0, noise, shape), 0, 255).astype(np.uint8)
    assert segment(sheet).rows == []


@pytest.mark.parametrize("amplitude", [25, 50])
def test_of_noise_that_no_smoothing_takes_away_nothing_is_ink(amplitude, rng):
    """Grain as coarse as strokes, all over the page."""
    grain = ndimage.gaussian_filter(rng.normal(size=(300, 400)), 1.2)
    grey = np.clip(150 + amplitude * grain / grain.std(), 0, 255).astype(np.uint8)
    found = find_ink(grey)
    assert found.levels == NO_INK
    assert not (found.ink >= found.levels.faint).any()


@pytest.mark.parametrize("noise", [16, 20])
def test_specks_of_a_noisy_sheet_on_a_table_are_no_ink(noise, rng):
    """The table around it becomes paper without noise, and that is most of the image."""
    height, width = WRITTEN.shape
    photo = np.full((2 * height, 2 * width), 60.0)
    photo[height // 2 :, width // 2 :][:height, :width] = 225 - 160 * (1 - PAGE.grey / 255)
    photo = ndimage.gaussian_filter(photo, 0.7) + rng.normal(0, noise, photo.shape)
    rows = segment(photo.clip(0, 255).astype(np.uint8)).rows
    assert [len(row.pieces) for row in rows] == [len(boxes) for boxes in PAGE.boxes]


@pytest.mark.parametrize("fill", [0, 225, 255])
@pytest.mark.parametrize("angle_deg", [-3, 7])
def test_grain_of_a_page_that_software_turned_is_no_ink(angle_deg, fill, rng):
    """The corners around it have no grain, and are half of a strip."""
    strip = _photographed(100, 14, rng, grain_px=1)[:100]
    turned = Image.fromarray(strip).rotate(angle_deg, Image.Resampling.BICUBIC, expand=True, fillcolor=fill)
    rows = segment(np.asarray(turned)).rows
    assert [len(row.pieces) for row in rows] == [len(PAGE.boxes[0])]


def test_what_was_not_photographed_has_no_part_in_how_like_patches_are(rng):
    grey = np.full((200, 200), 200, np.uint8)
    photographed = np.zeros(grey.shape, bool)
    photographed[:40] = True
    grey[photographed] = np.rint(200 + rng.normal(0, 8, np.count_nonzero(photographed)))
    assert non_local_means(grey) is grey
    assert non_local_means(grey, photographed)[photographed].std() < 0.5 * grey[photographed].std()


def test_smoothing_lowers_the_faintest_level_and_looks_for_noise_farther_apart(rng):
    """Beside each other smoothed pixels differ little, however much they do across the page."""
    noise = ndimage.gaussian_filter(rng.normal(size=(400, 400)), 2)
    ink = np.clip(10 * noise / noise.std(), 0, 255).astype(np.uint8)  # the brighter half cut off
    ink[200:220, 100:300] = 200
    assert ink_levels(ink, 2.0).floor > ink_levels(ink).floor
    faint = np.zeros((40, 40), np.uint8)
    faint[10:20] = 9
    assert ink_levels(faint).floor == 0
    assert 0 < ink_levels(faint, 1.0).faint <= 9
