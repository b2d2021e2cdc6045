"""What every layer promises; a new layer joins by a line in LAYERS."""

from __future__ import annotations

import re
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

import array_api_strict as strict
import numpy as np
import pytest

import app.nn
from app.errors import ShapeMismatch
from app.nn import (
    AvgPool2D,
    BatchNorm,
    Columns,
    Conv2D,
    Dense,
    Dropout,
    Flatten,
    Layer,
    MaxPool2D,
    ReLU,
    Residual,
    Sequential,
    Sigmoid,
    Tanh,
    glorot_uniform,
    gradient_check,
)


def _worn_batch_norm(channels: int, rng: np.random.Generator) -> BatchNorm:
    """One that has been trained: a fresh one, with scale 1 and shift 0, would hide wrong factors."""
    layer = BatchNorm(channels)
    layer.params["scale"][:] = rng.uniform(0.5, 2, channels)
    layer.params["shift"][:] = rng.normal(size=channels)
    layer.state["mean"][:] = rng.normal(size=channels)
    layer.state["variance"][:] = rng.uniform(0.5, 2, channels)
    return layer


def _glyph_network(rng: np.random.Generator) -> Sequential:
    return Sequential(
        {
            "conv": Conv2D(1, 3, 3, rng, padding=1),
            "norm": _worn_batch_norm(3, rng),
            "relu": ReLU(),
            "pool": MaxPool2D(2),
            "flatten": Flatten(),
            "dropout": Dropout(0.25),
            "dense": Dense(12, 4, rng),
        }
    )


def _row_network(rng: np.random.Generator) -> Sequential:
    """From images to one answer for each of their columns."""
    layers = {"conv": Conv2D(1, 3, (4, 3), rng, padding=(0, 1)), "norm": _worn_batch_norm(3, rng), "relu": ReLU()}
    return Sequential({**layers, "out": Conv2D(3, 4, 1, rng), "columns": Columns()})


def _experiment_network(rng: np.random.Generator) -> Sequential:
    """The original experiment's: two dense layers with a sigmoid between them."""
    hidden = Dense(6, 5, rng, glorot_uniform)
    return Sequential({"hidden": hidden, "sigmoid": Sigmoid(), "out": Dense(5, 3, rng, glorot_uniform)})


def _residual(rng: np.random.Generator) -> Residual:
    body = {"conv": Conv2D(2, 2, 3, rng, padding=1), "norm": _worn_batch_norm(2, rng), "dropout": Dropout(0.25)}
    return Residual(Sequential(body))


Build = Callable[[np.random.Generator], Layer]

# name: how to build it, and the shape of a small input
LAYERS: dict[str, tuple[Build, tuple[int, ...]]] = {
    "dense": (lambda rng: Dense(5, 4, rng), (3, 5)),
    "flatten": (lambda rng: Flatten(), (3, 2, 4, 5)),
    "columns": (lambda rng: Columns(), (3, 4, 1, 5)),
    "conv": (lambda rng: Conv2D(2, 3, 3, rng), (2, 2, 6, 5)),
    "conv of single pixels": (lambda rng: Conv2D(3, 2, 1, rng), (2, 3, 4, 3)),
    "conv with padding": (lambda rng: Conv2D(2, 3, 3, rng, padding=1), (2, 2, 4, 5)),
    "conv in tiles": (lambda rng: Conv2D(8, 2, 3, rng, padding=1), (2, 8, 6, 5)),
    "conv with stride": (lambda rng: Conv2D(2, 3, 3, rng, stride=2, padding=1), (2, 2, 7, 6)),
    "conv that leaves pixels over": (lambda rng: Conv2D(1, 2, 2, rng, stride=3), (2, 1, 7, 9)),
    "conv along rows": (lambda rng: Conv2D(2, 3, (1, 3), rng, padding=(0, 2), dilation=(1, 2)), (2, 2, 2, 6)),
    "relu": (lambda rng: ReLU(), (3, 2, 4, 5)),
    "sigmoid": (lambda rng: Sigmoid(), (3, 7)),
    "tanh": (lambda rng: Tanh(), (3, 7)),
    "max pool": (lambda rng: MaxPool2D(2), (2, 3, 4, 6)),
    "max pool of threes": (lambda rng: MaxPool2D(3), (2, 1, 6, 9)),
    "average pool": (lambda rng: AvgPool2D(2), (2, 3, 4, 6)),
    "average pool of threes": (lambda rng: AvgPool2D(3), (2, 1, 6, 9)),
    "batch norm of features": (lambda rng: _worn_batch_norm(4, rng), (6, 4)),
    "batch norm of images": (lambda rng: _worn_batch_norm(3, rng), (3, 3, 4, 2)),
    "dropout": (lambda rng: Dropout(0.4), (5, 8)),
    "residual": (_residual, (3, 2, 4, 4)),
    "residual of one layer": (lambda rng: Residual(Dense(5, 5, rng)), (3, 5)),
    "glyph network": (_glyph_network, (3, 1, 4, 4)),
    "row network": (_row_network, (3, 1, 4, 6)),
    "experiment network": (_experiment_network, (4, 6)),
    "networks within a network": (
        lambda rng: Sequential({"first": _experiment_network(rng), "second": Dense(3, 2, rng)}),
        (4, 6),
    ),
}

