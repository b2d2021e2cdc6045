from __future__ import annotations

import numpy as np
import pytest

from app.errors import ShapeMismatch
from app.nn import BatchNorm, Dropout


def test_batch_norm_of_a_typed_batch(rng):
    layer = BatchNorm(2, epsilon=0.0)
    layer.params["scale"][:] = [1, 10]
    layer.params["shift"][:] = [0, 5]
    y, _ = layer.forward(np.array([[0, 3], [2, 7]], np.float32), rng)
    np.testing.assert_array_equal(y, [[-1, -5], [1, 15]])


@pytest.mark.parametrize("shape", [(50, 3), (4, 3, 6, 5)])
def test_in_training_every_channel_gets_mean_zero_and_variance_one(shape, rng):
    x = rng.normal(3, 7, shape)
    y, _ = BatchNorm(3).forward(x, rng)
    axes = (0, *range(2, x.ndim))
    np.testing.assert_allclose(y.mean(axis=axes), 0, atol=1e-6)
    np.testing.assert_allclose(y.var(axis=axes), 1, rtol=1e-5)


def test_in_inference_the_running_statistics_are_used():
    layer = BatchNorm(1, epsilon=0.0)
    layer.state["mean"][:] = 10
    layer.state["variance"][:] = 4
    y, _ = layer.forward(np.array([[10], [12], [6]], np.float32))
    np.testing.assert_array_equal(y, [[0], [1], [-2]])


def test_running_statistics_move_a_step_of_momentum_towards_the_batch(rng):
    layer = BatchNorm(1, momentum=0.1)
    _, cache = layer.forward(np.array([[0], [2]], np.float32), rng)
    after = layer.next_state(cache)
    assert after["mean"].item() == pytest.approx(0.1)  # from 0 towards 1
    assert after["variance"].item() == pytest.approx(1.1)  # from 1 towards 2, the unbiased variance
    assert layer.state["mean"].item() == 0  # forward and next_state write nothing


def test_running_statistics_of_one_value_stay_numbers(rng):
    layer = BatchNorm(1)
    _, cache = layer.forward(np.ones((1, 1), np.float32), rng)
    assert all(np.isfinite(value).all() for value in layer.next_state(cache).values())


def test_running_statistics_find_mean_and_variance_of_the_data(rng):
    layer = BatchNorm(2)
    for _ in range(300):
        _, cache = layer.forward(rng.normal([5, -1], [2, 0.5], (64, 2)), rng)
        layer.state = layer.next_state(cache)
    np.testing.assert_allclose(layer.state["mean"], [5, -1], atol=0.2)
    np.testing.assert_allclose(layer.state["variance"], [4, 0.25], rtol=0.15)


@pytest.mark.parametrize("shape", [(4, 2), (4, 2, 5, 5), (4, 3, 5), (3,)])
def test_batch_norm_refuses_a_wrong_shape_and_says_what_it_expected(shape):
    with pytest.raises(ShapeMismatch) as refusal:
        BatchNorm(3).forward(np.zeros(shape, np.float32))
    assert refusal.value.detail == f"BatchNorm expects (N, 3) or (N, 3, H, W), got {shape}"


def test_dropout_keeps_the_mean(rng):
    y, _ = Dropout(0.3).forward(np.ones((400, 500), np.float32), rng)
    assert np.unique(y) == pytest.approx([0, 1 / 0.7])
    # standard error of the mean: sqrt(0.3 / 0.7 / 200,000) = 0.0015
    assert y.mean(dtype=np.float64) == pytest.approx(1, abs=0.006)


def test_dropout_lets_gradients_through_where_values_went_through(rng):
    layer = Dropout(0.5)
    y, cache = layer.forward(np.ones((20, 30), np.float32), rng)
    grad_in, _ = layer.backward(np.ones_like(y), cache)
    np.testing.assert_array_equal(grad_in, y)


def test_dropout_is_the_identity_in_inference(rng):
    x = rng.normal(size=(3, 4))
    y, cache = Dropout(0.9).forward(x)
    np.testing.assert_array_equal(y, x)
    np.testing.assert_array_equal(Dropout(0.9).backward(x, cache)[0], x)


def test_dropout_repeats_itself_with_the_same_seed():
    one, other, third = (
        Dropout(0.5).forward(np.ones((10, 10), np.float32), np.random.default_rng(seed))[0] for seed in (1, 1, 2)
    )
    np.testing.assert_array_equal(one, other)
    assert not np.array_equal(one, third)


@pytest.mark.parametrize("rate", [-0.1, 1.0, 1.5])
def test_dropout_refuses_a_rate_that_is_no_share(rate):
    with pytest.raises(ValueError, match=rf"\[0, 1\), got {rate}"):
        Dropout(rate)
