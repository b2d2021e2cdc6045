from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from msgspec.structs import replace

from app.datasets.sources import unipen
from app.errors import DatasetNotFound, InvalidInput
from app.training.epochs.glyph_data import GlyphDataset, load_glyph_data
from app.training.recipes.recipe import Data
from tests.conftest import save_unipen, write_samples
from tests.training.conftest import TINY


def test_doubtful_labels_are_left_out_of_training_only(data: GlyphDataset) -> None:
    assert (len(data.train), len(data.valid)) == (108, 30)
    assert data.train.doubt.max() == 0
    assert data.valid_glyphs.shape == (30, 1, 32, 32)
    np.testing.assert_array_equal(np.array(list(data.alphabet.chars))[data.valid_classes], data.valid.labels)


def test_the_fingerprint_is_that_of_the_file_whatever_is_left_out(root: Path, data: GlyphDataset) -> None:
    strict = load_glyph_data(replace(TINY.data, max_doubt=1), root)

    assert strict.fingerprint == data.fingerprint == unipen.load_unipen(root / "unipen", "train").fingerprint()
    assert load_glyph_data(replace(TINY.data, max_doubt=10), root).fingerprint == data.fingerprint


@pytest.mark.parametrize("missing", ["train", "valid"])
def test_a_missing_file_is_named(root: Path, tmp_path: Path, missing: str) -> None:
    other = {"train": "valid", "valid": "train"}[missing]
    (tmp_path / f"chars_{other}.npz").write_bytes((root / "unipen" / f"chars_{other}.npz").read_bytes())

    with pytest.raises(DatasetNotFound, match=f"chars_{missing}.npz"):
        load_glyph_data(Data(name=str(tmp_path)), tmp_path)


def test_a_validation_label_that_training_lacks_is_refused(tmp_path: Path) -> None:
    save_unipen(tmp_path, "train", write_samples("AB", 1))
    save_unipen(tmp_path, "valid", write_samples("ABC", 1))

    with pytest.raises(InvalidInput, match="got 'C'"):
        load_glyph_data(Data(name=str(tmp_path)), tmp_path)


def test_a_recipe_may_learn_a_part_of_the_alphabet_in_an_order_of_its_own(root: Path) -> None:
    data = load_glyph_data(replace(TINY.data, alphabet="BA1"), root)

    assert data.alphabet.chars == "BA1"
    assert set(data.train.labels) == set(data.valid.labels) == set("AB1")
    np.testing.assert_array_equal(np.array(list("BA1"))[data.valid_classes], data.valid.labels)


def test_characters_without_training_samples_are_named(root: Path) -> None:
    with pytest.raises(InvalidInput, match=r"no training samples of '\?'"):
        load_glyph_data(replace(TINY.data, alphabet="AB?"), root)


def test_characters_that_could_not_be_published_are_refused_before_the_training(tmp_path: Path) -> None:
    for split in ("train", "valid"):
        samples = write_samples("AB", 1)
        save_unipen(tmp_path, split, samples, labels=np.where(samples.labels == "B", "É", samples.labels))
    with pytest.raises(InvalidInput, match="whose height is known, got 'É' as well"):
        load_glyph_data(Data(name=str(tmp_path)), tmp_path)
    assert load_glyph_data(Data(name=str(tmp_path), alphabet="A"), tmp_path).alphabet.chars == "A"


def test_data_without_validation_samples_are_refused(tmp_path: Path) -> None:
    save_unipen(tmp_path, "train", write_samples("AB", 1))
    save_unipen(tmp_path, "valid", write_samples("A", 1))

    with pytest.raises(InvalidInput, match="no validation samples of 'B'"):
        load_glyph_data(Data(name=str(tmp_path), alphabet="B"), tmp_path)


def test_the_source_is_the_catalogues_also_where_the_data_are_named_by_their_folder(root: Path) -> None:
    by_name, by_folder = (load_glyph_data(Data(name=name), root) for name in ("unipen", str(root / "unipen")))

    assert by_name.source == by_folder.source
    assert by_name.source["licence"] == unipen.LICENCE
    assert by_name.source["attribution"] == unipen.ATTRIBUTION
