from __future__ import annotations

import numpy as np
import pytest

from app.errors import ShapeMismatch
from app.nn import BatchNorm, Conv2D, Dense, Dropout, ReLU, Residual, Sequential, fold_batch_norm, zeros


def _worn_block(rng: np.random.Generator) -> Residual:
    block = Residual(Sequential({"conv": Conv2D(3, 3, 3, rng, padding=1), "norm": BatchNorm(3), "drop": Dropout(0.5)}))
    for name in ("norm.mean", "norm.variance"):
        block.state[name][:] = rng.uniform(0.3, 3, 3)
    return block


def _network(rng: np.random.Generator) -> Sequential:
    """The convolution before the block and the batch normalisation after it must not be merged."""
    return Sequential({"conv": Conv2D(1, 3, 3, rng), "block": _worn_block(rng), "norm": BatchNorm(3), "relu": ReLU()})


def test_a_body_of_zeros_changes_nothing(rng):
    x = rng.normal(size=(4, 3)).astype(np.float32)
    block = Residual(Dense(3, 3, initialiser=zeros))
    y, cache = block.forward(x)
    np.testing.assert_array_equal(y, x)
    np.testing.assert_array_equal(block.backward(x, cache)[0], x)


def test_the_output_is_the_input_and_what_the_body_makes_of_it(rng):
    body = Dense(3, 3, rng)
    x = rng.normal(size=(4, 3)).astype(np.float32)
    np.testing.assert_array_equal(Residual(body).forward(x)[0], x + body.forward(x)[0])


def test_parameters_and_state_keep_the_names_of_the_body(rng):
    network = _network(rng)
    assert [name for name in network.params if name.startswith("block.")] == [
        "block.conv.weight",
        "block.conv.bias",
        "block.norm.scale",
        "block.norm.shift",
    ]
    _, cache = network.forward(rng.normal(size=(2, 1, 6, 6)).astype(np.float32), rng)
    assert network.next_state(cache).keys() == network.state.keys()
    assert "block.norm.mean" in network.state


@pytest.mark.parametrize(
    "body, said",
    [
        (lambda rng: Dense(3, 4, rng), "Residual expects a body that keeps the shape (2, 3), got (2, 4) from it"),
        (lambda rng: Dense(3, 1, rng), "Residual expects a body that keeps the shape (2, 3), got (2, 1) from it"),
    ],
    ids=["another size", "a size that would broadcast"],
)
def test_a_body_that_changes_the_shape_is_refused(body, said, rng):
    with pytest.raises(ShapeMismatch) as refusal:
        Residual(body(rng)).forward(np.ones((2, 3), np.float32))
    assert refusal.value.detail == said


def test_folding_reaches_into_the_body(rng):
    network = _network(rng).astype(np.float64)
    x = rng.normal(size=(2, 1, 6, 6))
    before = network.predict(x)
    folded = fold_batch_norm(network)
    assert [*folded.params] == [
        "conv.weight",
        "conv.bias",
        "block.conv.weight",
        "block.conv.bias",
        "norm.scale",
        "norm.shift",
    ]
    np.testing.assert_allclose(folded.predict(x), before, rtol=1e-9, atol=1e-12)
    np.testing.assert_array_equal(network.predict(x), before)


def test_folding_keeps_a_body_that_is_no_chain(rng):
    network = Sequential({"block": Residual(Dense(3, 3, rng))})
    x = rng.normal(size=(2, 3)).astype(np.float32)
    np.testing.assert_array_equal(fold_batch_norm(network).predict(x), network.predict(x))
