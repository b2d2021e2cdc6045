from __future__ import annotations

import numpy as np
import pytest

from app.errors import ShapeMismatch
from app.nn import (
    SGD,
    BatchNorm,
    Conv2D,
    Dense,
    Dropout,
    Flatten,
    MaxPool2D,
    ReLU,
    Sequential,
    cross_entropy,
    fold_batch_norm,
)
from tests.nn.worn import wear


def _network(rng: np.random.Generator) -> Sequential:
    """Takes (N, 1, 8, 8), gives (N, 3); every BatchNorm has statistics of its own."""
    network = Sequential(
        {
            "conv1": Conv2D(1, 4, 3, rng, padding=1),
            "norm1": BatchNorm(4),
            "relu1": ReLU(),
            "pool1": MaxPool2D(2),
            "conv2": Conv2D(4, 6, 3, rng),
            "dropout1": Dropout(0.2),
            "norm2": BatchNorm(6),
            "relu2": ReLU(),
            "flatten": Flatten(),
            "dense1": Dense(24, 5, rng),
            "norm3": BatchNorm(5),
            "relu3": ReLU(),
            "dropout2": Dropout(0.5),
            "dense2": Dense(5, 3, rng),
        }
    )
    return wear(network, rng)


def _images(rng: np.random.Generator, n: int = 4) -> np.ndarray:
    return rng.normal(size=(n, 1, 8, 8)).astype(np.float32)


def test_parameters_are_named_after_their_layer(rng):
    network = Sequential({"conv": Conv2D(1, 2, 3, rng), "norm": BatchNorm(2), "relu": ReLU()})
    assert list(network.params) == ["conv.weight", "conv.bias", "norm.scale", "norm.shift"]
    assert list(network.state) == ["norm.mean", "norm.variance"]
    assert network.arrays().keys() == network.params.keys() | network.state.keys()


def test_the_layers_see_what_is_written_into_the_networks_parameters(rng):
    network = Sequential({"dense": Dense(2, 2, rng)})
    network.params["dense.weight"][:] = 0
    network.params["dense.bias"][:] = [1, 2]
    np.testing.assert_array_equal(network.predict(np.ones((1, 2), np.float32)), [[1, 2]])


def test_predict_gives_what_forward_gives_in_inference(rng):
    network, x = _network(rng), _images(rng)
    np.testing.assert_array_equal(network.predict(x), network.forward(x)[0])


def test_next_state_belongs_to_the_layers_that_observe(rng):
    network = _network(rng)
    _, cache = network.forward(_images(rng), rng)
    after = network.next_state(cache)
    assert after.keys() == network.state.keys()
    assert all(not np.array_equal(after[name], network.state[name]) for name in after)


@pytest.mark.parametrize("call", ["forward", "predict"])
def test_a_refusal_names_the_layer_what_it_expected_and_what_came(call, rng):
    network = Sequential({"flatten": Flatten(), "hidden": Dense(64, 5, rng), "out": Dense(6, 3, rng)})
    with pytest.raises(ShapeMismatch) as refusal:
        getattr(network, call)(_images(rng))
    assert refusal.value.detail == "layer 'out': Dense expects (N, 6), got (4, 5)"


@pytest.mark.parametrize("call", ["backward", "param_gradients"])
@pytest.mark.parametrize("names", [["flatten", "hidden", "relu"], ["flatten", "hidden"]])
def test_the_refusal_of_a_gradient_names_the_layer_what_it_expected_and_what_came(call, names, rng):
    layers = {"flatten": Flatten(), "hidden": Dense(64, 5, rng), "relu": ReLU()}
    network = Sequential({name: layers[name] for name in names})
    _, cache = network.forward(_images(rng))
    with pytest.raises(ShapeMismatch) as refusal:
        getattr(network, call)(np.ones((4, 6), np.float32), cache)
    kind = type(layers[names[-1]]).__name__
    assert refusal.value.detail == f"layer '{names[-1]}': {kind} expects a gradient of shape (4, 5), got (4, 6)"


def test_a_refusal_names_the_whole_way_to_a_nested_layer(rng):
    network = Sequential({"body": Sequential({"conv": Conv2D(3, 2, 3, rng)})})
    with pytest.raises(ShapeMismatch, match=r"^layer 'body': layer 'conv': Conv2D expects .*got \(4, 1, 8, 8\)$"):
        network.predict(_images(rng))


