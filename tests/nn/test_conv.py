from __future__ import annotations

import array_api_strict as strict
import numpy as np
import pytest

from app.errors import ShapeMismatch
from app.nn import Conv2D, Inference, ReLU, Sequential, col2im, gradient_check, im2col, zeros
from app.nn.layout import channels_first
from app.nn.windows import pair

# image (H, W), kernel, stride, padding, dilation: odd and even sizes, windows that overlap, touch, and leave pixels
# over; then what differs down and across: along rows only, stems, a collapse of the height
GEOMETRIES = [
    ((5, 5), 3, 1, 0, 1),
    ((5, 7), 3, 1, 1, 1),
    ((6, 5), 2, 2, 0, 1),
    ((7, 6), 3, 2, 1, 1),
    ((8, 9), 2, 3, 0, 1),
    ((4, 4), 4, 1, 0, 1),
    ((3, 5), 1, 1, 0, 1),
    ((5, 7), 1, (2, 1), 0, 1),
    ((2, 2), 5, 1, 2, 1),
    ((7, 6), 2, 1, 1, 2),
    ((6, 7), (2, 4), 1, 0, 1),
    ((1, 9), (1, 3), 1, (0, 1), 1),
    ((1, 9), (1, 3), 1, (0, 2), (1, 2)),
    ((2, 6), (1, 3), 1, (0, 4), (1, 4)),
    ((8, 5), 3, (2, 1), 1, 1),
    ((9, 8), (3, 2), (2, 1), (1, 0), (2, 3)),
    ((10, 8), 7, 3, 3, 1),
    ((4, 6), (4, 3), 1, (0, 1), 1),
]
every_geometry = pytest.mark.parametrize("size, kernel, stride, padding, dilation", GEOMETRIES)


def _loop_fields(image, kernel_size, stride, dilation):
    """Yield the fields (C, KH, KW) of an image (C, H, W), row after row."""
    (kh, kw), (step_down, step_across), (apart_down, apart_across) = map(pair, (kernel_size, stride, dilation))
    high, wide = (kh - 1) * apart_down + 1, (kw - 1) * apart_across + 1
    for top in range(0, image.shape[1] - high + 1, step_down):
        for left in range(0, image.shape[2] - wide + 1, step_across):
            yield image[:, top : top + high : apart_down, left : left + wide : apart_across]


def _loop_im2col(images, kernel_size, stride, dilation):
    return np.array(
        [
            [field[channel, p, q] for p, q in np.ndindex(field.shape[1:]) for channel in range(len(field))]
            for image in images
            for field in _loop_fields(image, kernel_size, stride, dilation)
        ]
    )


def _loop_convolution(x, layer):
    weight, bias = layer.params["weight"], layer.params["bias"]
    n, oh, ow, out_channels = layer.output_shape(x)
    y = np.empty((n, out_channels, oh, ow))
    for image, pixels in enumerate(_padded(x, layer.padding)):
        fields = list(_loop_fields(pixels, layer.kernel_size, layer.stride, layer.dilation))
        for o in range(out_channels):
            y[image, o] = np.reshape([(field * weight[o]).sum() + bias[o] for field in fields], (oh, ow))
    return y


def _padded(x, padding):
    return np.pad(x, ((0, 0), (0, 0), *((border, border) for border in pair(padding))))


def _layer(kernel, stride, padding, dilation, rng):
    layer = Conv2D(3, 4, kernel, rng, stride=stride, padding=padding, dilation=dilation).astype(np.float64)
    layer.params["bias"][:] = rng.normal(size=4)
    return layer


def test_im2col_of_a_typed_image():
    image = np.array([[1, 2, 3], [4, 5, 6], [7, 8, 9]], np.float32)[None, None]
    expected = [
        [1, 2, 4, 5],  # the field in the upper left
        [2, 3, 5, 6],
        [4, 5, 7, 8],
        [5, 6, 8, 9],
    ]
    np.testing.assert_array_equal(im2col(image, (2, 2), 1), expected)


def test_col2im_adds_up_the_fields_that_share_a_pixel():
    ones = np.ones((4, 4), np.float32)
    np.testing.assert_array_equal(col2im(ones, (1, 1, 3, 3), (2, 2), 1), [[[[1, 2, 1], [2, 4, 2], [1, 2, 1]]]])


@every_geometry
def test_im2col_agrees_with_its_loop_written_twin(size, kernel, stride, padding, dilation, rng):
    images = _padded(rng.normal(size=(2, 3, *size)), padding)
    fast = im2col(images, kernel, stride, dilation)
    np.testing.assert_array_equal(fast, _loop_im2col(images, kernel, stride, dilation))


@every_geometry
def test_col2im_is_the_transpose_of_im2col(size, kernel, stride, padding, dilation, rng):
    """<im2col(x), c> = <x, col2im(c)> for any x and c."""
    x = _padded(rng.normal(size=(2, 3, *size)), padding)
    unrolled = im2col(x, kernel, stride, dilation)
    c = rng.normal(size=unrolled.shape)
    added = col2im(c, x.shape, kernel, stride, dilation)
    assert (unrolled * c).sum() == pytest.approx((x * added).sum(), rel=1e-12)


