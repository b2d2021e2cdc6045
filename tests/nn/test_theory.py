"""What `docs/theory.md` says of networks in general, held against the library."""

from __future__ import annotations

from math import exp, sqrt

import numpy as np
import pytest

from app.nn import (
    SGD,
    Conv2D,
    Dense,
    Sequential,
    Sigmoid,
    Tanh,
    cross_entropy,
    glorot_uniform,
    log_softmax,
    numerical_gradient,
    softmax,
    zeros,
)
from docs.draw_variance import draw, normal, spreads


def _naive_softmax(logits):
    exponentials = np.exp(logits)
    return exponentials / exponentials.sum(axis=-1, keepdims=True)


def test_softmax_is_its_naive_formula_wherever_that_can_be_computed(rng):
    logits = rng.normal(0, 10, (20, 36))
    np.testing.assert_allclose(softmax(logits), _naive_softmax(logits), rtol=1e-12)


@pytest.mark.parametrize("shift", [-700.0, -1.5, 0.25, 700.0])
def test_softmax_does_not_see_a_shift(shift, rng):
    logits = rng.normal(size=(20, 36))
    np.testing.assert_allclose(softmax(logits + shift), softmax(logits), rtol=1e-10)


@pytest.mark.parametrize("dtype, start", [(np.float32, 100), (np.float64, 1000)])
def test_the_shift_saves_logits_for_which_the_naive_formula_overflows(dtype, start):
    logits = np.array([[start, start + 1]], dtype)
    with np.errstate(over="ignore", invalid="ignore"):
        assert np.isnan(_naive_softmax(logits)).all()  # infinity over infinity
    np.testing.assert_allclose(softmax(logits), [[1 / (1 + exp(1)), 1 / (1 + exp(-1))]], rtol=1e-6)


def test_the_shift_saves_logits_for_which_the_naive_formula_underflows():
    logits = np.array([[-1000.0, -1001.0]])
    with np.errstate(invalid="ignore"):
        assert np.isnan(_naive_softmax(logits)).all()  # zero over zero
    np.testing.assert_allclose(softmax(logits), [[1 / (1 + exp(-1)), 1 / (1 + exp(1))]], rtol=1e-12)
    assert np.isfinite(log_softmax(logits)).all()


@pytest.fixture
def dense_case(rng):
    """A layer, its input, and a loss that bends: (layer, x, loss, grad_out)."""
    layer = Dense(4, 3, rng).astype(np.float64)
    layer.params["bias"][:] = rng.normal(size=3)
    x, classes = rng.normal(size=(5, 4)), rng.integers(0, 3, 5)
    _, grad_out = cross_entropy(layer.forward(x)[0], classes)
    return layer, x, lambda: cross_entropy(layer.forward(x)[0], classes)[0], grad_out


def test_the_gradients_of_dense_are_the_chain_rule_entry_by_entry(dense_case):
    layer, x, _, g = dense_case
    weight = layer.params["weight"]
    grad_weight, grad_bias, grad_x = np.zeros_like(weight), np.zeros(3), np.zeros_like(x)
    for n, j in np.ndindex(g.shape):  # y[n, j] = sum over i of x[n, i] weight[i, j], + bias[j]
        grad_bias[j] += g[n, j]  # d y[n, j] / d bias[j] = 1
        for i in range(4):
            grad_weight[i, j] += g[n, j] * x[n, i]  # d y[n, j] / d weight[i, j] = x[n, i]
            grad_x[n, i] += g[n, j] * weight[i, j]  # d y[n, j] / d x[n, i] = weight[i, j]

    for mine, product in ((grad_weight, x.T @ g), (grad_bias, g.sum(axis=0)), (grad_x, g @ weight.T)):
        np.testing.assert_allclose(mine, product, rtol=1e-12)
    grad_in, grads = layer.backward(g, layer.forward(x)[1])
    np.testing.assert_allclose(grads["weight"], grad_weight, rtol=1e-12)
    np.testing.assert_allclose(grads["bias"], grad_bias, rtol=1e-12)
    np.testing.assert_allclose(grad_in, grad_x, rtol=1e-12)


