from __future__ import annotations

import gzip
import struct
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image
from scipy.io import savemat

from app.datasets import DATASETS, GlyphSet, StrokeSet, draw_glyph_set, load_samples
from app.datasets.catalogue import find
from app.errors import DatasetNotFound, InvalidInput
from tests.conftest import save_unipen


def _fill(folder: Path, name: str, samples: StrokeSet) -> None:
    """Put the smallest files of a data set into a folder."""
    folder.mkdir(parents=True)
    match name:
        case "unipen":
            for split in ("train", "valid"):
                save_unipen(folder, split, samples)
        case "nist36" | "nist26":
            for split in ("train", "valid", "test"):
                arrays = {f"{split}_data": np.ones((2, 1024)), f"{split}_labels": np.eye(int(name[4:]))[:2]}
                savemat(folder / f"{name}_{split}.mat", arrays)
        case "mnist":
            _fill_idx(folder, "train", "t10k")
        case _:
            _fill_idx(folder, f"{name}-train", f"{name}-test")
            (folder / f"{name}-mapping.txt").write_text(f"0 {ord(DATASETS[name].classes[0])}\n")


def _fill_idx(folder: Path, *parts: str) -> None:
    for count, part in zip((5, 2), parts, strict=True):
        for end, shape in (("images-idx3", (count, 28, 28)), ("labels-idx1", (count,))):
            header = bytes([0, 0, 8, len(shape)]) + struct.pack(f">{len(shape)}I", *shape)
            (folder / f"{part}-{end}-ubyte.gz").write_bytes(gzip.compress(header + bytes(int(np.prod(shape)))))


FILLED = [name for name in DATASETS if name in {"unipen", "nist36", "nist26", "mnist"} or name.startswith("emnist-")]


@pytest.mark.parametrize("name", FILLED)
def test_every_data_set_is_read_by_its_name_and_by_its_folder(
    tmp_path: Path, name: str, pen_samples: StrokeSet
) -> None:
    entry = DATASETS[name]
    _fill(entry.folder(tmp_path), name, pen_samples)
    form = entry.form_in(tmp_path)
    assert form is not None
    for split in form.splits:
        by_name, by_path = (load_samples(which, split, tmp_path) for which in (name, str(entry.folder(tmp_path))))
        assert by_name.fingerprint() == by_path.fingerprint()
        assert set(by_name.alphabet) <= set(entry.classes)
        assert isinstance(by_name, StrokeSet if entry.kind == "strokes" else GlyphSet)


def test_a_folder_of_images_is_told_by_its_sub_folders(tmp_path: Path) -> None:
    (tmp_path / "mine" / "train" / "U+0041").mkdir(parents=True)
    Image.new("L", (9, 9)).save(tmp_path / "mine/train/U+0041/a.png")
    assert load_samples(str(tmp_path / "mine"), "train", Path()).alphabet == "A"


def test_strokes_become_glyphs_on_demand(tmp_path: Path, pen_samples: StrokeSet) -> None:
    _fill(tmp_path / "unipen", "unipen", pen_samples)
    glyphs = draw_glyph_set(load_samples("unipen", "valid", tmp_path))
    assert glyphs.images.shape == (len(pen_samples), 32, 32)
    assert (glyphs.images.max(axis=(1, 2)) == 255).all()
    np.testing.assert_array_equal(glyphs.labels, pen_samples.labels)
    np.testing.assert_array_equal(glyphs.writers, pen_samples.writers)


def test_images_are_given_as_they_are(tmp_path: Path, pen_samples: StrokeSet) -> None:
    _fill(tmp_path / "mnist", "mnist", pen_samples)
    assert load_samples("mnist", "train", tmp_path).images.shape == (3, 28, 28)


@pytest.mark.parametrize("name, hint", [("mnist", "inkrow data fetch mnist brings it"), ("nist36", "nist36_train.mat")])
def test_a_data_set_that_is_not_there_says_how_to_get_it(tmp_path: Path, name: str, hint: str) -> None:
    with pytest.raises(DatasetNotFound, match=hint) as caught:
        load_samples(name, "train", tmp_path)
    assert caught.value.context == {"name": name, "path": str(tmp_path / name)}


def test_an_unknown_name_lists_the_names(tmp_path: Path) -> None:
    with pytest.raises(DatasetNotFound, match=r"no data set 'mnits'; there are .*mnist, .*the path of a folder"):
        load_samples("mnits", "train", tmp_path)


def test_an_unknown_split_lists_the_splits(tmp_path: Path, pen_samples: StrokeSet) -> None:
    _fill(tmp_path / "unipen", "unipen", pen_samples)
    with pytest.raises(InvalidInput, match=r"expected a split of unipen \(train, valid\), got 'test'"):
        load_samples("unipen", "test", tmp_path)


def test_a_folder_of_something_else_says_what_could_be_there(tmp_path: Path) -> None:
    (tmp_path / "notes.txt").write_text("")
    with pytest.raises(DatasetNotFound, match=r"holds no data set; expected in it one of: .*chars_train\.npz"):
        load_samples(str(tmp_path), "train", tmp_path)


def test_prepared_characters_go_before_the_original_ones(tmp_path: Path, pen_samples: StrokeSet) -> None:
    (tmp_path / "unipen/train_r01_v07/data/1a").mkdir(parents=True)
    assert "as it was published" in find("unipen", tmp_path)[1].content
    save_unipen(tmp_path / "unipen", "train", pen_samples)
    assert "selected and cleaned" in find("unipen", tmp_path)[1].content


@pytest.mark.parametrize("name, entry", DATASETS.items())
def test_entries_say_all_that_a_list_shows(name: str, entry: Any) -> None:
    assert entry.name == name
    assert entry.sentence.endswith(".")
    assert entry.licence
    assert entry.forms
    assert len(set(entry.classes)) == len(entry.classes)
    assert all(file.checksum and file.url.startswith("https://") for file in entry.files)