every_layer = pytest.mark.parametrize("build, shape", LAYERS.values(), ids=LAYERS)
both_modes = pytest.mark.parametrize("seed", [1, None], ids=["training", "inference"])


@every_layer
def test_a_layer_says_whether_it_differs_in_training(build, shape, rng):
    layer, x = build(rng), rng.normal(size=shape).astype(np.float32)
    same = np.array_equal(layer.forward(x, np.random.default_rng(1))[0], layer.forward(x)[0])
    assert layer.differs_in_training != same


def _generator(seed: int | None) -> np.random.Generator | None:
    return None if seed is None else np.random.default_rng(seed)


def test_the_table_misses_no_layer(rng):
    exported = {value for name in app.nn.__all__ if isinstance(value := getattr(app.nn, name), type)}
    layers = {cls for cls in exported if issubclass(cls, Layer) and cls is not Layer}
    assert layers == {type(build(rng)) for build, _ in LAYERS.values()}


@every_layer
@both_modes
def test_gradients_agree_with_central_differences(build, shape, seed, rng):
    layer = build(rng)
    errors = gradient_check(layer, rng.normal(size=shape), seed=seed)
    assert errors.keys() == {"input", *layer.params}
    assert max(errors.values()) < 1e-6, errors


@every_layer
@both_modes
def test_interleaved_passes_do_not_disturb_each_other(build, shape, seed, rng):
    layer = build(rng)
    inputs = [rng.normal(size=shape).astype(np.float32) for _ in range(2)]
    alone = [_pass(layer, x, seed) for x in inputs]

    forwards = [layer.forward(x, _generator(seed)) for x in inputs]
    interleaved = [(y, *layer.backward(np.cos(y), cache)) for y, cache in forwards]

    for one, other in zip(alone, interleaved, strict=True):
        _assert_same(one, other)


@every_layer
@both_modes
def test_threads_that_share_a_layer_get_what_they_would_get_alone(build, shape, seed, rng):
    layer = build(rng)
    inputs = [rng.normal(size=shape).astype(np.float32) for _ in range(24)]
    with ThreadPoolExecutor(4) as threads:
        together = list(threads.map(lambda x: _pass(layer, x, seed), inputs))
    for x, result in zip(inputs, together, strict=True):
        _assert_same(_pass(layer, x, seed), result)


@every_layer
@both_modes
def test_neither_pass_changes_the_layer_or_its_input(build, shape, seed, rng):
    layer = build(rng)
    x = rng.normal(size=shape).astype(np.float32)
    x_before = x.copy()
    arrays_before = {name: array.copy() for name, array in (layer.params | layer.state).items()}
    attributes_before = {name: value for name, value in vars(layer).items() if name not in ("params", "state")}

    y, cache = layer.forward(x, _generator(seed))
    grad_out = np.cos(y)
    grad_out_before = grad_out.copy()
    layer.backward(grad_out, cache)

    np.testing.assert_array_equal(x, x_before)
    np.testing.assert_array_equal(grad_out, grad_out_before)
    np.testing.assert_equal(layer.params | layer.state, arrays_before)
    assert {name: value for name, value in vars(layer).items() if name not in ("params", "state")} == attributes_before


