from __future__ import annotations

import numpy as np
import pytest

from app.nn import BatchNorm, Dense, Dropout, Sequential, gradient_check, numerical_gradient


class _WrongBackward(Dense):
    """A Dense whose gradient of one array is off by a factor."""

    def __init__(self, wrong: str, factor: float, rng: np.random.Generator) -> None:
        super().__init__(4, 3, rng)
        self.wrong = wrong
        self.factor = factor

    def backward(self, grad_out, cache):
        grad_in, grads = super().backward(grad_out, cache)
        if self.wrong == "input":
            return grad_in * self.factor, grads
        return grad_in, grads | {self.wrong: grads[self.wrong] * self.factor}


class _DoubledBatchNorm(BatchNorm):
    """A BatchNorm whose input gradient is twice too large."""

    def backward(self, grad_out, cache):
        grad_in, grads = super().backward(grad_out, cache)
        return 2 * grad_in, grads


def test_numerical_gradient_of_a_typed_function():
    x = np.array([[1.0, 2.0], [3.0, -4.0]])
    gradient = numerical_gradient(lambda: float((x**2).sum()), x)
    np.testing.assert_allclose(gradient, [[2, 4], [6, -8]], rtol=1e-8)


def test_numerical_gradient_puts_the_array_back(rng):
    x = rng.normal(size=(2, 3))
    before = x.copy()
    numerical_gradient(lambda: float(np.sin(x).sum()), x)
    np.testing.assert_array_equal(x, before)


@pytest.mark.parametrize("wrong", ["input", "weight", "bias"])
@pytest.mark.parametrize("factor", [-1.0, 0.0, 0.5, 2.0])
def test_a_wrong_gradient_stands_out_and_the_others_do_not(wrong, factor, rng):
    errors = gradient_check(_WrongBackward(wrong, factor, rng), rng.normal(size=(5, 4)))
    assert errors.pop(wrong) > 0.1
    assert max(errors.values()) < 1e-6


def test_an_error_stands_out_even_where_the_outputs_add_up_to_the_same(rng):
    """The outputs of batch normalisation sum to a constant: a plain sum as the loss would see no input gradient."""
    assert gradient_check(_DoubledBatchNorm(3), rng.normal(size=(6, 3)))["input"] > 0.1


def test_the_layer_and_the_input_stay_as_they_were(rng):
    layer = Dense(4, 3, rng)
    x = rng.normal(size=(5, 4)).astype(np.float32)
    weight_before, x_before = layer.params["weight"].copy(), x.copy()
    gradient_check(layer, x)
    np.testing.assert_array_equal(layer.params["weight"], weight_before)
    np.testing.assert_array_equal(x, x_before)
    assert layer.params["weight"].dtype == np.float32


def test_dropout_is_checked_with_its_mask_held_still(rng):
    assert gradient_check(Dropout(0.5), rng.normal(size=(4, 5)), seed=3)["input"] < 1e-6


def test_a_gradient_that_is_zero_in_truth_is_no_false_alarm(rng):
    """Batch normalisation takes off whatever the bias before it added; only rounding noise is left of its gradient."""
    network = Sequential({"dense": Dense(4, 8, rng), "norm": BatchNorm(8)})
    errors = gradient_check(network, 3 * rng.normal(size=(40, 4)))
    assert max(errors.values()) < 1e-6, errors
