"""Images within an endless blank: what a network makes of them there, without computing the blank."""

from __future__ import annotations

import numpy as np
import pytest

from app.nn import Columns, Conv2D, Inference, ReLU, Residual, Sequential
from app.nn.halo import Halo
from tests.nn.worn import wear

_HEIGHT, _REACH_PX = 8, 64  # farther than any of the networks here looks


def _along(rng, dilation):
    conv = Conv2D(8, 8, (1, 3), rng, padding=(0, dilation), dilation=(1, dilation))
    return Residual(Sequential({"conv": conv, "relu": ReLU()}))


def _block(channels, rng):
    layers = {"conv1": Conv2D(channels, channels, 3, rng, padding=1), "relu1": ReLU()}
    return Residual(Sequential(layers | {"conv2": Conv2D(channels, channels, 3, rng, padding=1)}))


# name: layers, and pixels along the row for one column that comes out
NETWORKS = {
    "one layer": (lambda rng: {"conv": Conv2D(1, 3, 3, rng, padding=1)}, 1),
    "one that looks at single pixels": (lambda rng: {"conv": Conv2D(1, 3, 1, rng)}, 1),
    "steps first": (
        lambda rng: {
            "conv1": Conv2D(1, 8, 7, rng, stride=(2, 3), padding=2),
            "relu1": ReLU(),
            "conv2": Conv2D(8, 8, 2, rng, stride=(1, 2)),
            "block": _block(8, rng),
            "output": Conv2D(8, 2, 1, rng),
        },
        6,
    ),
    "a block between steps": (
        lambda rng: {
            "conv1": Conv2D(1, 4, 5, rng, stride=2, padding=2),
            "block1": _block(4, rng),
            "conv2": Conv2D(4, 8, 2, rng, stride=2),
            "block2": _block(8, rng),
            "along": _along(rng, 2),
        },
        4,
    ),
    "wide and narrow again": (
        lambda rng: {
            "collapse": Conv2D(1, 8, (_HEIGHT, 3), rng, padding=(0, 1)),
            "relu": ReLU(),
            **{f"along{number}": _along(rng, dilation) for number, dilation in enumerate((1, 2, 5, 1))},
            "output": Conv2D(8, 3, 1, rng),
            "columns": Columns(),
        },
        1,
    ),
    "most of the reach in the first layer": (
        lambda rng: {"conv": Conv2D(1, 4, (1, 9), rng, padding=(0, 4)), "block": _block(4, rng)},
        1,
    ),
}
every_network = pytest.mark.parametrize("layers, column_px", NETWORKS.values(), ids=NETWORKS)


def _network(layers, rng):
    return wear(Sequential(layers(rng)), rng).astype(np.float64)


def _blank(rng):
    """Paper that is not the same from top to bottom."""
    return np.repeat(rng.normal(size=(1, 1, _HEIGHT, 1)), 2 * _REACH_PX, axis=3)


@every_network
@pytest.mark.parametrize("columns", [1, 2, 9])
def test_an_image_is_seen_as_if_it_lay_within_a_wide_blank(layers, column_px, columns, rng):
    network, blank = _network(layers, rng), _blank(rng)
    x = rng.normal(size=(2, 1, _HEIGHT, columns * column_px))
    # Whole columns on either side, so that both images are divided alike.
    around = np.repeat(blank[..., :1], column_px * _REACH_PX, axis=3).repeat(2, axis=0)
    wide = np.concatenate([around, x, around], axis=3)
    expected = network.forward(wide)[0]
    axis = 1 if expected.ndim == 3 else 3
    expected = np.take(expected, range(_REACH_PX, _REACH_PX + columns), axis=axis)
    np.testing.assert_allclose(Inference(network, blank=blank).predict(x), expected, rtol=1e-9, atol=1e-9)


@every_network
def test_without_a_blank_images_end_where_they_end(layers, column_px, rng):
    network = _network(layers, rng)
    x = rng.normal(size=(2, 1, _HEIGHT, 9 * column_px))
    np.testing.assert_allclose(Inference(network).predict(x), network.forward(x)[0], rtol=1e-9, atol=1e-9)


def test_a_halo_is_no_wider_than_can_be_seen_from_within(rng):
    network = Sequential({f"along{number}": _along(rng, dilation) for number, dilation in enumerate((1, 2, 4, 8, 4))})
    halo = Halo(network, np.zeros((1, 4, 1, 2 * _REACH_PX)))
    margins = []
    for along in network.layers.values():
        halo.resized(along.body.layers["conv"])
        margins.append(halo.margin)
    assert margins == [1, 3, 7, 4, 0]
