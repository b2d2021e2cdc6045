from __future__ import annotations

import numpy as np
import pytest

from app.nn import BatchNorm, Dense, ExponentialAverage, Sequential


def test_two_steps_by_hand():
    """The warm-up allows 2 / 11 of the past in the first step and 3 / 12 in the second."""
    average, arrays = ExponentialAverage(decay=0.2), {"w": np.array([1.0])}
    memory = average.memory(arrays)
    arrays["w"][:] = 12.0
    average.update(arrays, memory)
    assert average.averages(memory)["w"].item() == pytest.approx(2 / 11 * 1 + 9 / 11 * 12)
    average.update({"w": np.array([0.0])}, memory)  # 3 / 12 is past the decay
    assert average.averages(memory)["w"].item() == pytest.approx(0.2 * 10)


def test_a_long_run_forgets_at_the_rate_of_its_decay():
    average, arrays = ExponentialAverage(decay=0.9), {"w": np.zeros(1)}
    memory = average.memory(arrays)
    for _ in range(200):
        average.update(arrays, memory)
    arrays["w"][:] = 1
    for _ in range(10):
        average.update(arrays, memory)
    assert average.averages(memory)["w"].item() == pytest.approx(1 - 0.9**10)


def test_the_average_of_a_jittering_walk_is_closer_to_its_middle(rng):
    average, arrays = ExponentialAverage(decay=0.9), {"w": rng.normal(size=1000)}
    memory = average.memory(arrays)
    for _ in range(200):
        arrays["w"][:] = rng.normal(size=1000)
        average.update(arrays, memory)
    # The variance of an exponential average of white noise is (1 - d) / (1 + d).
    assert average.averages(memory)["w"].var() == pytest.approx(0.1 / 1.9, rel=0.2)


def test_parameters_and_statistics_are_averaged_alike_and_load_back(rng):
    network = Sequential({"dense": Dense(3, 4, rng), "norm": BatchNorm(4)})
    average = ExponentialAverage()
    memory = average.memory(network.arrays())
    before = {name: array.copy() for name, array in network.arrays().items()}
    network.state["norm.mean"] += 11
    network.params["dense.bias"] += 22
    average.update(network.arrays(), memory)
    network.load(average.averages(memory))
    assert {array.dtype for array in average.averages(memory).values()} == {np.dtype(np.float32)}
    np.testing.assert_allclose(network.state["norm.mean"], 9, rtol=1e-6)
    np.testing.assert_allclose(network.params["dense.bias"], 18, rtol=1e-6)
    np.testing.assert_array_equal(network.params["dense.weight"], before["dense.weight"])


def test_the_memory_is_a_copy_and_the_arrays_stay_as_they_are():
    arrays = {"w": np.ones(2)}
    average = ExponentialAverage()
    memory = average.memory(arrays)
    memory["average.w"] += 5
    average.update(arrays, memory)
    np.testing.assert_array_equal(arrays["w"], 1)


def test_a_run_goes_on_from_its_saved_memory(rng):
    average = ExponentialAverage()
    values = [{"w": rng.normal(size=3)} for _ in range(6)]
    memory = average.memory(values[0])
    for value in values[1:3]:
        average.update(value, memory)
    saved = {name: array.copy() for name, array in memory.items()}
    for value in values[3:]:
        average.update(value, memory)
        average.update(value, saved)
    np.testing.assert_equal(saved, memory)
