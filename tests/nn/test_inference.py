from __future__ import annotations

import tracemalloc
import weakref
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager

import numpy as np
import pytest

from app.errors import ShapeMismatch
from app.nn import (
    BatchNorm,
    Columns,
    Conv2D,
    Dense,
    Dropout,
    Flatten,
    Inference,
    Layer,
    MaxPool2D,
    ReLU,
    Residual,
    Sequential,
    Sigmoid,
    Tanh,
)
from tests.nn.worn import wear


def _block(channels: int, rng: np.random.Generator) -> Residual:
    return Residual(
        Sequential(
            {
                "conv1": Conv2D(channels, channels, 3, rng, padding=1),
                "norm1": BatchNorm(channels),
                "relu1": ReLU(),
                "conv2": Conv2D(channels, channels, 3, rng, padding=1),
                "norm2": BatchNorm(channels),
            }
        )
    )


def _glyph_network(rng: np.random.Generator) -> Sequential:
    """Takes (N, 1, 8, 8), gives (N, 3); every BatchNorm has statistics of its own."""
    network = Sequential(
        {
            "conv1": Conv2D(1, 4, 5, rng, stride=2, padding=2),
            "norm1": BatchNorm(4),
            "relu1": ReLU(),
            "block": _block(4, rng),
            "block_relu": ReLU(),
            "pool": MaxPool2D(2),
            "conv2": Conv2D(4, 6, 2, rng),
            "tanh": Tanh(),
            "flatten": Flatten(),
            "hidden": Dense(6, 5, rng),
            "hidden_norm": BatchNorm(5),
            "sigmoid": Sigmoid(),
            "dropout": Dropout(0.5),
            "out": Dense(5, 3, rng),
        }
    )
    return wear(network, rng)


# name: a network, and the shape of one sample
NETWORKS: dict[str, tuple[Callable[[np.random.Generator], Sequential], tuple[int, ...]]] = {
    "glyph network": (_glyph_network, (1, 8, 8)),
    "activation first": (lambda rng: Sequential({"relu": ReLU(), "out": Dense(4, 2, rng)}), (4,)),
    "activation after a view": (lambda rng: Sequential({"flatten": Flatten(), "tanh": Tanh()}), (2, 2)),
    "nothing but a residual": (lambda rng: Sequential({"way": Residual(Dense(3, 3, rng)), "relu": ReLU()}), (3,)),
    "residual in a residual": (
        lambda rng: Sequential({"way": Residual(Sequential({"in": _block(2, rng)}))}),
        (2, 3, 4),
    ),
    "network in a network": (
        lambda rng: Sequential({"inner": Sequential({"a": Dense(3, 4, rng), "relu": ReLU()}), "b": Dense(4, 2, rng)}),
        (3,),
    ),
    "row network": (
        lambda rng: Sequential(
            {"conv": Conv2D(1, 3, (4, 3), rng, padding=(0, 1)), "relu": ReLU(), "columns": Columns()}
        ),
        (1, 4, 6),
    ),
    "two layers in a row without activation": (
        lambda rng: Sequential({"a": Conv2D(1, 2, 3, rng), "b": Conv2D(2, 1, 1, rng)}),
        (1, 4, 5),
    ),
}

every_network = pytest.mark.parametrize("build, shape", NETWORKS.values(), ids=NETWORKS)


@every_network
@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_predict_gives_what_forward_gives(build, shape, dtype, rng):
    network = build(rng).astype(dtype)
    x = rng.normal(size=(7, *shape)).astype(dtype)
    y = Inference(network, batch_size=3).predict(x)
    assert y.dtype == dtype
    np.testing.assert_allclose(y, network.forward(x)[0], rtol=1e-4 if dtype is np.float32 else 1e-9, atol=1e-5)


@every_network
def test_predict_changes_neither_its_input_nor_the_network(build, shape, rng):
    network = build(rng)
    x = rng.normal(size=(5, *shape)).astype(np.float32)
    before, arrays = x.copy(), {name: array.copy() for name, array in network.arrays().items()}
    Inference(network).predict(x)
    np.testing.assert_array_equal(x, before)
    np.testing.assert_equal(network.arrays(), arrays)


@every_network
def test_an_answer_stays_when_the_buffers_are_used_again(build, shape, rng):
    inference = Inference(build(rng))
    first_x, other_x = (rng.normal(size=(4, *shape)).astype(np.float32) for _ in range(2))
    first = inference.predict(first_x)
    kept = first.copy()
    inference.predict(other_x)
    np.testing.assert_array_equal(first, kept)


@pytest.mark.parametrize("counts", [(8, 3, 8, 1, 5), (1, 8, 2)])
def test_batches_of_any_length_follow_each_other(counts, rng):
    network = _glyph_network(rng)
    inference = Inference(network)
    for count in counts:
        x = rng.normal(size=(count, 1, 8, 8)).astype(np.float32)
        np.testing.assert_allclose(inference.predict(x), network.forward(x)[0], rtol=1e-4, atol=1e-5)


