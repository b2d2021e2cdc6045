from __future__ import annotations

from math import inf, nan

import numpy as np
import pytest

from app.nn import clip_gradients


def test_long_gradients_keep_their_direction_and_get_the_length_of_the_limit():
    grads = {"weight": np.array([[3.0, 0.0]]), "bias": np.array([4.0])}
    clipped, norm = clip_gradients(grads, 1.0)
    assert norm == 5
    np.testing.assert_allclose(clipped["weight"], [[0.6, 0]])
    np.testing.assert_allclose(clipped["bias"], [0.8])
    np.testing.assert_array_equal(grads["weight"], [[3, 0]])  # not in place


@pytest.mark.parametrize("max_norm", [5.0, 6.0])
def test_short_gradients_pass(max_norm):
    grads = {"weight": np.array([[3.0, 0.0]]), "bias": np.array([4.0])}
    clipped, norm = clip_gradients(grads, max_norm)
    assert norm == 5
    assert clipped is grads


def test_the_order_of_the_layers_does_not_move_the_last_digit(rng):
    grads = {f"layer{i}": rng.normal(size=97).astype(np.float32) * 10.0**i for i in range(-3, 4)}
    assert clip_gradients(grads, 1.0)[1] == clip_gradients(dict(reversed(grads.items())), 1.0)[1]


@pytest.mark.parametrize("value", [inf, nan])
def test_a_norm_that_is_no_length_is_told_and_nothing_is_hidden(value):
    grads = {"weight": np.array([1.0, value])}
    clipped, norm = clip_gradients(grads, 1.0)
    np.testing.assert_equal(norm, value)
    np.testing.assert_array_equal(clipped["weight"], [1, value])


def test_gradients_keep_float32(rng):
    clipped, norm = clip_gradients({"weight": rng.normal(size=(3, 4)).astype(np.float32)}, 0.1)
    assert clipped["weight"].dtype == np.float32
    assert np.sqrt((clipped["weight"] ** 2).sum()) == pytest.approx(0.1, rel=1e-6)
    assert type(norm) is float
