"""A run computes where it is told to.

array_api_strict stands in for CuPy: an array library of its own, which takes no NumPy array for one of its arrays and
refuses whatever the standard does not have.
"""

from __future__ import annotations

import sys
from pathlib import Path
from types import SimpleNamespace

import array_api_strict as strict
import numpy as np
import pytest
from msgspec.structs import replace

from app.errors import InvalidInput, TrainingDiverged
from app.nn import Array
from app.ocr import Alphabet
from app.training.epochs.checkpoint import load_checkpoint
from app.training.epochs.device import CPU, Device, find_device
from app.training.epochs.glyph_data import GlyphDataset
from app.training.epochs.glyph_loss import loss_and_gradient
from app.training.epochs.history import Epoch
from app.training.epochs.row_loss import RowTruth, SpellRows
from app.training.epochs.run import Run
from app.training.epochs.train import TrainingData, train_recipe
from app.training.publishing.publish import describe
from app.training.recipes.recipe import EarlyStopping, Loss, RunRecipe
from app.training.recipes.tables import ConstantTable, SGDTable
from tests.training.conftest import TINY, phased
from tests.training.test_row_training import RECIPE as ROWS
from tests.training.test_row_training import BarsAndRings


def _to_strict(array: Array) -> strict.Array:
    assert type(array) is np.ndarray
    return strict.asarray(array, copy=True)


STRICT = Device(_to_strict, np.from_dlpack)
# Of gradients that are nothing but rounding errors, those of biases before normalisation, AdamW makes whole steps.
DESCENT = SGDTable(momentum=0.5)
GLYPHS = replace(
    phased(replace(TINY, optimiser=DESCENT, schedule=ConstantTable()), epochs=1, lr=0.02),
    loss=Loss(smoothing=0.05, group="0123456789", group_weight=0.4),
    early_stopping=EarlyStopping(patience=1),
    average=0.9,
)
BARS = replace(phased(ROWS, epochs=1, lr=0.02), optimiser=DESCENT)


@pytest.fixture(autouse=True)
def _only_what_the_standard_has():
    with strict.ArrayAPIStrictFlags(api_version="2024.12"):
        yield


def _close(arrays: dict[str, Array], expected: dict[str, Array]) -> None:
    """NumPy's arrays, and the same ones but for rounding."""
    assert arrays.keys() == expected.keys()
    for name, array in arrays.items():
        assert type(array) is np.ndarray
        np.testing.assert_allclose(array, expected[name], rtol=1e-3, atol=1e-4, err_msg=name)


@pytest.mark.parametrize("kind", ["glyphs", "rows"])
def test_an_epoch_elsewhere_gives_the_weights_and_figures_of_numpy(kind: str, data: GlyphDataset) -> None:
    learnt: TrainingData = data if kind == "glyphs" else BarsAndRings()
    recipe: RunRecipe = GLYPHS if kind == "glyphs" else BARS

    elsewhere, here = (train_recipe(learnt, recipe, workers=0, device=device) for device in (STRICT, CPU))

    assert all(isinstance(array, type(strict.asarray(0.0))) for array in elsewhere.network.arrays().values())
    _close(elsewhere.trained().arrays(), here.trained().arrays())
    _close(elsewhere.initial, here.initial)
    (epoch,), (expected,) = elsewhere.history, here.history
    for figure in ("train_loss", "train_accuracy", "valid_loss", "valid_accuracy", "last_loss"):
        assert getattr(epoch, figure) == pytest.approx(getattr(expected, figure), rel=1e-3), figure
    assert any((array != here.initial[name]).any() for name, array in here.trained().params.items())