@every_layer
@both_modes
def test_float32_stays_float32(build, shape, seed, rng):
    y, grad_in, grads = _pass(build(rng), rng.normal(size=shape).astype(np.float32), seed)
    assert {array.dtype for array in (y, grad_in, *grads.values())} == {np.dtype(np.float32)}


@every_layer
@both_modes
def test_gradients_have_the_shapes_of_what_they_belong_to(build, shape, seed, rng):
    layer = build(rng)
    _, grad_in, grads = _pass(layer, rng.normal(size=shape).astype(np.float32), seed)
    assert grad_in.shape == shape
    assert {name: grad.shape for name, grad in grads.items()} == {
        name: param.shape for name, param in layer.params.items()
    }


@pytest.mark.parametrize(
    "build, message",
    [
        (lambda rng: Dense(0, 3, rng), "Dense expects in_features of at least 1, got 0"),
        (lambda rng: Dense(3, 0, rng), "Dense expects out_features of at least 1, got 0"),
        (lambda rng: Conv2D(0, 4, 3, rng), "Conv2D expects in_channels of at least 1, got 0"),
        (lambda rng: Conv2D(1, 0, 3, rng), "Conv2D expects out_channels of at least 1, got 0"),
        (lambda rng: Conv2D(1, 4, 0, rng), "Conv2D expects kernel_size of at least 1, got (0, 0)"),
        (lambda rng: Conv2D(1, 4, 3, rng, stride=(1, 0)), "Conv2D expects stride of at least 1, got (1, 0)"),
        (lambda rng: Conv2D(1, 4, 3, rng, dilation=0), "Conv2D expects dilation of at least 1, got (0, 0)"),
        (lambda rng: Conv2D(1, 4, 3, rng, padding=-1), "Conv2D expects padding of at least 0, got (-1, -1)"),
        (lambda rng: MaxPool2D(0), "MaxPool2D expects size of at least 1, got 0"),
        (lambda rng: AvgPool2D(0), "AvgPool2D expects size of at least 1, got 0"),
        (lambda rng: BatchNorm(0), "BatchNorm expects channels of at least 1, got 0"),
    ],
)
def test_a_layer_of_a_size_that_cannot_be_is_refused(build, message, rng):
    with pytest.raises(ValueError, match=f"^{re.escape(message)}$"):
        build(rng)


def test_a_size_may_be_a_whole_number_of_numpy(rng):
    """As ``labels.max() + 1`` is."""
    size = np.int64(2)
    layers = Dense(size, size, rng), Conv2D(size, size, 3, rng), BatchNorm(size), MaxPool2D(size)
    shapes = (1, 2), (1, 2, 3, 3), (1, 2), (1, 1, 2, 2)
    for layer, shape in zip(layers, shapes, strict=True):
        assert layer.forward(np.zeros(shape, np.float32))[0].shape[0] == 1


@every_layer
@both_modes
def test_a_gradient_of_another_shape_than_the_output_is_refused(build, shape, seed, rng):
    """Smaller ones, too, and those that NumPy would stretch over the output."""
    layer = build(rng)
    y, cache = layer.forward(rng.normal(size=shape).astype(np.float32), _generator(seed))
    wrong = [np.delete(y, 0, axis) for axis in range(y.ndim)] + [y[:1], y[..., :1], y[0], y[None]]
    for grad_out in wrong:
        for call in (layer.backward, layer.param_gradients) if layer.params else (layer.backward,):
            with pytest.raises(ShapeMismatch) as refusal:
                call(grad_out, cache)
            assert refusal.value.detail.endswith(f"expects a gradient of shape {y.shape}, got {grad_out.shape}")


@every_layer
@both_modes
def test_the_gradients_of_the_parameters_can_be_had_alone(build, shape, seed, rng):
    layer = build(rng)
    y, cache = layer.forward(rng.normal(size=shape).astype(np.float32), _generator(seed))
    grad_out = np.cos(y)
    np.testing.assert_equal(layer.param_gradients(grad_out, cache), layer.backward(grad_out, cache)[1])


