from __future__ import annotations

import array_api_strict as strict
import numpy as np
import pytest

from app.nn.windows import add_windows, windows

# image (H, W), window (KH, KW), stride: windows that overlap, touch, leave pixels over, and are not square
GEOMETRIES = [((5, 6), (3, 3), 1), ((7, 6), (3, 2), 2), ((8, 9), (2, 2), 3), ((10, 6), (6, 6), 4), ((3, 5), (1, 1), 1)]


@pytest.mark.parametrize("shape, size, stride", GEOMETRIES)
def test_a_window_holds_the_pixels_from_its_corner_on(shape, size, stride, rng):
    pixels = rng.normal(size=(2, *shape, 3))
    found = windows(pixels, size, stride)
    for row, column in np.ndindex(found.shape[1:3]):
        top, left = row * stride, column * stride
        np.testing.assert_array_equal(found[:, row, column], pixels[:, top : top + size[0], left : left + size[1]])
    assert found.shape[1] == (shape[0] - size[0]) // stride + 1
    assert found.shape[2] == (shape[1] - size[1]) // stride + 1


@pytest.mark.parametrize("shape, size, stride", GEOMETRIES)
def test_another_array_library_finds_the_same_windows(shape, size, stride, rng):
    pixels = rng.normal(size=(2, *shape, 3))
    found = windows(strict.asarray(pixels), size, stride)
    np.testing.assert_array_equal(np.from_dlpack(found), windows(pixels, size, stride))


@pytest.mark.parametrize("shape, size, stride", GEOMETRIES)
def test_adding_windows_is_the_transpose_of_taking_them(shape, size, stride, rng):
    pixels = rng.normal(size=(2, *shape, 3))
    seen = windows(pixels, size, stride)
    values = rng.normal(size=seen.shape)
    assert np.sum(seen * values) == pytest.approx(np.sum(pixels * add_windows(values, pixels.shape, stride)))


def test_windows_of_numpy_arrays_copy_nothing(rng):
    pixels = rng.normal(size=(2, 6, 6, 3))
    assert np.shares_memory(windows(pixels, (3, 3), 1), pixels)
