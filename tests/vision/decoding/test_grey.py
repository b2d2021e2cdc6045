"""Pixels of every kind to grey."""

from __future__ import annotations

import numpy as np
import pytest
from PIL import Image

from app.errors import UnreadableImage
from app.vision import decode
from tests.vision.drawn import SHEET, encode


def test_colours_become_the_brightness_that_they_have():
    colours = np.array([[[255, 0, 0], [0, 255, 0], [0, 0, 255]]], np.uint8)
    np.testing.assert_allclose(decode(encode(colours, "PNG")).grey, [[76, 150, 29]], atol=1)  # ITU-R 601


def test_what_is_transparent_shows_white_paper():
    ink = np.zeros((2, 3, 4), np.uint8)  # black everywhere, but seen only where alpha says so
    ink[..., 3] = [[0, 128, 255], [255, 0, 0]]
    for data in (encode(ink, "PNG"), encode(ink, "WEBP", lossless=True, exact=True), encode(ink, "TIFF")):
        np.testing.assert_allclose(decode(data).grey, [[255, 127, 0], [0, 255, 255]], atol=1)
    np.testing.assert_allclose(decode(encode(ink, "PNG", "LA")).grey, [[255, 127, 0], [0, 255, 255]], atol=1)


def test_white_on_nothing_is_white_on_black():
    ink = np.full((2, 3, 4), 255, np.uint8)
    ink[..., 3] = [[0, 128, 255], [255, 0, 0]]
    np.testing.assert_allclose(decode(encode(ink, "PNG")).grey, [[0, 128, 255], [255, 0, 0]], atol=1)
    np.testing.assert_allclose(decode(encode(ink, "PNG", "LA")).grey, [[0, 128, 255], [255, 0, 0]], atol=1)


def test_a_palette_is_looked_up():
    image = Image.fromarray(np.array([[0, 1, 2]], np.uint8), "P")
    image.putpalette([200, 200, 200, 0, 0, 0, 90, 90, 90])
    assert decode(encode(image, "PNG")).grey.tolist() == [[200, 0, 90]]
    assert decode(encode(image, "PNG", transparency=1)).grey.tolist() == [[200, 255, 90]]


@pytest.mark.parametrize("format", ["PNG", "TIFF"])
def test_16_bits_are_scaled_and_not_clipped(format):
    for pixels, grey in (([0, 257 * 100, 65535], [0, 100, 255]), ([1000, 2000, 3000], [0, 127, 255])):
        np.testing.assert_allclose(decode(encode(np.array([pixels], np.uint16), format)).grey, [grey], atol=1)


def test_16_bits_with_a_transparent_grey_are_not_clipped_either():
    pixels = np.array([[1000, 2000, 3000]], np.uint16)
    np.testing.assert_allclose(decode(encode(pixels, "PNG", transparency=3000)).grey, [[0, 127, 255]], atol=1)


def test_more_than_16_bits_are_scaled_too():
    for pixels in (np.array([[-5, 0, 5]], np.int32), np.array([[0.0, 0.5, 1.0]], np.float32)):
        np.testing.assert_allclose(decode(encode(pixels, "TIFF")).grey, [[0, 127, 255]], atol=1)


def test_a_hot_pixel_does_not_turn_the_page_black():
    pixels = np.where(np.tile(SHEET, (5, 5)) == 255, 1000, 200).astype(np.uint16)
    pixels[30, 40] = 65535
    assert decode(encode(pixels, "PNG")).grey[0, 0] > 250


def test_one_hot_pixel_does_not_turn_a_page_of_floats_black():
    pixels = np.full((200, 200), 0.9, np.float32)
    pixels[:, 50:60] = 0.1
    pixels[0, 0] = 1e6
    grey = decode(encode(pixels, "TIFF")).grey
    assert grey[:, 50:60].max() == 0
    assert grey[:, 60:].min() == 255


def test_what_is_no_number_in_a_tiff_of_floats_is_as_light_as_paper():
    pixels = np.array([[np.nan, np.inf, -np.inf, 0.0, 50.0, 100.0]], np.float32)
    np.testing.assert_allclose(decode(encode(pixels, "TIFF")).grey, [[255, 255, 0, 0, 127, 255]], atol=1)


def test_a_uniform_picture_of_16_bits_divides_by_nothing():
    assert np.ptp(decode(encode(np.full((3, 3), 4000, np.uint16), "PNG")).grey) == 0


def test_one_bit_is_black_and_white():
    np.testing.assert_array_equal(decode(encode(SHEET > 127, "PNG")).grey, np.where(SHEET > 127, 255, 0))


@pytest.mark.parametrize("format", ["JPEG", "TIFF"])
def test_black_printing_ink_is_dark_and_none_is_paper(format):
    ink = np.zeros((16, 32, 4), np.uint8)
    ink[:, :16, 3] = 255  # the K of CMYK
    grey = decode(encode(Image.fromarray(ink, "CMYK"), format)).grey
    assert grey[:, :14].max() < 10
    assert grey[:, 18:].min() > 245


def test_a_colour_space_that_is_no_grey_and_no_colour_is_refused_by_name():
    with pytest.raises(UnreadableImage, match="LAB"):
        decode(encode(Image.new("LAB", (9, 9)), "TIFF"))