def test_load_copies_what_arrays_gave(rng):
    trained, fresh = _network(rng), _network(rng)
    x = _images(rng)
    fresh.load(trained.arrays())
    np.testing.assert_array_equal(fresh.predict(x), trained.predict(x))
    before = trained.predict(x)
    fresh.params["dense2.bias"] += 1
    np.testing.assert_array_equal(trained.predict(x), before)


def test_load_refuses_missing_and_unknown_names(rng):
    network = _network(rng)
    arrays = network.arrays()
    arrays["dense3.bias"] = arrays.pop("dense2.bias")
    with pytest.raises(ShapeMismatch, match=r"\['dense2\.bias', 'dense3\.bias'\]"):
        network.load(arrays)


def test_load_refuses_another_shape_and_names_the_array(rng):
    network = _network(rng)
    wrong = network.arrays() | {"dense2.bias": np.zeros(4, np.float32)}
    with pytest.raises(ShapeMismatch) as refusal:
        network.load(wrong)
    assert refusal.value.detail == "array 'dense2.bias' expects (3,), got (4,)"


def test_a_refused_load_changes_nothing(rng):
    network = _network(rng)
    before = {name: array.copy() for name, array in network.arrays().items()}
    wrong = {name: array + 1 for name, array in before.items()} | {"dense2.bias": np.zeros(4, np.float32)}
    with pytest.raises(ShapeMismatch):
        network.load(wrong)
    np.testing.assert_equal(network.arrays(), before)


def test_folding_gives_the_output_of_inference_with_fewer_layers(rng):
    network, x = _network(rng).astype(np.float64), _images(rng).astype(np.float64)
    folded = fold_batch_norm(network)
    np.testing.assert_allclose(folded.predict(x), network.predict(x), rtol=1e-9, atol=1e-12)
    assert not [layer for layer in folded.layers.values() if isinstance(layer, BatchNorm | Dropout)]
    assert folded.state == {}


def test_folding_keeps_float32_and_stays_close_in_it(rng):
    network, x = _network(rng), _images(rng)
    folded = fold_batch_norm(network)
    assert {array.dtype for array in folded.params.values()} == {np.dtype(np.float32)}
    np.testing.assert_allclose(folded.predict(x), network.predict(x), rtol=1e-3, atol=1e-4)


def test_folding_does_not_change_the_network(rng):
    network, x = _network(rng), _images(rng)
    arrays = {name: array.copy() for name, array in network.arrays().items()}
    before = network.predict(x)
    fold_batch_norm(network)
    np.testing.assert_equal(network.arrays(), arrays)
    np.testing.assert_array_equal(network.predict(x), before)


def test_folding_leaves_a_batch_norm_that_follows_no_linear_layer(rng):
    network = Sequential({"relu": ReLU(), "norm": BatchNorm(1), "conv": Conv2D(1, 2, 3, rng)})
    network.state["norm.mean"][:] = 0.3
    folded, x = fold_batch_norm(network), _images(rng)
    assert list(folded.layers) == ["relu", "norm", "conv"]
    np.testing.assert_array_equal(folded.predict(x), network.predict(x))


def test_a_network_learns_what_no_straight_line_separates(rng):
    """Exclusive or, in the full loop: forward, loss, backward, next_state, step."""
    network = Sequential({"hidden": Dense(2, 16, rng), "norm": BatchNorm(16), "relu": ReLU(), "out": Dense(16, 2, rng)})
    optimiser = SGD()
    memory = optimiser.memory(network.params)
    x = rng.uniform(-1, 1, (256, 2)).astype(np.float32)
    labels = ((x[:, 0] > 0) ^ (x[:, 1] > 0)).astype(int)
    for _ in range(200):
        logits, cache = network.forward(x, rng)
        _, grad = cross_entropy(logits, labels)
        _, grads = network.backward(grad, cache)
        for name, array in network.next_state(cache).items():
            network.state[name][:] = array
        optimiser.step(network.params, grads, memory, lr=0.1)
    assert (network.predict(x).argmax(axis=1) == labels).mean() > 0.95
