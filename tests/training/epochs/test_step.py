from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from threading import get_ident

import numpy as np
import pytest

from app.nn import Array, BatchNorm, Dense, Dropout, Sequential, cross_entropy
from app.ocr import Alphabet
from app.training.epochs.glyph_loss import NameGlyphs
from app.training.epochs.step import Batch, assess, forward_backward

OBJECTIVE = NameGlyphs(Alphabet("ABC"))


@pytest.fixture
def network(rng: np.random.Generator) -> Sequential:
    return Sequential({"in": Dense(4, 8, rng), "norm": BatchNorm(8), "drop": Dropout(0.5), "out": Dense(8, 3, rng)})


def _batch(rng: np.random.Generator, shards: int, count: int = 12) -> Batch:
    glyphs = rng.normal(size=(count, 4)).astype(np.float32)
    return Batch(OBJECTIVE.parts((glyphs, rng.choice(list("ABC"), count)), shards), (1, 2))


def _by_hand(network: Sequential, batch: Batch) -> list[dict[str, Array]]:
    """Gradients of each shard in turn."""
    grads = []
    for (glyphs, classes), rng in zip(batch.parts, batch.rngs(), strict=True):
        logits, cache = network.forward(glyphs, rng)
        grads.append(network.backward(cross_entropy(logits, classes)[1], cache)[1])
    return grads


@pytest.mark.parametrize("shards", [1, 2, 3])
def test_gradients_are_the_mean_over_the_shards_to_the_bit(network, rng, shards):
    batch = _batch(rng, shards)
    with ThreadPoolExecutor(shards) as threads:
        result = forward_backward(network, batch, OBJECTIVE, threads)

    parts = _by_hand(network, batch)
    for name, grad in result.grads.items():
        np.testing.assert_array_equal(grad, sum(part[name] for part in parts) / np.float32(shards))
    assert result.grads.keys() == network.params.keys()
    assert result.state.keys() == network.state.keys()
    assert result.count == 12


@pytest.mark.parametrize("shards", [1, 2, 3])
def test_summed_gradients_are_the_mean_times_all_that_counts(network, rng, shards):
    batch = _batch(rng, shards)
    with ThreadPoolExecutor(shards) as threads:
        mean = forward_backward(network, batch, OBJECTIVE, threads)
        summed = forward_backward(network, batch, OBJECTIVE, threads, summed=True)

    for name, grad in summed.grads.items():
        np.testing.assert_allclose(grad, mean.grads[name] * 12, rtol=1e-4, atol=1e-5)
    assert summed.loss == mean.loss


def test_no_generator_is_made_for_a_network_that_draws_nothing(rng, monkeypatch):
    network = Sequential({"in": Dense(4, 8, rng), "out": Dense(8, 3, rng)})
    monkeypatch.setattr(Batch, "rngs", lambda batch: pytest.fail("a generator was made"))
    with ThreadPoolExecutor(1) as threads:
        assert forward_backward(network, _batch(rng, 1), OBJECTIVE, threads).grads.keys() == network.params.keys()


@pytest.mark.parametrize("shards", [1, 2])
def test_a_single_shard_is_computed_where_the_caller_is_and_others_are_not(network, rng, shards):
    places: set[int] = set()

    class Watched(NameGlyphs):
        def loss(self, logits, truth):
            places.add(get_ident())
            return super().loss(logits, truth)

    with ThreadPoolExecutor(shards) as threads:
        forward_backward(network, _batch(rng, shards), Watched(OBJECTIVE.alphabet), threads)

    assert (places == {get_ident()}) == (shards == 1)


def test_each_shard_drops_other_units_and_the_same_ones_each_time(network, rng):
    batch = _batch(rng, 2)
    first, second, again = (rng.random(5) for rng in [*batch.rngs(), batch.rngs()[0]])
    assert not np.array_equal(first, second)
    np.testing.assert_array_equal(first, again)


def test_parts_of_any_size_are_measured_as_one(network, rng):
    glyphs, classes = rng.normal(size=(7, 4)).astype(np.float32), rng.integers(0, 3, 7)
    parts = [(glyphs[:5], classes[:5]), (glyphs[5:], classes[5:])]
    with ThreadPoolExecutor(2) as threads:
        loss, accuracy = assess(network, parts, OBJECTIVE, threads)
    logits = network.predict(glyphs)
    assert loss == pytest.approx(cross_entropy(logits, classes)[0], rel=1e-4)
    assert accuracy == (logits.argmax(axis=1) == classes).mean()