def test_fields_of_single_pixels_are_not_copied(rng):
    pixels = rng.normal(size=(2, 4, 5, 3))
    assert np.shares_memory(im2col(channels_first(pixels), 1, 1), pixels)


def test_im2col_refuses_a_kernel_larger_than_the_image():
    with pytest.raises(ShapeMismatch) as refusal:
        im2col(np.zeros((1, 1, 3, 2), np.float32), (3, 3), 1)
    assert "(3, 3)" in refusal.value.detail
    assert "(3, 2)" in refusal.value.detail


def test_convolution_of_a_typed_image_does_not_flip_the_kernel():
    layer = Conv2D(1, 1, 2, initialiser=zeros)
    layer.params["weight"][:] = [[[[1, 10], [100, 1000]]]]
    layer.params["bias"][:] = 0.5
    image = np.array([[1, 2, 3], [4, 5, 6], [7, 8, 9]], np.float32)[None, None]
    y, _ = layer.forward(image)
    np.testing.assert_array_equal(y, [[[[5421.5, 6532.5], [8754.5, 9865.5]]]])


@every_geometry
def test_convolution_agrees_with_its_loop_written_twin(size, kernel, stride, padding, dilation, rng):
    layer = _layer(kernel, stride, padding, dilation, rng)
    x = rng.normal(size=(2, 3, *size))
    np.testing.assert_allclose(layer.forward(x)[0], _loop_convolution(x, layer), rtol=1e-10, atol=1e-12)


@every_geometry
def test_gradients_agree_with_central_differences(size, kernel, stride, padding, dilation, rng):
    layer = _layer(kernel, stride, padding, dilation, rng)
    errors = gradient_check(layer, rng.normal(size=(2, 3, *size)))
    assert max(errors.values()) < 1e-6, errors


@every_geometry
@pytest.mark.parametrize("channels", [1, 3])
def test_inference_gives_what_the_layer_does_whatever_the_buffers_held(
    size, kernel, stride, padding, dilation, channels, rng
):
    layer = Conv2D(channels, 2, kernel, rng, stride=stride, padding=padding, dilation=dilation).astype(np.float64)
    inference = Inference(Sequential({"conv": layer, "relu": ReLU()}))
    for count, more in [(3, 0), (5, 0), (2, 2), (3, 0)]:
        x = rng.normal(size=(count, channels, size[0], size[1] + more))
        np.testing.assert_allclose(inference.predict(x), np.maximum(layer.forward(x)[0], 0), rtol=1e-10, atol=1e-12)


@every_geometry
def test_another_array_library_gives_the_same_convolution(size, kernel, stride, padding, dilation, rng):
    layer = _layer(kernel, stride, padding, dilation, rng)
    twin = layer.map_arrays(strict.asarray)
    x = rng.normal(size=(2, 3, *size))
    y, cache = layer.forward(x)
    twin_y, twin_cache = twin.forward(strict.asarray(x))
    grad_in, grads = layer.backward(y, cache)
    twin_grad_in, twin_grads = twin.backward(twin_y, twin_cache)
    for one, other in [(twin_y, y), (twin_grad_in, grad_in), *((twin_grads[name], grads[name]) for name in grads)]:
        np.testing.assert_allclose(np.from_dlpack(one), other, rtol=1e-10, atol=1e-10)


def test_one_number_stands_for_both_directions(rng):
    layer = Conv2D(3, 4, 5, rng, stride=2, padding=(0, 1))
    assert (layer.kernel_size, layer.stride, layer.padding, layer.dilation) == ((5, 5), (2, 2), (0, 1), (1, 1))


@pytest.mark.parametrize("shape", [(2, 3, 8), (2, 1, 8, 8), (2, 3, 2, 8), (2, 3, 8, 2), (3, 8, 8)])
def test_convolution_refuses_a_wrong_shape_and_says_what_it_expected(shape, rng):
    with pytest.raises(ShapeMismatch) as refusal:
        Conv2D(3, 4, 3, rng).forward(np.zeros(shape, np.float32))
    assert refusal.value.detail == f"Conv2D expects (N, 3, H, W) with H >= 3 and W >= 3, got {shape}"


@pytest.mark.parametrize("shape", [(2, 3, 3, 9), (2, 3, 4, 6)])
def test_the_least_height_and_width_follow_from_kernel_padding_and_dilation(shape, rng):
    layer = Conv2D(3, 4, (4, 3), rng, padding=(0, 1), dilation=(1, 4))
    with pytest.raises(ShapeMismatch, match=r"with H >= 4 and W >= 7, got"):
        layer.forward(np.zeros(shape, np.float32))
    assert layer.forward(np.zeros((2, 3, 4, 7), np.float32))[0].shape == (2, 4, 1, 1)


def test_padding_makes_small_images_large_enough(rng):
    y, _ = Conv2D(1, 2, 3, rng, padding=1).forward(np.ones((1, 1, 1, 1), np.float32))
    assert y.shape == (1, 2, 1, 1)
