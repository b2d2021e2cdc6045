from __future__ import annotations

import numpy as np
import pytest

from app.errors import ShapeMismatch
from app.nn import Conv2D, col2im, im2col, zeros

# image (H, W), kernel, stride, padding: odd and even sizes, windows that overlap, touch, and leave pixels over
GEOMETRIES = [
    ((5, 5), 3, 1, 0),
    ((5, 7), 3, 1, 1),
    ((6, 5), 2, 2, 0),
    ((7, 6), 3, 2, 1),
    ((8, 9), 2, 3, 0),
    ((4, 4), 4, 1, 0),
    ((3, 5), 1, 1, 0),
    ((2, 2), 5, 1, 2),
]


def _loop_im2col(images, kernel_size, stride):
    _, c, height, width = images.shape
    kh, kw = kernel_size
    oh, ow = (height - kh) // stride + 1, (width - kw) // stride + 1
    fields = []
    for image in images:
        for i in range(oh):
            for j in range(ow):
                field = image[:, i * stride : i * stride + kh, j * stride : j * stride + kw]
                fields.append([field[channel, p, q] for p in range(kh) for q in range(kw) for channel in range(c)])
    return np.array(fields)


def _loop_convolution(x, weight, bias, stride, padding):
    n, c, height, width = x.shape
    out_channels, _, kh, kw = weight.shape
    padded = np.zeros((n, c, height + 2 * padding, width + 2 * padding), x.dtype)
    padded[:, :, padding : padding + height, padding : padding + width] = x
    oh, ow = (padded.shape[2] - kh) // stride + 1, (padded.shape[3] - kw) // stride + 1
    y = np.empty((n, out_channels, oh, ow), x.dtype)
    for image in range(n):
        for o in range(out_channels):
            for i in range(oh):
                for j in range(ow):
                    field = padded[image, :, i * stride : i * stride + kh, j * stride : j * stride + kw]
                    y[image, o, i, j] = (field * weight[o]).sum() + bias[o]
    return y


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


@pytest.mark.parametrize("size, kernel, stride, padding", GEOMETRIES)
def test_im2col_agrees_with_its_loop_written_twin(size, kernel, stride, padding, rng):
    images = rng.normal(size=(2, 3, size[0] + 2 * padding, size[1] + 2 * padding))
    fast = im2col(images, (kernel, kernel), stride)
    np.testing.assert_array_equal(fast, _loop_im2col(images, (kernel, kernel), stride))


def test_im2col_takes_kernels_that_are_not_square(rng):
    images = rng.normal(size=(2, 3, 6, 7))
    np.testing.assert_array_equal(im2col(images, (2, 4), 1), _loop_im2col(images, (2, 4), 1))


@pytest.mark.parametrize("size, kernel, stride, padding", GEOMETRIES)
def test_col2im_is_the_transpose_of_im2col(size, kernel, stride, padding, rng):
    """<im2col(x), c> = <x, col2im(c)> for any x and c."""
    x = rng.normal(size=(2, 3, size[0] + 2 * padding, size[1] + 2 * padding))
    unrolled = im2col(x, (kernel, kernel), stride)
    c = rng.normal(size=unrolled.shape)
    assert (unrolled * c).sum() == pytest.approx((x * col2im(c, x.shape, (kernel, kernel), stride)).sum(), rel=1e-12)


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


@pytest.mark.parametrize("size, kernel, stride, padding", GEOMETRIES)
def test_convolution_agrees_with_its_loop_written_twin(size, kernel, stride, padding, rng):
    layer = Conv2D(3, 4, kernel, rng, stride=stride, padding=padding).astype(np.float64)
    layer.params["bias"][:] = rng.normal(size=4)
    x = rng.normal(size=(2, 3, *size))
    slow = _loop_convolution(x, layer.params["weight"], layer.params["bias"], stride, padding)
    np.testing.assert_allclose(layer.forward(x)[0], slow, rtol=1e-10, atol=1e-12)


@pytest.mark.parametrize("shape", [(2, 3, 8), (2, 1, 8, 8), (2, 3, 2, 8), (2, 3, 8, 2), (3, 8, 8)])
def test_convolution_refuses_a_wrong_shape_and_says_what_it_expected(shape, rng):
    with pytest.raises(ShapeMismatch) as refusal:
        Conv2D(3, 4, 3, rng).forward(np.zeros(shape, np.float32))
    assert refusal.value.detail == f"Conv2D expects (N, 3, H, W) with H, W >= 3, got {shape}"


def test_padding_makes_small_images_large_enough(rng):
    y, _ = Conv2D(1, 2, 3, rng, padding=1).forward(np.ones((1, 1, 1, 1), np.float32))
    assert y.shape == (1, 2, 1, 1)
