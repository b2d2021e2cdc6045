"""The library computes with the functions of the array API standard alone, so that any such array will do.

array_api_strict holds NumPy arrays, and refuses whatever the standard does not have. Layers are tried with it in
test_types.py.
"""

from __future__ import annotations

import array_api_strict as strict
import numpy as np
import pytest

from app.nn import (
    SGD,
    AdamW,
    Array,
    BatchNorm,
    Conv2D,
    Dense,
    Dropout,
    ExponentialAverage,
    Flatten,
    ReLU,
    Residual,
    Sequential,
    clip_gradients,
    cross_entropy,
    fold_batch_norm,
    log_softmax,
    softmax,
)


@pytest.fixture(autouse=True)
def _only_what_the_standard_has():
    with strict.ArrayAPIStrictFlags(api_version="2024.12"):
        yield


@pytest.mark.parametrize("function", [softmax, log_softmax])
def test_probabilities_are_those_of_numpy(function, rng):
    logits = rng.normal(0, 30, (4, 5)).astype(np.float32)
    _assert_same(function(strict.asarray(logits)), function(logits))


@pytest.mark.parametrize("smoothing", [0.0, 0.1])
@pytest.mark.parametrize("kind", ["classes", "probabilities"])
def test_cross_entropy_is_that_of_numpy(kind, smoothing, rng):
    logits = rng.normal(size=(4, 5)).astype(np.float32)
    targets = rng.integers(0, 5, 4) if kind == "classes" else softmax(rng.normal(size=(4, 5)))
    loss, grad = cross_entropy(logits, targets, smoothing)
    for given in (strict.asarray(targets), targets):
        strict_loss, strict_grad = cross_entropy(strict.asarray(logits), given, smoothing)
        assert type(strict_loss) is float
        assert strict_loss == pytest.approx(loss, rel=1e-6)
        _assert_same(strict_grad, grad)


@pytest.mark.parametrize("optimiser", [SGD(), AdamW()], ids=["sgd", "adamw"])
def test_optimisers_step_as_they_do_with_numpy(optimiser, rng):
    params = _arrays(rng)
    strict_params = _strict(params)
    memory, strict_memory = optimiser.memory(params), optimiser.memory(strict_params)
    for _ in range(3):
        grads = _arrays(rng)
        optimiser.step(params, grads, memory, lr=0.1)
        optimiser.step(strict_params, _strict(grads), strict_memory, lr=0.1)
    for name, param in params.items():
        _assert_same(strict_params[name], param)


def test_averages_are_those_of_numpy(rng):
    average, arrays = ExponentialAverage(), _arrays(rng)
    memory, strict_memory = average.memory(arrays), average.memory(_strict(arrays))
    for _ in range(3):
        arrays = _arrays(rng)
        average.update(arrays, memory)
        average.update(_strict(arrays), strict_memory)
    for name, value in average.averages(memory).items():
        _assert_same(average.averages(strict_memory)[name], value)


def test_clipping_is_that_of_numpy(rng):
    grads = _arrays(rng)
    clipped, norm = clip_gradients(grads, 0.5)
    strict_clipped, strict_norm = clip_gradients(_strict(grads), 0.5)
    assert type(strict_norm) is float
    assert strict_norm == pytest.approx(norm, rel=1e-6)
    for name, grad in clipped.items():
        _assert_same(strict_clipped[name], grad)


def test_a_network_trains_as_it_does_with_numpy(rng):
    """All of it together: convolutions, normalisation, a way around, dropout, the loss, clipping, AdamW, averages."""
    block = Residual(Sequential({"conv": Conv2D(8, 8, 3, rng, padding=1), "norm": BatchNorm(8)}))
    layers = {"conv": Conv2D(1, 8, 3, rng, stride=2, padding=1), "block": block, "relu": ReLU(), "flatten": Flatten()}
    # In float32, AdamW would make steps of the rounding errors that are all the gradient of a bias before BatchNorm.
    network = Sequential({**layers, "dropout": Dropout(0.2), "out": Dense(72, 4, rng)}).astype(np.float64)
    twin = network.map_arrays(lambda array: strict.asarray(array, copy=True))
    images, classes = rng.normal(size=(8, 1, 6, 6)), rng.integers(0, 4, 8)
    losses = _train(network, images, classes), _train(twin, strict.asarray(images), strict.asarray(classes))
    assert losses[0][-1] < losses[0][0] / 2
    np.testing.assert_allclose(losses[1], losses[0], rtol=1e-8)
    for name, array in network.arrays().items():
        np.testing.assert_allclose(np.from_dlpack(twin.arrays()[name]), array, rtol=1e-6, atol=1e-6, err_msg=name)


def test_a_network_of_another_library_loads_numpys_arrays_folds_and_predicts(rng):
    layers = {"conv": Conv2D(1, 3, 3, rng), "norm": BatchNorm(3), "relu": ReLU(), "flatten": Flatten()}
    network = Sequential({**layers, "out": Dense(12, 4, rng), "out_norm": BatchNorm(4)})
    network.state["norm.variance"][:] = network.state["out_norm.mean"][:3] = rng.uniform(0.5, 2, 3)
    twin = network.map_arrays(lambda array: strict.zeros(array.shape, dtype=strict.float32))
    twin.load(network.arrays())
    images = rng.normal(size=(6, 1, 4, 4)).astype(np.float32)
    y = network.predict(images)
    for other in (twin, fold_batch_norm(twin)):
        np.testing.assert_allclose(np.from_dlpack(other.predict(strict.asarray(images), 4)), y, rtol=1e-4, atol=1e-5)


def _train(network: Sequential, images: Array, classes: Array) -> list[float]:
    optimiser, average, losses = AdamW(), ExponentialAverage(), []
    memory, averaged = optimiser.memory(network.params), average.memory(network.arrays())
    for step in range(20):
        logits, cache = network.forward(images, np.random.default_rng(step))
        loss, grad = cross_entropy(logits, classes, 0.05)
        _, grads = network.backward(grad, cache)
        grads, _ = clip_gradients(grads, 1.0)
        optimiser.step(network.params, grads, memory, lr=0.02)
        for name, array in network.next_state(cache).items():
            network.state[name][...] = array
        average.update(network.arrays(), averaged)
        losses.append(loss)
    return losses


def _arrays(rng: np.random.Generator) -> dict[str, np.ndarray]:
    return {"weight": rng.normal(size=(3, 4)).astype(np.float32), "bias": rng.normal(size=4).astype(np.float32)}


def _strict(arrays: dict[str, np.ndarray]) -> dict[str, strict.Array]:
    return {name: strict.asarray(array, copy=True) for name, array in arrays.items()}


def _assert_same(array: strict.Array, expected: np.ndarray) -> None:
    """The answer stayed in its library, and kept dtype and value."""
    assert isinstance(array, type(strict.asarray(0.0)))
    values = np.from_dlpack(array)
    assert values.dtype == expected.dtype
    np.testing.assert_allclose(values, expected, rtol=1e-6, atol=1e-6)
