from __future__ import annotations

import numpy as np
import pytest

from app.inspection import each_layer, trace
from app.ocr import build_network

RESNET = {"name": "glyph-resnet", "classes": 3, "channels": [2, 4], "blocks": [0, 1], "hidden": 5, "dropout": 0.1}


@pytest.fixture
def network(rng):
    return build_network(RESNET, rng)


def test_every_layer_has_a_name_those_within_a_block_too(network):
    names = [name for name, _ in each_layer(network)]
    assert len(set(names)) == len(names)
    assert names.index("block2a.conv1") < names.index("block2a.conv2") < names.index("block2a")


def test_a_trace_ends_with_what_the_network_gives_and_passes_through_every_layer(network, rng):
    glyphs = rng.random((2, 1, 32, 32), np.float32)
    steps = list(trace(network, glyphs))
    assert [(name, layer) for name, layer, _ in steps] == list(each_layer(network))
    np.testing.assert_allclose(steps[-1][2], network.forward(glyphs)[0], rtol=1e-6)
    made = {name: y for name, _, y in steps}
    np.testing.assert_allclose(
        made["block2a"], network.layers["block2a"].forward(made["relu2"])[0], rtol=1e-5, atol=1e-6
    )
