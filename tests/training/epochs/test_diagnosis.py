from __future__ import annotations

import numpy as np
import pytest

from app.nn import Array, Dense, Dropout, ReLU, Sequential
from app.ocr import Alphabet
from app.training.epochs.diagnosis import fault_in_batch, fault_in_inference, first_fault
from app.training.epochs.glyph_loss import NameGlyphs
from app.training.epochs.step import Batch


@pytest.fixture
def network(rng: np.random.Generator) -> Sequential:
    return Sequential({"one": Dense(4, 3, rng), "relu": ReLU(), "drop": Dropout(0.5), "two": Dense(3, 2, rng)})


@pytest.fixture
def x(rng: np.random.Generator) -> Array:
    return 1 + rng.random((5, 4), np.float32)


def _steep(logits: Array) -> tuple[float, Array]:
    return 1.0, np.full_like(logits, 1e38)


def _broken(logits: Array) -> tuple[float, Array]:
    return float("nan"), np.zeros_like(logits)


def test_nothing_is_found_where_all_is_finite(network: Sequential, x: Array) -> None:
    assert first_fault(network, x) is None
    assert first_fault(network, x, np.random.default_rng(0), lambda logits: (1.0, logits)) is None


def test_glyphs_are_looked_at_first(network: Sequential, x: Array) -> None:
    x[3, 1] = np.nan
    assert first_fault(network, x) == "the glyphs"


def test_the_last_layer_with_spoiled_weights_is_where_a_gradient_began_to_spoil_them(
    network: Sequential, x: Array
) -> None:
    network.params["one.weight"][0, 0] = np.inf
    assert first_fault(network, x) == "the weights of layer 'one'"
    network.params["two.bias"][0] = np.nan
    assert first_fault(network, x) == "the weights of layer 'two'"


def test_a_layer_whose_output_overflows_is_named(network: Sequential, x: Array) -> None:
    network.params["one.weight"][...] = 1e38
    with np.errstate(over="ignore"):
        assert first_fault(network, x) == "the output of layer 'one'"


def test_a_layer_whose_gradient_overflows_is_named(network: Sequential, x: Array) -> None:
    network.params["one.weight"][...] = 1.0
    with np.errstate(over="ignore"):
        assert first_fault(network, x, None, _steep) == "the gradient of layer 'two'"


def test_a_loss_that_is_none_is_named(network: Sequential, x: Array) -> None:
    assert first_fault(network, x, None, _broken) == "the loss"


def test_a_fault_is_found_in_whichever_part_it_is(network: Sequential, x: Array) -> None:
    objective = NameGlyphs(Alphabet("AB"))
    batch = Batch(objective.parts((np.tile(x, (3, 1)), np.array(["A"] * 15)), 3), (1, 2))
    assert fault_in_batch(network, batch, objective) is fault_in_inference(network, batch.parts) is None
    batch.parts[-1][0][0, 0] = np.nan
    assert fault_in_batch(network, batch, objective) == fault_in_inference(network, batch.parts) == "the glyphs"