@pytest.mark.parametrize("first, second", [(STRICT, CPU), (CPU, STRICT)], ids=["to the CPU", "from the CPU"])
def test_a_run_goes_on_elsewhere_from_its_checkpoint(
    data: GlyphDataset, tmp_path: Path, first: Device, second: Device
) -> None:
    recipe = replace(phased(epochs=2), average=0.9, early_stopping=EarlyStopping(patience=2))
    checkpoint = tmp_path / "run.ckpt"

    def stop(epoch: Epoch) -> None:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        train_recipe(data, recipe, workers=0, device=first, checkpoint=checkpoint, on_epoch=stop)
    taken_up = Run(recipe, data.alphabet, data.fingerprint, device=second)
    taken_up.resume(checkpoint)
    taken_up.save(tmp_path / "again.ckpt")
    again, saved = (load_checkpoint(tmp_path / name, taken_up.identity) for name in ("again.ckpt", "run.ckpt"))
    np.testing.assert_equal(again, saved)

    resumed = train_recipe(data, recipe, workers=0, device=second, checkpoint=checkpoint, resume=True)

    whole = train_recipe(data, recipe, workers=0)
    for epoch, expected in zip(resumed.history, whole.history, strict=True):
        assert epoch.train_loss == pytest.approx(expected.train_loss, rel=1e-2)
        assert epoch.valid_loss == pytest.approx(expected.valid_loss, rel=1e-2)


def test_a_network_trained_elsewhere_is_described_like_any_other(data: GlyphDataset) -> None:
    run = train_recipe(data, GLYPHS, workers=0, device=STRICT)
    metrics = describe(run, data)["metrics"]["valid"]
    assert metrics["accuracy"] == pytest.approx(run.history[-1].valid_accuracy)


def test_a_run_that_diverges_elsewhere_names_the_layer_too(data: GlyphDataset) -> None:
    wild = replace(phased(lr=1e30), optimiser=SGDTable(), schedule=ConstantTable())

    with pytest.raises(TrainingDiverged, match=r"in epoch 1, batch 2, at lr 1e\+30; first not finite: .* layer '\w+'"):
        train_recipe(data, wild, workers=0, device=STRICT)


def test_the_loss_of_a_group_is_the_same_elsewhere(rng: np.random.Generator) -> None:
    logits, classes, group = rng.normal(size=(6, 5)), np.array([1, 0, 4, 3, 2, 1]), np.array([0, 1, 1, 0, 1], bool)

    loss, grad = loss_and_gradient(strict.asarray(logits), classes, 0.1, group, 0.3)

    expected_loss, expected_grad = loss_and_gradient(logits, classes, 0.1, group, 0.3)
    assert loss == pytest.approx(expected_loss)
    np.testing.assert_allclose(np.from_dlpack(grad), expected_grad, atol=1e-12)


def test_lanes_without_rows_have_no_loss_elsewhere_either(rng: np.random.Generator) -> None:
    nothing = RowTruth([], np.zeros((0, 1), np.int64), np.zeros(0, np.int64))

    loss, grad = SpellRows(Alphabet("ab")).loss(strict.asarray(rng.normal(size=(2, 9, 3))), nothing)

    assert loss == 0
    np.testing.assert_array_equal(np.from_dlpack(grad), np.zeros((2, 9, 3)))


def test_without_cupy_a_gpu_is_refused_with_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "cupy", None)
    with pytest.raises(InvalidInput, match=r"CuPy.*pip install -e '\.\[gpu\]'"):
        find_device("gpu")


def test_why_cupy_cannot_be_imported_is_told_in_one_line(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "cupy.py").write_text("raise ImportError('Not\\ninstalled\\n') from ImportError('no libcuda')")
    monkeypatch.syspath_prepend(tmp_path)
    monkeypatch.delitem(sys.modules, "cupy", raising=False)
    with pytest.raises(InvalidInput, match=r"no libcuda$"):
        find_device("gpu")


def test_cupy_without_a_gpu_is_refused_by_its_version(monkeypatch: pytest.MonkeyPatch) -> None:
    cupy = SimpleNamespace(__version__="13.4.0", cuda=SimpleNamespace(is_available=lambda: False))
    monkeypatch.setitem(sys.modules, "cupy", cupy)
    with pytest.raises(InvalidInput, match=r"expected a GPU for CuPy 13\.4\.0, found none"):
        find_device("gpu")


def test_cupy_with_a_gpu_moves_arrays_there_and_back(monkeypatch: pytest.MonkeyPatch) -> None:
    cupy = SimpleNamespace(cuda=SimpleNamespace(is_available=lambda: True), asarray=_to_strict, asnumpy=np.from_dlpack)
    monkeypatch.setitem(sys.modules, "cupy", cupy)
    assert find_device("gpu") == STRICT


def test_on_the_cpu_nothing_is_copied() -> None:
    array = np.zeros(3, np.float32)
    assert find_device("cpu") is CPU
    assert CPU.to_device(array) is array
    assert CPU.to_host(array) is array
