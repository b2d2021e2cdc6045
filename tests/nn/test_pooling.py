from __future__ import annotations

import numpy as np
import pytest

from app.errors import ShapeMismatch
from app.nn import AvgPool2D, MaxPool2D


def _loop_max_pool(x, size):
    n, c, height, width = x.shape
    y = np.empty((n, c, height // size, width // size), x.dtype)
    for i in range(height // size):
        for j in range(width // size):
            y[:, :, i, j] = x[:, :, i * size : (i + 1) * size, j * size : (j + 1) * size].max(axis=(2, 3))
    return y


def _loop_max_pool_backward(x, grad_out, size):
    grad_in = np.zeros_like(x)
    for n, c, i, j in np.ndindex(grad_out.shape):
        window = x[n, c, i * size : (i + 1) * size, j * size : (j + 1) * size]
        row, column = divmod(int(window.argmax()), size)
        grad_in[n, c, i * size + row, j * size + column] = grad_out[n, c, i, j]
    return grad_in


def test_max_pool_of_a_typed_image():
    image = np.array([[1, 2, 0, -1], [4, 3, -2, -5], [0, 0, 7, 7], [0, 9, 7, 8]], np.float32)[None, None]
    y, cache = MaxPool2D(2).forward(image)
    np.testing.assert_array_equal(y, [[[[4, 0], [9, 8]]]])
    grad_in, _ = MaxPool2D(2).backward(np.array([[[[1, 2], [3, 4]]]], np.float32), cache)
    np.testing.assert_array_equal(grad_in, [[[[0, 0, 2, 0], [1, 0, 0, 0], [0, 0, 0, 0], [0, 3, 0, 4]]]])


def test_among_equals_the_first_pixel_gets_the_whole_gradient():
    y, cache = MaxPool2D(2).forward(np.zeros((1, 1, 2, 4), np.float32))
    grad_in, _ = MaxPool2D(2).backward(np.ones_like(y), cache)
    np.testing.assert_array_equal(grad_in, [[[[1, 0, 1, 0], [0, 0, 0, 0]]]])


@pytest.mark.parametrize("size", [1, 2, 3])
def test_max_pool_agrees_with_its_loop_written_twin(size, rng):
    x = rng.integers(0, 4, (2, 3, 6, 12)).astype(np.float32)  # few values, so that many windows have ties
    layer = MaxPool2D(size)
    y, cache = layer.forward(x)
    np.testing.assert_array_equal(y, _loop_max_pool(x, size))
    grad_out = rng.normal(size=y.shape).astype(np.float32)
    np.testing.assert_array_equal(layer.backward(grad_out, cache)[0], _loop_max_pool_backward(x, grad_out, size))


def test_average_pool_of_a_typed_image():
    image = np.array([[1, 2, 0, -1], [4, 3, -2, -5], [0, 0, 7, 7], [0, 9, 7, 8]], np.float32)[None, None]
    y, cache = AvgPool2D(2).forward(image)
    np.testing.assert_array_equal(y, [[[[2.5, -2], [2.25, 7.25]]]])
    grad_in, _ = AvgPool2D(2).backward(np.array([[[[4, 8], [12, 16]]]], np.float32), cache)
    np.testing.assert_array_equal(grad_in, [[[[1, 1, 2, 2], [1, 1, 2, 2], [3, 3, 4, 4], [3, 3, 4, 4]]]])


@pytest.mark.parametrize("size", [1, 2, 3])
def test_average_pool_agrees_with_its_loop_written_twin(size, rng):
    x = rng.normal(size=(2, 3, 6, 12))
    slow = np.empty((2, 3, 6 // size, 12 // size))
    for n, c, i, j in np.ndindex(slow.shape):
        slow[n, c, i, j] = x[n, c, i * size : (i + 1) * size, j * size : (j + 1) * size].mean()
    np.testing.assert_allclose(AvgPool2D(size).forward(x)[0], slow, rtol=1e-12, atol=1e-15)


@pytest.mark.parametrize("kind", [MaxPool2D, AvgPool2D])
@pytest.mark.parametrize("shape", [(1, 1, 5, 4), (1, 1, 4, 5), (1, 4, 4), (4, 4)])
def test_pooling_refuses_a_wrong_shape_and_says_what_it_expected(kind, shape):
    with pytest.raises(ShapeMismatch) as refusal:
        kind(2).forward(np.zeros(shape, np.float32))
    assert refusal.value.detail == f"{kind.__name__} expects (N, C, H, W) with H, W multiples of 2, got {shape}"
