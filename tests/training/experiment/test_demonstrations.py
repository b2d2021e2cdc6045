from __future__ import annotations

import numpy as np
import pytest

from app.nn import Array, Cache, Dense, Params, Sequential
from app.ocr import build_network
from app.training.experiment.demonstrations import show_convolution, show_gradients, show_softmax


def test_softmax_does_not_mind_a_shift_but_the_plain_formula_overflows(rng: np.random.Generator) -> None:
    step = show_softmax(rng.normal(size=36).astype(np.float32))
    assert step.difference < 1e-15
    assert step.far_difference < 1e-12
    assert step.overflowed == 36
    assert step.direct.sum() == pytest.approx(1)
    np.testing.assert_allclose(step.direct, np.exp(step.logits) / np.exp(step.logits).sum())


def test_right_gradients_pass_for_every_array_and_for_the_loss(rng: np.random.Generator) -> None:
    network = build_network({"name": "dense", "classes": 3, "hidden": 2}, rng)
    step = show_gradients(network, rng.random((2, 1, 32, 32), np.float32), np.array([0, 2]))
    assert step.errors.keys() == {"input", *network.params}
    assert step.worst < 1e-6
    assert step.compared == 2 * 1024 + 2 * 3 + (1024 * 2 + 2) + (2 * 3 + 3)


class HalfDense(Dense):
    def backward(self, grad_out: Array, cache: Cache) -> tuple[Array, Params]:
        grad_in, grads = super().backward(grad_out, cache)
        return grad_in, {**grads, "weight": grads["weight"] / 2}


def test_a_wrong_gradient_is_seen(rng: np.random.Generator) -> None:
    step = show_gradients(Sequential({"half": HalfDense(4, 3, rng)}), rng.random((2, 4)), np.array([0, 2]))
    assert step.worst == step.errors["half.weight"] == pytest.approx(0.5, abs=1e-6)
    assert step.errors["half.bias"] < 1e-6


def test_a_product_with_fields_gives_what_the_moving_kernel_gives(rng: np.random.Generator) -> None:
    glyphs = np.zeros((2, 1, 32, 32), np.float32)
    glyphs[:, 0, 8:24, 14:18] = rng.random((2, 16, 4), np.float32)
    step = show_convolution(glyphs, rng)
    assert (step.fields_shape, step.matrix_shape, step.result_shape) == ((2 * 1024, 9), (9, 8), (2, 8, 32, 32))
    np.testing.assert_array_equal(step.product, step.direct.ravel())
    np.testing.assert_array_equal(step.fields[0], step.patch[:2, :2].ravel())
    assert step.product.any()
    assert set(np.unique(step.patch)) <= set(range(10))
    assert step.difference < 1e-12
