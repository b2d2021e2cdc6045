from __future__ import annotations

import numpy as np
import pytest

from app.errors import InvalidInput
from app.vision import GLYPH_SIZE, STRIP_HEIGHT, glyph_of_image, normalise_glyph, strip_of_image


def _cross(ground, ink, size=40):
    image = np.full((size, size), ground, np.uint8)
    image[size // 4 : -size // 4, size // 2 - 2 : size // 2 + 2] = ink
    image[size // 2 - 2 : size // 2 + 2, size // 4 : -size // 4] = ink
    return image


def test_a_whole_image_is_one_glyph():
    expected = normalise_glyph(_cross(0, 255))
    glyph = glyph_of_image(_cross(230, 20))
    assert glyph.shape == (GLYPH_SIZE, GLYPH_SIZE)
    np.testing.assert_allclose(glyph, expected, atol=0.01)


def test_light_writing_on_dark_ground_is_the_same_glyph():
    np.testing.assert_array_equal(glyph_of_image(_cross(200, 50)), glyph_of_image(_cross(50, 200)))


def test_a_shadow_is_no_ink():
    image = _cross(230, 20)
    image[:, :10] = 200
    np.testing.assert_array_equal(glyph_of_image(image), glyph_of_image(_cross(230, 20)))


def test_a_whole_image_is_one_row():
    strip = strip_of_image(np.hstack([_cross(230, 20)] * 3))
    assert strip.pixels.shape[0] == STRIP_HEIGHT
    assert strip.width > 3 * STRIP_HEIGHT


@pytest.mark.parametrize("image", [np.full((9, 9), 200, np.uint8), np.full((1, 1), 0, np.uint8), _cross(120, 125)])
def test_an_image_without_ink_is_refused(image):
    with pytest.raises(InvalidInput, match="ink"):
        glyph_of_image(image)
