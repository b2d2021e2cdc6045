from __future__ import annotations

import array_api_strict as strict
import numpy as np
import pytest

from app.nn.windows import add_windows, steps, windows

# image (H, W), window (KH, KW), stride, dilation: windows that overlap, touch, leave pixels over, and are not square
GEOMETRIES = [
    ((5, 6), (3, 3), (1, 1), (1, 1)),
    ((7, 6), (3, 2), (2, 2), (1, 1)),
    ((8, 9), (2, 2), (3, 3), (1, 1)),
    ((10, 6), (6, 6), (4, 4), (1, 1)),
    ((3, 5), (1, 1), (1, 1), (1, 1)),
    ((3, 5), (1, 1), (2, 1), (1, 1)),
    ((7, 9), (3, 2), (2, 1), (1, 4)),
    ((7, 9), (2, 3), (1, 3), (3, 2)),
]
every_geometry = pytest.mark.parametrize("shape, size, stride, dilation", GEOMETRIES)


@every_geometry
def test_a_window_holds_the_pixels_from_its_corner_on(shape, size, stride, dilation, rng):
    pixels = rng.normal(size=(2, *shape, 3))
    found = windows(pixels, size, stride, dilation)
    for row, column in np.ndindex(found.shape[1:3]):
        for p, q in np.ndindex(size):
            seen = pixels[:, row * stride[0] + p * dilation[0], column * stride[1] + q * dilation[1]]
            np.testing.assert_array_equal(found[:, row, column, p, q], seen)
    assert found.shape[1:3] == steps(shape, size, stride, dilation)


@every_geometry
def test_one_window_more_would_not_fit(shape, size, stride, dilation):
    for side, places, step, apart, count in zip(
        shape, size, stride, dilation, steps(shape, size, stride, dilation), strict=True
    ):
        last = (count - 1) * step + (places - 1) * apart
        assert last < side <= last + step


@every_geometry
def test_another_array_library_finds_the_same_windows(shape, size, stride, dilation, rng):
    pixels = rng.normal(size=(2, *shape, 3))
    found = windows(strict.asarray(pixels), size, stride, dilation)
    np.testing.assert_array_equal(np.from_dlpack(found), windows(pixels, size, stride, dilation))


@every_geometry
def test_adding_windows_is_the_transpose_of_taking_them(shape, size, stride, dilation, rng):
    pixels = rng.normal(size=(2, *shape, 3))
    seen = windows(pixels, size, stride, dilation)
    values = rng.normal(size=seen.shape)
    added = add_windows(values, pixels.shape, stride, dilation)
    assert np.sum(seen * values) == pytest.approx(np.sum(pixels * added))


def test_windows_of_numpy_arrays_copy_nothing(rng):
    pixels = rng.normal(size=(2, 6, 6, 3))
    assert np.shares_memory(windows(pixels, (3, 3), (1, 1), (2, 1)), pixels)