@pytest.mark.parametrize("channels", [1, 2, 8], ids=["fields by column", "fields by row", "tiles"])
def test_images_of_any_size_follow_each_other(channels, rng):
    network = Sequential({"conv": Conv2D(channels, 2, 3, rng, padding=1), "relu": ReLU()})
    inference = Inference(network)
    for height, width in [(6, 6), (4, 9), (6, 8), (6, 7), (6, 5), (8, 4), (6, 6)]:  # 5 to 8 columns: equally many tiles
        x = rng.normal(size=(2, channels, height, width)).astype(np.float32)
        np.testing.assert_allclose(inference.predict(x), network.forward(x)[0], rtol=1e-4, atol=1e-5)


@contextmanager
def _memory_traced() -> Iterator[None]:
    tracemalloc.start()
    try:
        yield
    finally:
        tracemalloc.stop()


@pytest.fixture
def no_memory_yet(monkeypatch):
    """Other tests have left none that a network works in."""
    monkeypatch.setattr("app.nn.inference._spare", [])


@pytest.mark.usefixtures("no_memory_yet")
def test_images_of_many_sizes_share_the_memory_of_the_largest(rng):
    network = Sequential({"tiled": Conv2D(8, 8, 3, rng, padding=1), "along": Conv2D(8, 8, (1, 3), rng)})
    inference = Inference(network)
    x = rng.normal(size=(1, 8, 16, 256)).astype(np.float32)
    inference.predict(x)
    with _memory_traced():
        for width in range(64, 256, 4):
            inference.predict(x[..., :width])
        kept, _ = tracemalloc.get_traced_memory()
    assert kept < x.nbytes


@pytest.mark.usefixtures("no_memory_yet")
def test_networks_share_the_memory_that_they_work_in(rng):
    one, another = (Inference(Sequential({"tiled": Conv2D(8, 8, 3, rng, padding=1)})) for _ in range(2))
    x = rng.normal(size=(1, 8, 64, 256)).astype(np.float32)
    one.predict(x)
    with _memory_traced():
        another.predict(x)
        kept, _ = tracemalloc.get_traced_memory()
    assert kept < x.nbytes


@pytest.mark.parametrize("within", [lambda layer: layer, lambda layer: Residual(Sequential({"inner": layer}))])
@pytest.mark.parametrize("kernel_size", [3, (1, 3)], ids=["tiles", "tiles along rows"])
def test_the_weights_of_a_convolution_are_kept_in_one_form_alone(kernel_size, within, rng):
    layer = Conv2D(8, 8, kernel_size, rng, padding=(kernel_size == 3, 1))
    weight = weakref.ref(layer.params["weight"])
    inference = Inference(Sequential({"conv": within(layer)}))
    del layer
    assert weight() is None
    assert inference.predict(np.zeros((1, 8, 16, 16), np.float32)).shape == (1, 8, 16, 16)


@pytest.mark.usefixtures("no_memory_yet")
def test_the_memory_for_an_image_of_unusual_size_is_let_go(rng):
    inference = Inference(Sequential({"conv": Conv2D(1, 16, 3, rng, padding=1)}))
    usual, unusual = (np.zeros((1, 1, 64, width), np.float32) for width in (64, 8192))
    with _memory_traced():
        inference.predict(usual)
        before, _ = tracemalloc.get_traced_memory()
        answer = inference.predict(unusual)
        kept, peak = tracemalloc.get_traced_memory()
    assert peak > 2 * answer.nbytes
    assert kept - answer.nbytes <= before


def test_an_empty_batch_gives_an_empty_answer(rng):
    assert Inference(_glyph_network(rng)).predict(np.zeros((0, 1, 8, 8), np.float32)).shape == (0, 3)


@pytest.mark.parametrize("threads", [1, 3])
def test_callers_in_many_threads_get_what_they_would_get_alone(threads, rng):
    inference = Inference(_glyph_network(rng), batch_size=4, threads=threads)
    inputs = [rng.normal(size=(n, 1, 8, 8)).astype(np.float32) for n in rng.integers(1, 12, 60)]
    alone = [inference.predict(x) for x in inputs]
    with ThreadPoolExecutor(6) as callers:
        together = list(callers.map(inference.predict, inputs))
    for one, other in zip(alone, together, strict=True):
        np.testing.assert_array_equal(one, other)


def test_a_refusal_names_the_layer_and_leaves_the_rest_usable(rng):
    layers: dict[str, Layer] = {"flatten": Flatten(), "hidden": Dense(64, 5, rng), "out": Dense(6, 3, rng)}
    inference = Inference(Sequential(layers))
    with pytest.raises(ShapeMismatch) as refusal:
        inference.predict(np.zeros((2, 1, 8, 8), np.float32))
    assert refusal.value.detail == "layer 'out': Dense expects (N, 6), got (2, 5)"
    good = Inference(_glyph_network(rng))
    with pytest.raises(ShapeMismatch):
        good.predict(np.zeros((2, 2, 8, 8), np.float32))
    assert good.predict(np.zeros((2, 1, 8, 8), np.float32)).shape == (2, 3)


def test_once_warm_hardly_anything_is_allocated(rng):
    network = Sequential({"conv": Conv2D(1, 16, 3, rng, padding=1), "relu": ReLU(), "pool": Conv2D(16, 1, 16, rng)})
    inference, x = Inference(network), rng.normal(size=(32, 1, 16, 16)).astype(np.float32)
    work = 32 * 16 * 16 * 16 * x.itemsize  # what the first convolution alone gives
    inference.predict(x)
    with _memory_traced():
        inference.predict(x)
        _, peak = tracemalloc.get_traced_memory()
    assert peak < work / 10
