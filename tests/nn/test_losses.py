from __future__ import annotations

from math import log

import numpy as np
import pytest

from app.errors import ShapeMismatch
from app.nn import cross_entropy, log_softmax, numerical_gradient, softmax


def test_softmax_of_a_typed_case():
    np.testing.assert_allclose(softmax(np.log([[1.0, 3.0], [5.0, 5.0]])), [[0.25, 0.75], [0.5, 0.5]], rtol=1e-15)


@pytest.mark.parametrize("shift", [-1000.0, -1.0, 1.0, 1000.0])
@pytest.mark.parametrize("function", [softmax, log_softmax])
def test_a_shift_of_all_logits_changes_nothing(function, shift):
    logits = np.array([[0, 1, 2], [-3, 5, 0]], np.float32)  # whole numbers: the shift itself is exact
    np.testing.assert_array_equal(function(logits + np.float32(shift)), function(logits))


def test_softmax_adds_up_to_one(rng):
    np.testing.assert_allclose(softmax(rng.normal(0, 10, (20, 36))).sum(axis=1), 1, rtol=1e-12)


def test_softmax_works_along_the_last_axis_of_any_shape(rng):
    logits = rng.normal(size=(2, 3, 4))
    np.testing.assert_array_equal(softmax(logits)[1, 2], softmax(logits[1, 2]))


def test_huge_logits_do_not_overflow():
    logits = np.array([[1e4, 0, -1e4]], np.float32)  # exp(1e4) is past float64; a warning would fail this test
    np.testing.assert_array_equal(softmax(logits), [[1, 0, 0]])
    np.testing.assert_array_equal(log_softmax(logits), [[0, -1e4, -2e4]])
    loss, grad = cross_entropy(logits, np.array([2]))
    assert loss == 2e4
    np.testing.assert_array_equal(grad, [[1, 0, -1]])


def test_log_softmax_is_the_logarithm_of_softmax(rng):
    logits = rng.normal(size=(5, 7))
    np.testing.assert_allclose(np.exp(log_softmax(logits)), softmax(logits), rtol=1e-12)


def test_cross_entropy_of_a_typed_case():
    """Probabilities (1/4, 3/4) and (1/2, 1/2); the truth is class 1, then class 0."""
    loss, grad = cross_entropy(np.log([[1.0, 3.0], [5.0, 5.0]]), np.array([1, 0]))
    assert loss == pytest.approx((-log(0.75) - log(0.5)) / 2, rel=1e-12)
    np.testing.assert_allclose(grad, [[0.125, -0.125], [-0.25, 0.25]], rtol=1e-12)


def test_cross_entropy_with_label_smoothing_of_a_typed_case():
    """Smoothing 0.2 over two classes makes the target (0.1, 0.9)."""
    loss, grad = cross_entropy(np.log([[1.0, 3.0]]), np.array([1]), smoothing=0.2)
    assert loss == pytest.approx(-0.1 * log(0.25) - 0.9 * log(0.75), rel=1e-12)
    np.testing.assert_allclose(grad, [[0.15, -0.15]], rtol=1e-12)


def test_knowing_nothing_costs_the_logarithm_of_the_number_of_classes():
    loss, _ = cross_entropy(np.zeros((3, 36)), np.array([0, 17, 35]), smoothing=0.1)
    assert loss == pytest.approx(log(36), rel=1e-12)


@pytest.mark.parametrize("odd", [3, -1, 0.5])
def test_a_class_that_the_logits_do_not_have_is_refused(odd):
    with pytest.raises(ShapeMismatch) as refusal:
        cross_entropy(np.zeros((2, 3)), np.array([0, odd]))
    assert refusal.value.detail == f"cross_entropy expects whole numbers from 0 to 2 as classes, got {odd}"


@pytest.mark.parametrize("smoothing", [0.0, 0.1])
def test_the_gradient_agrees_with_central_differences(smoothing, rng):
    logits = rng.normal(size=(4, 5))
    labels = rng.integers(0, 5, 4)
    _, grad = cross_entropy(logits, labels, smoothing)
    numerical = numerical_gradient(lambda: cross_entropy(logits, labels, smoothing)[0], logits)
    np.testing.assert_allclose(grad, numerical, atol=1e-8)


def test_cross_entropy_keeps_float32_and_its_input(rng):
    logits = rng.normal(size=(4, 5)).astype(np.float32)
    before = logits.copy()
    _, grad = cross_entropy(logits, np.zeros(4, np.int64), 0.1)
    assert grad.dtype == np.float32
    np.testing.assert_array_equal(logits, before)


@pytest.mark.parametrize("smoothing", [0.0, 0.1])
def test_probabilities_of_one_class_cost_what_the_class_costs(smoothing, rng):
    logits, classes = rng.normal(size=(4, 5)), rng.integers(0, 5, 4)
    loss, grad = cross_entropy(logits, classes, smoothing)
    soft_loss, soft_grad = cross_entropy(logits, np.eye(5)[classes], smoothing)
    assert soft_loss == pytest.approx(loss, rel=1e-12)
    np.testing.assert_allclose(soft_grad, grad, rtol=1e-12, atol=1e-15)


def test_probabilities_as_targets_of_a_typed_case():
    """Softmax (1/4, 3/4) for a target of (0.4, 0.6)."""
    loss, grad = cross_entropy(np.log([[1.0, 3.0]]), np.array([[0.4, 0.6]]))
    assert loss == pytest.approx(-0.4 * log(0.25) - 0.6 * log(0.75), rel=1e-12)
    np.testing.assert_allclose(grad, [[-0.15, 0.15]], rtol=1e-12)


@pytest.mark.parametrize("smoothing", [0.0, 0.1])
def test_the_gradient_for_probabilities_agrees_with_central_differences(smoothing, rng):
    logits, targets = rng.normal(size=(4, 5)), softmax(rng.normal(size=(4, 5)))
    _, grad = cross_entropy(logits, targets, smoothing)
    numerical = numerical_gradient(lambda: cross_entropy(logits, targets, smoothing)[0], logits)
    np.testing.assert_allclose(grad, numerical, atol=1e-8)


def test_being_right_about_probabilities_has_no_gradient(rng):
    logits = rng.normal(size=(4, 5))
    np.testing.assert_allclose(cross_entropy(logits, softmax(logits))[1], 0, atol=1e-15)


def test_probabilities_of_another_precision_take_the_logits(rng):
    logits = rng.normal(size=(4, 5)).astype(np.float32)
    assert cross_entropy(logits, softmax(logits.astype(np.float64)))[1].dtype == np.float32


@pytest.mark.parametrize(
    "logits, targets",
    [
        ((4, 5), (3,)),
        ((4, 5), (5,)),
        ((4, 5), (4, 6)),
        ((4, 5), (3, 5)),
        ((4, 5), (4, 1)),
        ((5,), (5,)),
        ((2, 4, 5), (2,)),
    ],
)
def test_cross_entropy_refuses_wrong_shapes_and_says_what_it_expected(logits, targets):
    with pytest.raises(ShapeMismatch) as refusal:
        cross_entropy(np.zeros(logits), np.zeros(targets, np.int64))
    assert refusal.value.detail == f"cross_entropy expects (N, K) and (N,) or (N, K), got {logits} and {targets}"
