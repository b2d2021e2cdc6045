from __future__ import annotations

import numpy as np
import pytest

from app.errors import ShapeMismatch
from app.nn import Columns, Dense, Flatten, zeros


def _typed_dense() -> Dense:
    layer = Dense(2, 3, initialiser=zeros)
    layer.params["weight"][:] = [[1, 2, 3], [4, 5, 6]]
    layer.params["bias"][:] = [0, 0, 100]
    return layer


def test_dense_multiplies_by_the_weight_and_adds_the_bias():
    y, _ = _typed_dense().forward(np.array([[1, 0], [0, 1], [1, -1]], np.float32))
    np.testing.assert_array_equal(y, [[1, 2, 103], [4, 5, 106], [-3, -3, 97]])


def test_dense_gradients_of_a_typed_case():
    layer = _typed_dense()
    _, cache = layer.forward(np.array([[1, 2], [3, 4]], np.float32))
    grad_in, grads = layer.backward(np.array([[1, 0, 0], [0, 1, 1]], np.float32), cache)
    np.testing.assert_array_equal(grad_in, [[1, 4], [5, 11]])
    np.testing.assert_array_equal(grads["weight"], [[1, 3, 3], [2, 4, 4]])
    np.testing.assert_array_equal(grads["bias"], [1, 1, 1])


@pytest.mark.parametrize("shape", [(3,), (3, 2), (3, 5, 1), (5, 3)])
def test_dense_refuses_a_wrong_shape_and_says_what_it_expected(shape, rng):
    with pytest.raises(ShapeMismatch) as refusal:
        Dense(5, 4, rng).forward(np.zeros(shape, np.float32))
    assert refusal.value.detail == f"Dense expects (N, 5), got {shape}"


def test_a_layer_with_random_weights_asks_for_a_generator():
    with pytest.raises(TypeError, match="rng"):
        Dense(2, 3)


def test_flatten_lays_out_a_sample_row_by_row_and_back():
    images = np.arange(12, dtype=np.float32).reshape(2, 1, 2, 3)
    y, cache = Flatten().forward(images)
    np.testing.assert_array_equal(y, [[0, 1, 2, 3, 4, 5], [6, 7, 8, 9, 10, 11]])
    grad_in, grads = Flatten().backward(y, cache)
    np.testing.assert_array_equal(grad_in, images)
    assert grads == {}


def test_columns_lays_out_the_channels_of_each_column_and_back():
    images = np.arange(12, dtype=np.float32).reshape(2, 2, 1, 3)
    y, cache = Columns().forward(images)
    np.testing.assert_array_equal(y, [[[0, 3], [1, 4], [2, 5]], [[6, 9], [7, 10], [8, 11]]])
    grad_in, grads = Columns().backward(y, cache)
    np.testing.assert_array_equal(grad_in, images)
    assert grads == {}


@pytest.mark.parametrize("shape", [(2, 3, 2, 5), (2, 3, 0, 5), (2, 3, 5), (1, 2, 3, 1, 5)])
def test_columns_refuses_images_higher_than_a_pixel(shape):
    with pytest.raises(ShapeMismatch) as refusal:
        Columns().forward(np.zeros(shape, np.float32))
    assert refusal.value.detail == f"Columns expects (N, C, 1, W), got {shape}"
