from __future__ import annotations

import numpy as np
import pytest

from app.errors import ShapeMismatch
from app.inspection import activation_images, layer_images, neighbour_correlation, tile, weight_images
from app.ocr import build_network
from app.vision import GLYPH_SIZE


def test_each_unit_is_an_image_of_the_pixels_it_weighs(rng):
    network = build_network({"name": "dense", "classes": 3, "hidden": 5}, rng)
    images = weight_images(network.params["hidden.weight"], (GLYPH_SIZE, GLYPH_SIZE))
    assert images.shape == (5, GLYPH_SIZE, GLYPH_SIZE)
    glyph = rng.random((GLYPH_SIZE, GLYPH_SIZE), np.float32)
    driven, _ = network.layers["hidden"].forward(glyph.reshape(1, -1))
    np.testing.assert_allclose((images * glyph).sum(axis=(1, 2)), driven[0], rtol=1e-4, atol=1e-5)


def test_weights_of_another_number_of_pixels_are_refused():
    with pytest.raises(ShapeMismatch, match=r"\(12, 2\)"):
        weight_images(np.zeros((12, 2)), (3, 3))


def test_tiles_run_along_rows_with_nothing_between_and_after_them():
    images = np.arange(1.0, 4.0)[:, None, None] * np.ones((3, 2, 2))
    x = np.nan
    np.testing.assert_array_equal(
        tile(images, 2),
        [
            [1, 1, x, 2, 2],
            [1, 1, x, 2, 2],
            [x, x, x, x, x],
            [3, 3, x, x, x],
            [3, 3, x, x, x],
        ],
    )


def test_noise_has_no_likeness_of_neighbours_and_a_slope_has_much(rng):
    assert abs(neighbour_correlation(rng.normal(size=(20, 16, 16)))) < 0.05
    slope = np.add.outer(np.arange(16.0), np.arange(16.0))
    assert neighbour_correlation(slope[None]) > 0.98
    checks = np.indices((8, 8)).sum(axis=0) % 2
    assert neighbour_correlation(checks[None].astype(float)) == pytest.approx(-1)
    assert neighbour_correlation(np.ones((1, 4, 4))) == 0


def test_kernels_of_one_output_make_a_row_and_those_of_one_input_a_square(rng):
    images, columns = layer_images(rng.normal(size=(6, 4, 3, 2)), (32, 32))
    assert (images.shape, columns) == ((24, 3, 2), 4)
    images, columns = layer_images(rng.normal(size=(10, 1, 5, 5)), (32, 32))
    assert (images.shape, columns) == ((10, 5, 5), 4)


def test_a_dense_layer_behind_others_is_one_image(rng):
    weight = rng.normal(size=(7, 3))
    images, columns = layer_images(weight, (32, 32))
    np.testing.assert_array_equal(images[0], weight)
    assert columns == 1
    assert layer_images(rng.normal(size=(6, 3)), (2, 3))[0].shape == (3, 2, 3)


@pytest.mark.parametrize(
    "shape, images, columns",
    [((5, 8, 8), (5, 8, 8), 3), ((5,), (5, 1, 1), 3), ((20, 6), (1, 6, 20), 1), ((4, 1, 30), (4, 1, 30), 1)],
)
def test_activations_are_images_whatever_their_shape(shape, images, columns):
    found, across = activation_images(np.zeros(shape))
    assert (found.shape, across) == (images, columns)
