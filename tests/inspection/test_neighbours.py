from __future__ import annotations

import numpy as np
import pytest

from app.inspection import hidden_features, nearest
from app.ocr import build_network


def test_features_are_what_the_last_layer_is_given(rng):
    network = build_network({"name": "dense", "classes": 3, "hidden": 4}, rng)
    glyphs = rng.random((130, 1, 32, 32), np.float32)
    features = hidden_features(network, glyphs)
    assert features.shape == (130, 4)
    logits, _ = network.layers["output"].forward(features)
    np.testing.assert_allclose(logits, network.predict(glyphs), rtol=1e-4, atol=1e-5)


def test_a_glyph_is_most_alike_to_itself(rng):
    known = rng.random((20, 5))
    indices, similarity = nearest(known, known[7], 3)
    assert indices[0] == 7
    assert similarity[0] == pytest.approx(1)
    assert similarity.tolist() == sorted(similarity, reverse=True)


def test_length_does_not_count_and_nothing_is_alike_to_nothing():
    known = np.array([[0.0, 9.0], [0.1, 0.0], [0.0, 0.0]])
    indices, similarity = nearest(known, np.array([5.0, 0.0]), 9)
    assert indices.tolist() == [1, 0, 2]
    assert similarity.tolist() == [1, 0, 0]