def test_the_gradients_of_dense_are_what_moving_each_entry_does_to_the_loss(dense_case):
    layer, x, loss, g = dense_case
    grad_in, grads = layer.backward(g, layer.forward(x)[1])
    np.testing.assert_allclose(grads["weight"], numerical_gradient(loss, layer.params["weight"]), atol=1e-9)
    np.testing.assert_allclose(grads["bias"], numerical_gradient(loss, layer.params["bias"]), atol=1e-9)
    np.testing.assert_allclose(grad_in, numerical_gradient(loss, x), atol=1e-9)


def _row_matrix(taps, width, stride):
    """The kernel's row sliding along an image's row: (OW, W)."""
    positions = range(0, width - len(taps) + 1, stride)
    matrix = np.zeros((len(positions), width))
    for line, start in zip(matrix, positions, strict=True):
        line[start : start + len(taps)] = taps
    return matrix


def _image_matrix(kernel, height, width, stride):
    """The kernel sliding over an image laid out row by row, a block for each pair of rows: (OH * OW, H * W)."""
    size = len(kernel)
    nothing = np.zeros_like(_row_matrix(kernel[0], width, stride))
    return np.block(
        [
            [_row_matrix(kernel[r - top], width, stride) if 0 <= r - top < size else nothing for r in range(height)]
            for top in range(0, height - size + 1, stride)
        ]
    )


def _convolution_matrix(weight, height, width, stride, padding):
    """All channels, a block for each pair: (O * OH * OW, C * H * W)."""
    h, w = height + 2 * padding, width + 2 * padding
    matrix = np.block([[_image_matrix(kernel, h, w, stride) for kernel in kernels] for kernels in weight])
    columns = matrix.reshape(len(matrix), -1, h, w)  # the zeros of the padding need none
    return columns[:, :, padding : padding + height, padding : padding + width].reshape(len(matrix), -1)


def test_the_matrix_of_a_convolution_is_doubly_blocked_toeplitz(rng):
    matrix = _image_matrix(rng.normal(size=(3, 3)), 5, 6, stride=1).reshape(3, 4, 5, 6)  # (OH, OW, H, W)
    np.testing.assert_array_equal(matrix[1:, :, 1:], matrix[:-1, :, :-1])  # blocks repeat along diagonals of blocks
    np.testing.assert_array_equal(matrix[:, 1:, :, 1:], matrix[:, :-1, :, :-1])  # and so do the numbers in each block
    assert np.count_nonzero(matrix) == 9 * 12  # nine weights, shared by twelve pixels


@pytest.mark.parametrize("stride", [1, 2])
@pytest.mark.parametrize("padding", [0, 1])
def test_convolution_is_one_matrix_product_and_its_backward_the_transpose(stride, padding, rng):
    layer = Conv2D(2, 3, 3, rng, stride=stride, padding=padding).astype(np.float64)  # its bias is still zero
    x = rng.normal(size=(1, 2, 6, 5))
    matrix = _convolution_matrix(layer.params["weight"], 6, 5, stride, padding)

    y, cache = layer.forward(x)
    np.testing.assert_allclose(y.ravel(), matrix @ x.ravel(), rtol=1e-10, atol=1e-12)

    grad_out = rng.normal(size=y.shape)
    grad_in, _ = layer.backward(grad_out, cache)
    np.testing.assert_allclose(grad_in.ravel(), matrix.T @ grad_out.ravel(), rtol=1e-10, atol=1e-12)


