"""Barcodes become paper."""

from __future__ import annotations

import numpy as np
import pytest
from PIL import Image
from scipy import ndimage

from app.vision import segment
from app.vision.ink.barcodes import without_barcodes
from tests.vision.conftest import write_page

PAPER = 225


def _code(rng, bars=40, height=90, module=2):
    """Bars one to four modules wide, and as wide gaps between them."""
    widths = rng.integers(1, 5, 2 * bars - 1) * module
    line = np.repeat(np.where(np.arange(len(widths)) % 2, PAPER, 30), widths)
    return np.repeat(line[None], height, axis=0).astype(np.uint8)


def _label(rng, code, angle_deg=0.0, noise=2.0):
    """A label with a code, blurred and noisy, and which of its pixels are the code."""
    label = np.full((400, 900), PAPER, np.uint8)
    there = np.zeros(label.shape, np.uint8)
    height, width = code.shape
    label[150 : 150 + height, 200 : 200 + width] = code
    there[150 : 150 + height, 200 : 200 + width] = 1
    turned = Image.fromarray(label).rotate(angle_deg, Image.Resampling.BICUBIC, fillcolor=PAPER)
    photo = ndimage.gaussian_filter(np.asarray(turned, np.float32), 0.7) + rng.normal(size=label.shape) * noise
    return photo.clip(0, 255).astype(np.uint8), np.asarray(Image.fromarray(there).rotate(angle_deg)) > 0


@pytest.mark.parametrize("module", [2, 3])
@pytest.mark.parametrize("angle_deg", [-4, 0, 3])
@pytest.mark.parametrize("turned", [False, True])
def test_a_code_becomes_paper(module, angle_deg, turned, rng):
    label, _ = _label(rng, _code(rng, module=module), angle_deg)
    cleared = without_barcodes(label.T if turned else label)
    assert np.abs(cleared.astype(int) - PAPER).max() < 20


def test_what_is_beside_a_code_stays_as_it_is(rng):
    label, code = _label(rng, _code(rng))
    label[270:300, 200:300:9] = 40  # digits below it, say
    cleared = without_barcodes(label)
    beside = ~ndimage.binary_dilation(code, np.ones((3, 3)), 8)
    np.testing.assert_array_equal(cleared[beside], label[beside])


def test_a_code_in_a_shadow_becomes_paper_in_a_shadow(rng):
    label, code = _label(rng, _code(rng))
    light = np.linspace(1, 0.5, label.shape[1])
    cleared = without_barcodes((label * light).astype(np.uint8))
    assert np.abs(cleared / light - PAPER)[code].max() < 40


def test_writing_beside_a_code_is_read_alone(rng):
    page = write_page(["PARCEL NO 42", "TO ANNA"]).grey
    code = _code(rng, bars=30)
    label = np.full((page.shape[0] + 130, 900), page.max(), np.uint8)
    label[: page.shape[0], : page.shape[1]] = page
    label[page.shape[0] : page.shape[0] + 90, 40 : 40 + code.shape[1]] = code
    assert [len(row.pieces) for row in segment(label).rows] == [10, 6]


@pytest.mark.parametrize("text", ["llllllllllllllllllllllll", "IIIIIIIIIIIIIIIIIIIIIIII", "HHHHHHHHHHHHHHHHHHHHHH"])
def test_a_row_of_stems_is_no_code(text):
    page = write_page([text], height_px=60).grey
    assert without_barcodes(page) is page


def test_ruling_and_noise_are_no_code(rng):
    ruled = np.full((600, 800), PAPER, np.uint8)
    ruled[::12] = 90
    assert without_barcodes(ruled) is ruled
    noise = rng.integers(0, 255, (600, 800)).astype(np.uint8)
    assert without_barcodes(noise) is noise


@pytest.mark.parametrize("shape", [(1, 1), (3, 200), (200, 3)])
def test_a_tiny_image_has_none(shape):
    image = np.full(shape, PAPER, np.uint8)
    assert without_barcodes(image) is image


def test_nothing_is_read_of_a_picture_of_nothing_but_bars(rng):
    assert not segment(_code(rng, bars=60, height=500)).rows
