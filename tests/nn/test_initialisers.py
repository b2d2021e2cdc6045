from __future__ import annotations

import numpy as np
import pytest

from app.nn import Conv2D, Dense, ReLU, Sequential, glorot_uniform, he_normal, zeros


def test_he_normal_has_variance_two_over_fan_in(rng):
    weight = he_normal((400, 250), 400, 250, rng)
    assert weight.mean() == pytest.approx(0, abs=1e-3)
    assert weight.var() == pytest.approx(2 / 400, rel=0.02)


def test_glorot_uniform_has_variance_two_over_the_sum_of_fans_within_its_limit(rng):
    weight = glorot_uniform((400, 250), 400, 250, rng)
    assert weight.mean() == pytest.approx(0, abs=1e-3)
    assert weight.var() == pytest.approx(2 / 650, rel=0.02)
    assert np.abs(weight).max() <= np.sqrt(6 / 650) + 1e-7


@pytest.mark.parametrize("initialiser", [he_normal, glorot_uniform, zeros])
def test_initialisers_return_float32_of_the_asked_shape(initialiser, rng):
    weight = initialiser((2, 3, 4), 6, 4, rng)
    assert weight.shape == (2, 3, 4)
    assert weight.dtype == np.float32


@pytest.mark.parametrize("initialiser", [he_normal, glorot_uniform])
def test_the_same_seed_gives_the_same_weights(initialiser):
    one, other, third = (initialiser((3, 4), 3, 4, np.random.default_rng(seed)) for seed in (5, 5, 6))
    np.testing.assert_array_equal(one, other)
    assert not np.array_equal(one, third)


@pytest.mark.parametrize("initialiser", [he_normal, glorot_uniform])
def test_random_initialisers_refuse_to_draw_without_a_generator(initialiser):
    with pytest.raises(TypeError, match="initialiser=zeros"):
        initialiser((3, 4), 3, 4, None)


def test_convolution_counts_the_whole_field_as_fan_in(rng):
    weight = Conv2D(16, 64, 5, rng).params["weight"]
    assert weight.var() == pytest.approx(2 / (16 * 25), rel=0.05)


def test_he_normal_keeps_the_size_of_activations_through_many_relu_layers(rng):
    network = Sequential(
        {f"{kind}{i}": layer for i in range(10) for kind, layer in (("dense", Dense(256, 256, rng)), ("relu", ReLU()))}
    )
    x = rng.normal(size=(64, 256)).astype(np.float32)
    assert np.square(network.predict(x)).mean() == pytest.approx(np.square(x).mean(), rel=0.5)