def test_a_network_asks_no_layer_for_a_gradient_that_nobody_needs(rng, monkeypatch):
    layers = {"flatten": Flatten(), "first": Dense(4, 3, rng), "second": Dense(3, 2, rng)}
    network = Sequential(layers)
    y, cache = network.forward(rng.normal(size=(5, 2, 2)).astype(np.float32))
    expected = network.backward(y, cache)[1]
    for name in ("flatten", "first"):
        monkeypatch.setattr(layers[name], "backward", None)  # to call it is an error
    np.testing.assert_equal(network.param_gradients(y, cache), expected)


@every_layer
def test_inference_reads_each_sample_by_itself(build, shape, rng):
    layer = build(rng)
    x = rng.normal(size=shape).astype(np.float32)
    batch, _ = layer.forward(x)
    single = np.concatenate([layer.forward(x[i : i + 1])[0] for i in range(len(x))])
    np.testing.assert_allclose(single, batch, rtol=1e-5, atol=1e-6)


@every_layer
def test_an_empty_batch_gives_an_empty_answer(build, shape, rng):
    """A page may have no glyphs at all."""
    layer = build(rng)
    empty, _ = layer.forward(np.zeros((0, *shape[1:]), np.float32))
    single, _ = layer.forward(np.zeros((1, *shape[1:]), np.float32))
    assert empty.shape == (0, *single.shape[1:])


@every_layer
def test_astype_gives_a_twin_that_shares_nothing(build, shape, rng):
    layer = build(rng)
    before = {name: array.copy() for name, array in (layer.params | layer.state).items()}
    for dtype in (np.float32, np.float64):
        twin = layer.astype(dtype)
        for array in (twin.params | twin.state).values():
            assert array.dtype == dtype
            array += 1
    np.testing.assert_equal(layer.params | layer.state, before)


@every_layer
@both_modes
def test_arrays_of_another_library_give_the_values_of_numpy(build, shape, seed, rng):
    """array_api_strict holds NumPy arrays, and refuses what the array API standard does not have."""
    layer = build(rng)
    twin = layer.map_arrays(strict.asarray)
    x = rng.normal(size=shape).astype(np.float32)
    y, cache = layer.forward(x, _generator(seed))
    grad_out = rng.normal(size=y.shape).astype(np.float32)
    grad_in, grads = layer.backward(grad_out, cache)
    with strict.ArrayAPIStrictFlags(api_version="2024.12"):
        strict_y, strict_cache = twin.forward(strict.asarray(x), _generator(seed))
        strict_grad_in, strict_grads = twin.backward(strict.asarray(grad_out), strict_cache)
        strict_state = twin.next_state(strict_cache)
    expected = {"y": y, "grad_in": grad_in, **grads, **layer.next_state(cache)}
    got = {"y": strict_y, "grad_in": strict_grad_in, **strict_grads, **strict_state}
    assert got.keys() == expected.keys()
    for name, array in got.items():
        assert isinstance(array, type(strict.asarray(0.0)))
        np.testing.assert_allclose(np.from_dlpack(array), expected[name], rtol=1e-5, atol=1e-5, err_msg=name)


def _pass(layer: Layer, x: np.ndarray, seed: int | None) -> tuple[np.ndarray, np.ndarray, dict[str, np.ndarray]]:
    """Forward, and backward with a gradient that depends on the output: y, grad_in, grads."""
    y, cache = layer.forward(x, _generator(seed))
    return y, *layer.backward(np.cos(y), cache)


def _assert_same(one: tuple, other: tuple) -> None:
    """Equal up to the order in which BLAS adds; a mixed-up cache is off by far more."""
    for a, b in zip(one[:2], other[:2], strict=True):
        np.testing.assert_allclose(a, b, rtol=1e-5, atol=1e-6)
    assert one[2].keys() == other[2].keys()
    for name, grad in one[2].items():
        np.testing.assert_allclose(grad, other[2][name], rtol=1e-5, atol=1e-5, err_msg=name)
