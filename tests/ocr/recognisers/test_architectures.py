from __future__ import annotations

import numpy as np
import pytest

from app.errors import UnknownArchitecture
from app.ocr import GLYPH_INPUT, build_network
from app.vision import GLYPH_SIZE, normalise_glyph

TINY = {"name": "glyph-cnn", "classes": 5, "stages": [[2], [3, 4]], "hidden": 6, "dropout": 0.5}


def test_a_glyph_network_gives_a_logit_for_each_class(rng):
    glyphs = rng.random((3, 1, GLYPH_SIZE, GLYPH_SIZE), np.float32)
    logits = build_network(TINY, rng).predict(glyphs)
    assert logits.shape == (3, 5)
    assert np.isfinite(logits).all()


def test_stages_hold_the_convolutions_asked_for_and_each_halves_the_glyph():
    params = build_network(TINY).params
    shapes = {name: array.shape for name, array in params.items() if name.startswith("conv") and "weight" in name}
    assert list(shapes.values()) == [(2, 1, 3, 3), (3, 2, 3, 3), (4, 3, 3, 3)]
    assert params["hidden.weight"].shape == (4 * (GLYPH_SIZE // 4) ** 2, 6)


def test_the_same_seed_gives_the_same_weights():
    first, second = (build_network(TINY, np.random.default_rng(3)).params for _ in range(2))
    assert first.keys() == second.keys()
    for name, array in first.items():
        np.testing.assert_array_equal(array, second[name])
    assert np.ptp(first["output.weight"]) > 0


def test_without_a_generator_the_weights_wait_to_be_loaded(rng):
    network = build_network(TINY)
    assert not any(array.any() for name, array in network.params.items() if name.endswith("weight") and array.ndim > 1)
    trained = build_network(TINY, rng)
    network.load(trained.arrays())
    glyphs = rng.random((2, 1, GLYPH_SIZE, GLYPH_SIZE), np.float32)
    np.testing.assert_array_equal(network.predict(glyphs), trained.predict(glyphs))


def test_the_description_is_left_as_it_is():
    before = dict(TINY)
    build_network(TINY)
    assert before == TINY


@pytest.mark.parametrize("name", ["glyph-transformer", "", None])
def test_an_unknown_name_is_refused_with_those_that_are_known(name):
    with pytest.raises(UnknownArchitecture, match="glyph-cnn"):
        build_network({**TINY, "name": name})


def test_a_description_without_a_name_is_refused():
    with pytest.raises(UnknownArchitecture):
        build_network({"classes": 5})


@pytest.mark.parametrize(
    "change, message",
    [
        ({"depth": 3}, "expected one of the keys stages, hidden, dropout, got 'depth'"),
        ({"stages": None}, "the arguments do not fit 'glyph-cnn': object of type 'NoneType' has no len()"),
        ({"hidden": 0}, "the arguments do not fit 'glyph-cnn': Dense expects out_features of at least 1, got 0"),
        ({"dropout": 1}, "the arguments do not fit 'glyph-cnn': Dropout expects a rate in [0, 1), got 1"),
    ],
    ids=str,
)
def test_arguments_that_do_not_fit_are_refused(change, message):
    with pytest.raises(UnknownArchitecture) as refusal:
        build_network({**TINY, **change})
    assert refusal.value.detail == message


def test_an_argument_that_is_missing_is_named():
    with pytest.raises(UnknownArchitecture, match=r"^expected the key 'hidden', got none$"):
        build_network({"name": "dense", "classes": 5})


@pytest.mark.parametrize("stages", [[[2]] * 6, [[2], []], [[1] * 27]], ids=["too many", "empty", "too long"])
def test_stages_that_cannot_be_built_are_refused(stages):
    with pytest.raises(UnknownArchitecture, match="stages"):
        build_network({**TINY, "stages": stages})


def test_a_card_says_of_the_input_what_normalising_makes(rng):
    glyph = normalise_glyph(rng.integers(0, 256, (50, 40), np.uint8))
    assert glyph.shape == (GLYPH_INPUT["height"], GLYPH_INPUT["width"])
    assert glyph.max() == GLYPH_INPUT["ink"]
    assert glyph.min() == GLYPH_INPUT["paper"]
    assert GLYPH_INPUT["made_by"] == normalise_glyph.__name__


def test_a_dense_network_has_one_sigmoid_layer_and_weights_on_the_scale_of_glorot(rng):
    network = build_network({"name": "dense", "classes": 36, "hidden": 64}, rng)
    weight = network.params["hidden.weight"]
    assert weight.shape == (GLYPH_SIZE**2, 64)
    assert network.params["output.weight"].shape == (64, 36)
    assert set(network.params) == {"hidden.weight", "hidden.bias", "output.weight", "output.bias"}
    limit = np.sqrt(6 / (GLYPH_SIZE**2 + 64))
    assert 0.99 * limit < np.abs(weight).max() <= limit
    glyphs = rng.random((3, 1, GLYPH_SIZE, GLYPH_SIZE), np.float32)
    hidden = 1 / (1 + np.exp(-glyphs.reshape(3, -1) @ weight))
    np.testing.assert_allclose(network.predict(glyphs), hidden @ network.params["output.weight"], atol=1e-5)


@pytest.mark.parametrize("change", [{"hidden": "many"}, {"hidden": 0}, {"stages": [[2]]}], ids=str)
def test_a_dense_network_that_cannot_be_built_is_refused(change):
    with pytest.raises(UnknownArchitecture):
        build_network({"name": "dense", "classes": 5, "hidden": 4, **change})


RESNET = {"name": "glyph-resnet", "classes": 5, "channels": [2, 3], "blocks": [0, 2], "hidden": 6, "dropout": 0.5}


def test_a_residual_network_halves_the_glyph_by_strides_and_has_the_blocks_asked_for(rng):
    network = build_network(RESNET, rng)
    shapes = {name: array.shape for name, array in network.params.items() if array.ndim == 4}
    assert shapes == {
        "conv1.weight": (2, 1, 5, 5),
        "conv2.weight": (3, 2, 2, 2),
        **{f"block2{letter}.conv{number}.weight": (3, 3, 3, 3) for letter in "ab" for number in (1, 2)},
    }
    assert network.params["hidden.weight"].shape == (3 * (GLYPH_SIZE // 4) ** 2, 6)
    logits = network.predict(rng.random((3, 1, GLYPH_SIZE, GLYPH_SIZE), np.float32))
    assert logits.shape == (3, 5)
    assert np.ptp(logits) > 0


@pytest.mark.parametrize(
    "change",
    [{"channels": [2] * 6, "blocks": [0] * 6}, {"channels": [], "blocks": []}, {"blocks": [1]}, {"blocks": [0, -1]}],
    ids=str,
)
def test_a_residual_network_that_cannot_be_built_is_refused(change):
    with pytest.raises(UnknownArchitecture, match="stages"):
        build_network({**RESNET, **change})


@pytest.mark.parametrize(
    "network",
    [{**RESNET, "channels": [0, 3]}, {**RESNET, "hidden": 0}, {**TINY, "stages": [[2], [-3]]}, {**TINY, "hidden": 0}],
    ids=str,
)
@pytest.mark.parametrize("seed", [None, 0])
def test_layers_of_no_units_are_refused(network, seed):
    with pytest.raises(UnknownArchitecture, match=r"of at least 1, got (0|-3)"):
        build_network(network, None if seed is None else np.random.default_rng(seed))
