"""How large a page is looked at."""

from __future__ import annotations

import numpy as np
import pytest
from PIL import Image

from app.datasets.pens.hand import Hand
from app.vision import segment
from app.vision.ink.scale import overview_zoom, reading_zoom, scaled
from tests.vision.conftest import write_page

TEXT = ["SPHINX OF BLACK", "QUARTZ: JUDGE"]


def _pieces(found):
    return [len(row.pieces) for row in found.rows]


@pytest.mark.parametrize("shape, zoom", [((300, 400), 1), ((1000, 1000), 1), ((2000, 1500), 1 / 2), ((1, 9), 1)])
def test_a_large_page_is_first_looked_at_reduced(shape, zoom):
    assert overview_zoom(shape) == zoom


@pytest.mark.parametrize(
    "zoom, height, chosen",
    [
        (1 / 3, 30, 1 / 3),  # high enough
        (1 / 3, 20, 1),  # half the size would give 30
        (1 / 4, 20, 1 / 2),
        (1, 12, 3),
        (1, 18, 2),
        (1, 3, 3),  # enough is enough
        (1, 0, 1),  # nothing was found, whatever the size
    ],
)
def test_low_letters_are_looked_at_larger(zoom, height, chosen):
    assert reading_zoom((300, 400), zoom, height) == pytest.approx(chosen)


def test_a_large_page_is_not_enlarged_to_no_end():
    assert reading_zoom((1000, 1200), 1, 10) == pytest.approx((1_500_000 / 1_200_000) ** 0.5)
    assert reading_zoom((3000, 1200), 1, 10) == 1


@pytest.mark.parametrize("zoom, shape", [(0.5, (5, 6)), (1, (10, 11)), (2.5, (25, 28))])
def test_a_page_is_scaled(zoom, shape):
    grey = np.full((10, 11), 77, np.uint8)
    assert scaled(grey, zoom).shape == shape
    assert (scaled(grey, zoom) == 77).all()


def test_a_page_of_high_letters_is_read_reduced_and_gives_the_same_pieces():
    grey = write_page(TEXT, height_px=300).grey
    found = segment(grey)
    assert found.ink.size < 0.3 * grey.size
    assert _pieces(found) == [13, 12]


def test_a_large_page_of_low_letters_is_read_in_full():
    grey = np.pad(write_page(TEXT, height_px=36).grey, ((0, 1500), (0, 1500)), constant_values=255)
    found = segment(grey)
    assert found.ink.shape == grey.shape
    assert _pieces(found) == [13, 12]


@pytest.mark.parametrize("height_px", [9, 11])
def test_a_page_of_tiny_letters_is_enlarged_until_they_come_apart(height_px):
    large = Image.fromarray(write_page(TEXT, height_px=8 * height_px, hand=Hand(letter_gap=0.12)).grey)
    grey = np.asarray(large.reduce(8))
    found = segment(grey)
    assert found.ink.shape[0] > 2 * grey.shape[0]
    assert _pieces(found) == [13, 12]