def _train(initialiser, rng):
    """Four quarters of a square, opposite ones of one class: no single sigmoid unit can tell. Loss, hidden weights."""
    x = rng.uniform(-1, 1, (200, 2)).astype(np.float32)
    classes = ((x[:, 0] > 0) != (x[:, 1] > 0)).astype(int)
    hidden, out = Dense(2, 8, rng, initialiser), Dense(8, 2, rng, initialiser)
    network = Sequential({"hidden": hidden, "sigmoid": Sigmoid(), "out": out})
    optimiser = SGD()
    memory = optimiser.memory(network.params)
    for _ in range(500):
        logits, cache = network.forward(x)
        loss, grad = cross_entropy(logits, classes)
        _, grads = network.backward(grad, cache)
        optimiser.step(network.params, grads, memory, lr=1.0)
    return loss, network.params["hidden.weight"]


def _halves(shape, fan_in, fan_out, rng):
    return np.full(shape, 0.5, np.float32)


@pytest.mark.parametrize("initialiser", [zeros, _halves])
def test_units_that_start_alike_stay_alike_and_are_worth_one(initialiser, rng):
    loss, hidden = _train(initialiser, rng)
    np.testing.assert_allclose(hidden, np.repeat(hidden[:, :1], 8, axis=1), rtol=1e-4)
    assert np.abs(hidden).max() > 0.1  # they moved, but all as one
    assert loss > 0.5


def test_units_that_start_at_random_learn_different_things(rng):
    loss, hidden = _train(glorot_uniform, rng)
    differences = np.abs(hidden[:, :, None] - hidden[:, None, :]).max(axis=0)  # (8, 8), between every two units
    assert differences[np.triu_indices(8, k=1)].min() > 0.01
    assert loss < 0.1


@pytest.mark.parametrize("activation, slope", [(Tanh, 1.0), (Sigmoid, 0.25)])
@pytest.mark.parametrize("std", [0.01, 0.02])
def test_small_weights_fade_signal_and_gradient_at_the_predicted_rate(activation, slope, std):
    outputs, gradients = spreads(activation, normal(std), depth=10, width=256)
    rate = slope * std * sqrt(256)
    np.testing.assert_allclose(outputs[2:] / outputs[1:-1], rate, rtol=0.05)
    np.testing.assert_allclose(gradients[:-1] / gradients[1:], rate, rtol=0.05)
    assert gradients[0] / gradients[-1] < 1e-4


@pytest.mark.parametrize("activation", [Tanh, Sigmoid])
def test_large_weights_blow_the_gradient_up(activation):
    _, gradients = spreads(activation, normal(2.0))
    assert gradients[0] / gradients[-1] > 50


def test_large_weights_leave_no_tanh_that_is_not_saturated():
    outputs, _ = spreads(Tanh, normal(2.0))
    assert outputs.min() > 0.95  # of at most 1


@pytest.mark.parametrize("width", [64, 256])
def test_glorot_carries_signal_and_gradient_through_tanh_layers_of_any_width(width):
    outputs, gradients = spreads(Tanh, glorot_uniform, depth=10, width=width)
    assert outputs[0] / outputs[-1] < 5
    assert 1 / 5 < gradients[0] / gradients[-1] < 5


def test_glorot_leaves_to_a_sigmoid_what_the_sigmoids_slope_takes():
    """Its slope is at most a quarter, and the paper's derivation presumes a slope of one."""
    outputs, gradients = spreads(Sigmoid, glorot_uniform)
    np.testing.assert_allclose(outputs[2:] / outputs[1:-1], 0.25, rtol=0.1)
    np.testing.assert_allclose(gradients[:-1] / gradients[1:], 0.25, rtol=0.1)


def test_the_picture_is_small_and_the_same_every_time(tmp_path):
    for name in ("one.svg", "other.svg"):
        draw(tmp_path / name)
    drawn = (tmp_path / "one.svg").read_bytes()
    assert drawn == (tmp_path / "other.svg").read_bytes()
    assert b"</svg>" in drawn
    assert len(drawn) < 60_000
