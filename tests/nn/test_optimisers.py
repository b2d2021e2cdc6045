from __future__ import annotations

from math import sqrt

import numpy as np
import pytest

from app.nn import SGD, AdamW

OPTIMISERS = {"sgd": SGD(), "sgd without momentum": SGD(momentum=0.0), "adamw": AdamW()}
every_optimiser = pytest.mark.parametrize("optimiser", OPTIMISERS.values(), ids=OPTIMISERS)


@pytest.mark.parametrize("build", [lambda x: SGD(momentum=x), lambda x: AdamW(beta1=x), lambda x: AdamW(beta2=x)])
@pytest.mark.parametrize("decay", [3, 1.0, -0.1, float("nan")])
def test_a_memory_that_would_not_fade_is_refused(build, decay):
    with pytest.raises(ValueError, match=rf"expects \w+ in \[0, 1\), got {decay}"):
        build(decay)


def test_sgd_with_momentum_by_hand():
    params = {"w": np.array([1.0])}
    memory = SGD(momentum=0.9).memory(params)
    SGD(momentum=0.9).step(params, {"w": np.array([0.5])}, memory, lr=0.1)
    assert params["w"].item() == pytest.approx(0.95)  # v = 0.5
    SGD(momentum=0.9).step(params, {"w": np.array([0.25])}, memory, lr=0.1)
    assert params["w"].item() == pytest.approx(0.88)  # v = 0.9 * 0.5 + 0.25 = 0.7


def test_sgd_without_momentum_is_plain_descent():
    optimiser, params = SGD(momentum=0.0), {"w": np.array([1.0])}
    memory = optimiser.memory(params)
    for gradient in (2.0, -1.0):
        optimiser.step(params, {"w": np.array([gradient])}, memory, lr=0.1)
    assert params["w"].item() == pytest.approx(1 - 0.2 + 0.1)


def test_adamw_by_hand_as_the_paper_has_it():
    optimiser = AdamW(beta1=0.9, beta2=0.999, epsilon=1e-8, weight_decay=0.1)
    params = {"w": np.array([[1.0]])}
    memory = optimiser.memory(params)

    optimiser.step(params, {"w": np.array([[0.5]])}, memory, lr=0.01)
    # m = 0.05 and v = 0.00025, corrected by 1 - 0.9 and 1 - 0.999: 0.5 and 0.25
    after_one = 1 - 0.01 * (0.5 / (sqrt(0.25) + 1e-8) + 0.1 * 1)
    assert params["w"].item() == pytest.approx(after_one, rel=1e-12)

    optimiser.step(params, {"w": np.array([[0.1]])}, memory, lr=0.01)
    # m = 0.9 * 0.05 + 0.1 * 0.1 = 0.055 and v = 0.999 * 0.00025 + 0.001 * 0.01 = 0.00025975
    m, v = 0.055 / (1 - 0.9**2), 0.00025975 / (1 - 0.999**2)
    after_two = after_one - 0.01 * (m / (sqrt(v) + 1e-8) + 0.1 * after_one)
    assert params["w"].item() == pytest.approx(after_two, rel=1e-12)


def test_the_first_step_of_adamw_has_the_size_of_the_learning_rate_whatever_the_gradient():
    optimiser = AdamW()
    for gradient in (1e-3, 1.0, 1e3):
        params = {"b": np.zeros(1)}
        optimiser.step(params, {"b": np.array([gradient])}, optimiser.memory(params), lr=0.01)
        assert params["b"].item() == pytest.approx(-0.01, rel=1e-4)


def test_adamw_decays_matrices_and_kernels_but_not_biases():
    optimiser = AdamW(weight_decay=0.5)
    params = {"bias": np.ones(2), "matrix": np.ones((2, 2)), "kernel": np.ones((2, 2, 3, 3))}
    optimiser.step(
        params, {name: np.zeros_like(array) for name, array in params.items()}, optimiser.memory(params), lr=0.1
    )
    np.testing.assert_array_equal(params["bias"], 1)
    np.testing.assert_allclose(params["matrix"], 0.95)
    np.testing.assert_allclose(params["kernel"], 0.95)


@every_optimiser
def test_steps_lead_down_to_the_lowest_point(optimiser):
    params = {"w": np.array([3.0, -2.0])}
    memory = optimiser.memory(params)
    for _ in range(2000):
        optimiser.step(params, {"w": 2 * (params["w"] - [1, 0.5])}, memory, lr=0.01)
    np.testing.assert_allclose(params["w"], [1, 0.5], atol=1e-3)


@every_optimiser
def test_parameters_change_in_place_and_keep_float32(optimiser, rng):
    weight = rng.normal(size=(3, 2)).astype(np.float32)
    params = {"w": weight}
    memory = optimiser.memory(params)
    before, grad = weight.copy(), rng.normal(size=(3, 2)).astype(np.float32)
    grad_before = grad.copy()
    optimiser.step(params, {"w": grad}, memory, lr=0.1)
    assert params["w"] is weight
    assert weight.dtype == np.float32
    assert not np.array_equal(weight, before)
    np.testing.assert_array_equal(grad, grad_before)
    assert {array.dtype for name, array in memory.items() if name.endswith(".w")} <= {np.dtype(np.float32)}


def test_gradient_descent_without_momentum_remembers_nothing(rng):
    assert SGD(momentum=0.0).memory({"w": rng.normal(size=3)}) == {}


@every_optimiser
def test_a_run_goes_on_from_its_saved_memory(optimiser, rng):
    grads = [{"w": rng.normal(size=(2, 2))} for _ in range(6)]
    whole = {"w": np.ones((2, 2))}
    memory = optimiser.memory(whole)
    for grad in grads[:3]:
        optimiser.step(whole, grad, memory, lr=0.1)
    resumed, saved = {"w": whole["w"].copy()}, {name: array.copy() for name, array in memory.items()}
    for grad in grads[3:]:
        optimiser.step(whole, grad, memory, lr=0.1)
        optimiser.step(resumed, grad, saved, lr=0.1)
    np.testing.assert_array_equal(resumed["w"], whole["w"])
