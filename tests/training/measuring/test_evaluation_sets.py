from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from app.datasets.sources.synthetic import SPLITS
from app.errors import DatasetNotFound, InvalidInput
from app.ocr import build_network
from app.training.measuring import evaluation_sets
from app.training.measuring.cases import NOTHING
from app.training.measuring.evaluation_sets import make_cases
from tests.conftest import TINY_ROWS, save_unipen, save_writing, write_samples

NOWHERE = Path("no data")
DENSE = {"name": "dense", "hidden": 4}


def _model(alphabet, architecture=DENSE, **card):
    classes = len(alphabet) + (architecture is TINY_ROWS)
    architecture = {**architecture, "classes": classes}
    network = build_network(architecture, np.random.default_rng(0))
    card = {"alphabet": alphabet, "architecture": architecture, "calibration": {"temperature": 1.0}, **card}
    return card, network.arrays()


def test_imagined_writers_are_always_at_hand_and_always_the_same():
    first, second = (make_cases(*_model("0O5S"), "synthetic", NOWHERE) for _ in range(2))
    assert first.labels == "0O5S"
    assert np.bincount(first.y_true).tolist() == [10] * 4
    for name, array in vars(first).items():
        np.testing.assert_array_equal(array, getattr(second, name))


def test_no_imagined_writer_was_seen_in_training():
    seed, writers, _ = SPLITS["test"]
    assert [other[0] for other in SPLITS.values()].count(seed) == 1, "every split has its own people"
    cases = make_cases(*_model("0O"), "synthetic", NOWHERE)
    assert set(cases.writers) == {f"synthetic-{seed}-{writer}" for writer in range(writers)}


def test_rows_by_imagined_writers_hold_what_the_model_knows(monkeypatch):
    monkeypatch.setattr(evaluation_sets, "_ROWS_A_WRITER", 2)
    cases = make_cases(*_model(" abcdefghij0123456789", TINY_ROWS), "synthetic", NOWHERE)
    assert cases.labels == " abcdefghij0123456789" + NOTHING
    assert len(set(cases.writers)) == 10
    assert cases.confusion().sum() == len(cases) > 20


def test_the_data_of_the_card_are_read_where_they_are(tmp_path):
    card, arrays = _model("0O5S", data={"name": "unipen"})
    with pytest.raises(DatasetNotFound):
        make_cases(card, arrays, "valid", tmp_path)
    folder = tmp_path / "unipen"
    folder.mkdir()
    for split in ("train", "valid"):
        save_unipen(folder, split, write_samples("0O5SX", writers=3))
    cases = make_cases(card, arrays, "valid", tmp_path)
    assert len(cases) == 12, "without the X, which the model does not know"


def test_rows_of_the_data_of_the_card_are_read(tmp_path, monkeypatch):
    monkeypatch.setattr(evaluation_sets, "_ROWS_A_KIND", 2)
    folder = tmp_path / "unipen"
    folder.mkdir()
    for split in ("train", "valid"):
        save_unipen(folder, split, write_samples("abcde", writers=2))
        save_writing(folder, "words", split, ["bad", "cab"])
        save_writing(folder, "texts", split, ["bad cab"])
    data = {"name": "unipen", "max_doubt": 4}
    cases = make_cases(*_model(" abcde", TINY_ROWS, data=data, hyper_parameters={"data": data}), "valid", tmp_path)
    assert len(cases) > 10
    assert set(cases.writers) == {""}


def test_a_card_that_names_no_data_is_told():
    with pytest.raises(DatasetNotFound, match="synthetic"):
        make_cases(*_model("0O"), "valid", NOWHERE)


def test_an_alphabet_that_no_split_knows_is_refused():
    with pytest.raises(InvalidInput, match="none"):
        make_cases(*_model("éß"), "synthetic", NOWHERE)
