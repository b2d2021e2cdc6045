from __future__ import annotations

import numpy as np
import pytest

from app.inspection import activation_statistics, full_colour, layer_kinds, weight_statistics, weighted_layers
from app.nn import Dense, ReLU, Sequential, Sigmoid, zeros
from app.ocr import build_network


def test_weights_are_described_with_how_far_they_moved():
    initial, trained = np.array([[3.0, 0.0], [0.0, 4.0]]), np.array([[0.0, 0.0], [0.0, 4.0]])
    found = weight_statistics(trained, initial, trained)
    assert found.shape == (2, 2)
    assert (found.norm, found.mean, found.smallest, found.largest) == (4.0, 1.0, 0.0, 4.0)
    assert found.moved == pytest.approx(3 / 5)
    assert weight_statistics(trained).moved is None


def test_before_and_after_training_have_one_scale(rng):
    initial, trained = rng.normal(size=(40, 5)), 3 * rng.normal(size=(40, 5))
    before, after = (weight_statistics(one, initial, trained).scale for one in (initial, trained))
    assert before == after == full_colour(initial, trained)
    assert weight_statistics(initial).scale < before
    assert full_colour(np.zeros(3)) == 1.0


def _after(activation, *biases):
    dense = Dense(1, len(biases), initialiser=zeros)
    dense.params["weight"][...] = 1.0
    dense.params["bias"][...] = biases
    return Sequential({"dense": dense, "activation": activation})


def test_a_unit_is_dead_if_it_gives_the_same_whatever_comes():
    probe = np.linspace(-1, 1, 9)[:, None]
    found = activation_statistics(_after(ReLU(), 0.0, -5.0, 5.0), probe)["activation"]
    assert (found.units, found.dead) == (3, 1)
    assert found.saturated == pytest.approx((5 + 9 + 0) / 27)


def test_a_sigmoid_is_saturated_where_it_is_flat():
    probe = np.linspace(-0.1, 0.1, 5)[:, None]
    found = activation_statistics(_after(Sigmoid(), 0.0, 10.0), probe)["activation"]
    assert (found.dead, found.saturated) == (0, 0.5)


def test_channels_count_as_units(rng):
    network = build_network({"name": "glyph-cnn", "classes": 3, "stages": [[4]], "hidden": 5, "dropout": 0.0}, rng)
    found = activation_statistics(network, rng.random((2, 1, 32, 32), np.float32))
    assert {name: each.units for name, each in found.items()} == {"relu1a": 4, "hidden_relu": 5}
    assert list(weighted_layers(network)) == ["conv1a", "hidden", "output"]
    assert layer_kinds(network)["conv1a"] == "Conv2D"
