from __future__ import annotations

import numpy as np
import pytest

from app.inspection import saliency
from app.ocr import build_network

NETWORKS = {
    "dense": {"name": "dense", "classes": 3, "hidden": 4},
    "resnet": {"name": "glyph-resnet", "classes": 3, "channels": [2], "blocks": [1], "hidden": 4, "dropout": 0.5},
}


@pytest.mark.parametrize("architecture", NETWORKS.values(), ids=NETWORKS)
def test_it_is_the_slope_of_the_lead_of_one_class_over_another(architecture, rng):
    network = build_network(architecture, rng).astype(np.float64)
    glyph = rng.random((1, 1, 32, 32))
    slope = saliency(network, glyph, 2, 0)
    assert slope.shape == glyph.shape

    def lead(image):
        logits, _ = network.forward(image)
        return logits[0, 2] - logits[0, 0]

    for row, column in ((0, 0), (5, 20), (16, 16), (31, 3)):
        more, less = glyph.copy(), glyph.copy()
        more[0, 0, row, column] += 1e-6
        less[0, 0, row, column] -= 1e-6
        assert slope[0, 0, row, column] == pytest.approx((lead(more) - lead(less)) / 2e-6, rel=1e-4, abs=1e-7)


def test_what_speaks_for_one_class_speaks_against_the_other(rng):
    network = build_network(NETWORKS["dense"], rng)
    glyph = rng.random((1, 1, 32, 32), np.float32)
    np.testing.assert_allclose(saliency(network, glyph, 0, 1), -saliency(network, glyph, 1, 0), rtol=1e-6)
    assert not saliency(network, glyph, 1, 1).any()
