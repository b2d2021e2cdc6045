from __future__ import annotations

import numpy as np
import pytest

from app.nn import Conv2D, Inference, Sequential, col2im, im2col, winograd

# image (H, W), padding: whole tiles, tiles that reach beyond the image, fewer outputs than one tile
GEOMETRIES = [((8, 8), 1), ((6, 10), 0), ((5, 7), 1), ((9, 4), 2), ((3, 3), 0)]
CHANNELS, OUT_CHANNELS = 8, 5


def _layer(padding, rng, dtype=np.float64):
    layer = Conv2D(CHANNELS, OUT_CHANNELS, 3, rng, padding=padding)
    layer.params["bias"] = rng.normal(size=OUT_CHANNELS)
    return layer.astype(dtype)


def _by_fields(layer, x):
    """The convolution as its definition has it, and its three gradients for a gradient of ones times y."""
    padding, _ = layer.padding
    padded = np.pad(x, ((0, 0), (0, 0), (padding, padding), (padding, padding)))
    fields = im2col(padded, (3, 3), 1)
    rows = fields @ layer.matrix() + layer.params["bias"]
    n, oh, ow, out_channels = layer.output_shape(x)
    y = rows.reshape(n, oh, ow, out_channels).transpose(0, 3, 1, 2)
    grad_padded = col2im(rows @ layer.matrix().T, padded.shape, (3, 3), 1)
    inner = slice(padding, -padding or None)
    grad_weight = (fields.T @ rows).reshape(3, 3, CHANNELS, OUT_CHANNELS).transpose(3, 2, 0, 1)
    return y, grad_padded[:, :, inner, inner], {"weight": grad_weight, "bias": rows.sum(axis=0)}


@pytest.mark.parametrize("size, padding", GEOMETRIES)
def test_tiles_give_the_convolution_and_its_gradients(size, padding, rng):
    layer = _layer(padding, rng)
    x = rng.normal(size=(3, CHANNELS, *size))
    y, cache = layer.forward(x)
    grad_in, grads = layer.backward(y, cache)
    expected_y, expected_in, expected = _by_fields(layer, x)
    assert layer.in_tiles
    np.testing.assert_allclose(y, expected_y, atol=1e-12)
    np.testing.assert_allclose(grad_in, expected_in, atol=1e-11)
    for name, grad in expected.items():
        np.testing.assert_allclose(grads[name], grad, atol=1e-11)
        np.testing.assert_array_equal(layer.param_gradients(y, cache)[name], grads[name])


@pytest.mark.parametrize("size, padding", GEOMETRIES)
def test_inference_gives_what_the_layer_does_whatever_the_buffers_held(size, padding, rng):
    layer = _layer(padding, rng)
    inference = Inference(Sequential({"conv": layer}), batch_size=4)
    for count in (6, 1, 3):
        x = rng.normal(size=(count, CHANNELS, *size))
        np.testing.assert_allclose(inference.predict(x), layer.forward(x)[0], atol=1e-12)


@pytest.mark.parametrize("width", [7, 8, 9, 40])
@pytest.mark.parametrize(
    "kernel_size, others",
    [
        ((1, 3), {"padding": (0, 1)}),
        ((1, 3), {"padding": (0, 3), "dilation": (1, 3)}),
        ((3, 3), {"padding": (1, 0)}),
        ((2, 3), {"padding": (1, 2), "dilation": (2, 2)}),
        ((4, 3), {}),
        ((1, 3), {"stride": (1, 2)}),
        ((1, 3), {"stride": (2, 1)}),
    ],
)
def test_inference_along_rows_gives_what_the_layer_does_whatever_the_buffers_held(width, kernel_size, others, rng):
    layer = Conv2D(CHANNELS, OUT_CHANNELS, kernel_size, rng, **others)
    layer.params["bias"] = rng.normal(size=OUT_CHANNELS)
    layer = layer.astype(np.float64)
    inference = Inference(Sequential({"conv": layer}), batch_size=4)
    assert not layer.in_tiles
    for count in (6, 1, 3):
        x = rng.normal(size=(count, CHANNELS, 4, width))
        np.testing.assert_allclose(inference.predict(x), layer.forward(x)[0], atol=1e-12)


def test_rounding_stays_far_below_the_size_of_the_output(rng):
    layer = _layer(1, rng, np.float32)
    x = rng.normal(size=(4, CHANNELS, 16, 16)).astype(np.float32)
    y = layer.forward(x)[0]
    exact = layer.astype(np.float64).forward(x.astype(np.float64))[0]
    assert y.dtype == np.float32
    assert np.abs(y - exact).max() < 3e-5 * np.abs(exact).max()


def test_a_tile_takes_a_quarter_of_the_multiplications():
    by_definition = winograd.TILE**2 * winograd.KERNEL**2
    assert by_definition / winograd.PLACES == 4


@pytest.mark.parametrize(
    "channels, kernel_size, others, in_tiles",
    [
        (8, 3, {}, True),
        (8, 3, {"padding": 1}, True),
        (1, 3, {}, False),
        (8, 5, {}, False),
        (8, (1, 3), {}, False),
        (8, 3, {"stride": (2, 1)}, False),
        (8, 3, {"padding": (0, 1)}, False),
        (8, 3, {"dilation": (1, 2)}, False),
    ],
)
def test_only_small_dense_kernels_over_many_channels_are_computed_in_tiles(
    channels, kernel_size, others, in_tiles, rng
):
    assert Conv2D(channels, 2, kernel_size, rng, **others).in_tiles is in_tiles
