from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from threading import get_ident

import numpy as np
import pytest

from app.nn import Array, BatchNorm, Dense, Dropout, Sequential, cross_entropy
from app.training.step import Batch, carry, find_fault, infer


@pytest.fixture
def network(rng: np.random.Generator) -> Sequential:
    return Sequential({"in": Dense(4, 8, rng), "norm": BatchNorm(8), "drop": Dropout(0.5), "out": Dense(8, 3, rng)})


def _batch(rng: np.random.Generator, shards: int, count: int = 12) -> Batch:
    return Batch(rng.normal(size=(count, 4)).astype(np.float32), rng.integers(0, 3, count), (1, 2), shards)


def _by_hand(network: Sequential, batch: Batch) -> list[dict[str, Array]]:
    """Gradients of each shard in turn."""
    grads = []
    for glyphs, classes, rng in batch.parts():
        logits, cache = network.forward(glyphs, rng)
        grads.append(network.backward(cross_entropy(logits, classes)[1], cache)[1])
    return grads


@pytest.mark.parametrize("shards", [1, 2, 3])
def test_gradients_are_the_mean_over_the_shards_to_the_bit(network, rng, shards):
    batch = _batch(rng, shards)
    with ThreadPoolExecutor(shards) as threads:
        carried = carry(network, batch, cross_entropy, threads)

    parts = _by_hand(network, batch)
    for name, grad in carried.grads.items():
        np.testing.assert_array_equal(grad, sum(part[name] for part in parts) / np.float32(shards))
    assert carried.grads.keys() == network.params.keys()
    assert carried.state.keys() == network.state.keys()


@pytest.mark.parametrize("shards", [1, 2])
def test_a_single_shard_is_computed_where_the_caller_is_and_others_are_not(network, rng, shards):
    places: set[int] = set()

    def loss(logits, classes):
        places.add(get_ident())
        return cross_entropy(logits, classes)

    with ThreadPoolExecutor(shards) as threads:
        carry(network, _batch(rng, shards), loss, threads)

    assert (places == {get_ident()}) == (shards == 1)


def test_each_shard_drops_other_units_and_the_same_ones_each_time(network, rng):
    batch = _batch(rng, 2)
    first, second, again = (np.random.Generator.random(part[2], 5) for part in [*batch.parts(), batch.parts()[0]])
    assert not np.array_equal(first, second)
    np.testing.assert_array_equal(first, again)


@pytest.mark.parametrize("count", [0, 1, 7])
def test_any_number_of_glyphs_is_inferred_in_their_order(network, rng, count):
    glyphs = rng.normal(size=(count, 4)).astype(np.float32)
    with ThreadPoolExecutor(2) as threads:
        logits = infer(network, glyphs, 2, threads)
    np.testing.assert_allclose(logits, network.predict(glyphs), rtol=1e-4, atol=1e-5)


def test_a_fault_is_found_in_whichever_shard_it_is(network, rng):
    batch = _batch(rng, 3)
    assert find_fault(network, batch, cross_entropy) is None
    batch.glyphs[-1, 0] = np.nan
    assert find_fault(network, batch, cross_entropy) == "the glyphs"
