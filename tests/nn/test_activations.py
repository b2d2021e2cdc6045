from __future__ import annotations

import numpy as np

from app.nn import ReLU, Sigmoid, Tanh


def test_relu_cuts_off_what_is_negative():
    y, _ = ReLU().forward(np.array([[-2, -0.5, 0, 0.5, 2]], np.float32))
    np.testing.assert_array_equal(y, [[0, 0, 0, 0.5, 2]])


def test_relu_passes_no_gradient_at_zero_and_below():
    _, cache = ReLU().forward(np.array([[-2, 0, 2]], np.float32))
    grad_in, _ = ReLU().backward(np.array([[7, 7, 7]], np.float32), cache)
    np.testing.assert_array_equal(grad_in, [[0, 0, 7]])


def test_sigmoid_agrees_with_its_definition():
    x = np.linspace(-8, 8, 33)
    np.testing.assert_allclose(Sigmoid().forward(x)[0], 1 / (1 + np.exp(-x)), rtol=1e-12)


def test_sigmoid_of_zero_is_a_half_with_slope_a_quarter():
    y, cache = Sigmoid().forward(np.zeros((1, 1)))
    grad_in, _ = Sigmoid().backward(np.ones((1, 1)), cache)
    assert y.item() == 0.5
    assert grad_in.item() == 0.25


def test_sigmoid_does_not_overflow():
    y, cache = Sigmoid().forward(np.array([[-1e4, 1e4]], np.float32))  # exp(1e4) is past float64
    np.testing.assert_array_equal(y, [[0, 1]])
    np.testing.assert_array_equal(Sigmoid().backward(np.ones_like(y), cache)[0], [[0, 0]])


def test_tanh_agrees_with_its_definition():
    x = np.linspace(-8, 8, 33)
    np.testing.assert_allclose(Tanh().forward(x)[0], (np.exp(x) - np.exp(-x)) / (np.exp(x) + np.exp(-x)), rtol=1e-12)


def test_tanh_of_zero_is_zero_with_slope_one():
    y, cache = Tanh().forward(np.zeros((1, 1)))
    assert y.item() == 0
    assert Tanh().backward(np.ones((1, 1)), cache)[0].item() == 1


def test_tanh_does_not_overflow():
    y, cache = Tanh().forward(np.array([[-1e4, 1e4]], np.float32))
    np.testing.assert_array_equal(y, [[-1, 1]])
    np.testing.assert_array_equal(Tanh().backward(np.ones_like(y), cache)[0], [[0, 0]])
